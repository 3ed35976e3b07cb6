"""What `tests/contracts/test_compute_duckdb.py` claims, on every stack of containers."""

from test_compute_duckdb import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
