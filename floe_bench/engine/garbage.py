"""How often the engine looks for garbage that refers to itself."""

from __future__ import annotations

import gc

_MADE = 50_000
"""Objects that are made between two looks at the young ones. Python's own 700 is half of the time in which a large
table's files are read: each of them is a dozen objects, and none of them garbage."""


def look_less_often() -> None:
    """In this process, from now on. What nothing refers to is freed at once as ever."""
    gc.set_threshold(_MADE)
