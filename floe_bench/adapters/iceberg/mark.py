"""Our marks in the summaries of snapshots."""

from __future__ import annotations

EMPTY = "floe.undo"
"""Of a snapshot without files: it stands for "before the first write"."""

SAME_AS = "floe.same-as"
"""Of a rewrite: earlier snapshots with the same rows, newest first. It tells of them when they are gone, too."""
