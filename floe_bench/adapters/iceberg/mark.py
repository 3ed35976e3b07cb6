"""Our marks in the summaries of snapshots."""

from __future__ import annotations

EMPTY = "floe.undo"
"""Of a snapshot without files: it stands for "before the first write"."""
