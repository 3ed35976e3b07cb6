"""Our marks in the summaries of snapshots."""

from __future__ import annotations

EMPTY = "floe.undo"
"""Of a snapshot without files: it stands for "before the first write"."""
EMPTY_WORDS = "before the first write"

MADE_FOR = "floe.made-for-branch"
"""Beside it: the table was made so that this branch can be written."""

SAME_AS = "floe.same-as"
"""Of a rewrite: earlier snapshots with the same rows, newest first. It tells of them when they are gone, too."""

CARRIED = "floe.carried-from"
"""Of a copy: the stack that it was copied from, and beside it which of its snapshots."""
CARRIED_SNAPSHOT = "floe.carried-snapshot"

STAGED, PUBLISHED = "wap.id", "published-wap-id"
"""Of a snapshot that was written to be looked at first, and of the one that published it.

Source: Iceberg spec, "Optional Snapshot Summary Fields"."""

PICKED = "source-snapshot-id"
"""Of a cherry-pick: the snapshot that added the same rows first. Iceberg's own name, as above."""
