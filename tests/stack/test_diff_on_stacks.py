"""What `tests/contracts/test_diff.py` claims, on every stack of containers."""

from test_diff import *  # noqa: F403
