"""What `tests/contracts/test_connect.py` claims, on every stack of containers."""

from test_connect import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
