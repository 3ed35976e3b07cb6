"""What `tests/contracts/test_catalog_rest.py` claims, on every stack of containers."""

from test_catalog_rest import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
