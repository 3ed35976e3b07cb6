"""What `tests/contracts/test_write_path.py` claims, on every stack of containers."""

from test_write_path import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
