"""What `tests/contracts/test_views.py` claims, on every stack of containers."""

from test_views import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
