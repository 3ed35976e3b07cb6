"""What `tests/contracts/test_carry.py` claims, on every stack of containers."""

from test_carry import *  # noqa: F403
