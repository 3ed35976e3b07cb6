"""What `tests/contracts/test_rewrite_manifests.py` claims, on every stack of containers."""

from test_rewrite_manifests import *  # noqa: F403
