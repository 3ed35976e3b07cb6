"""What `tests/contracts/test_dbt_adapter.py` claims, on every stack of containers."""

from test_dbt_adapter import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
