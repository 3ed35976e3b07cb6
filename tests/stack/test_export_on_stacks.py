"""What `tests/contracts/test_export.py` claims, on every stack of containers."""

from test_export import *  # noqa: F403
