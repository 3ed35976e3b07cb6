"""What `tests/contracts/test_maintenance.py` claims, on every stack of containers."""

from test_maintenance import *  # noqa: F403
