"""What `tests/contracts/test_catalog_heads.py` and `test_undo_properties.py` claim, on every stack of containers."""

from test_catalog_heads import *  # noqa: F403
from test_undo_properties import *  # noqa: F403
