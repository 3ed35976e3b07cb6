"""What `tests/contracts/test_anatomy.py` claims, on every stack of containers."""

from test_anatomy import *  # noqa: F403
