"""What `tests/contracts/test_profile.py` claims, on every stack of containers."""

from test_profile import *  # noqa: F403
