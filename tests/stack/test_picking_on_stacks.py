"""What `tests/contracts/test_picking.py` claims, on every stack of containers."""

from test_picking import *  # noqa: F403
