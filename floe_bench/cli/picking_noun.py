"""JSON shapes of cherry-picking: ``{"plan": …, "done": …}``."""

from __future__ import annotations

from floe_bench.cli.shape import Field, Shape

PICK_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("snapshot_id", "snapshot that is picked"),
    Field("onto", "branch that gets what it brought"),
    Field("before", "snapshot that the branch is at; null without one"),
    Field("operation", "the picked snapshot's: append, overwrite, delete or replace"),
    Field("forward", "the branch is at its parent, so that it becomes the head itself"),
    Field("files", "data files that it added"),
    Field("rows", "rows in them"),
    Field("bytes", "their bytes"),
    Field("wap_id", "name that it was staged under; empty when it was not"),
    Field("replaced_files", "data files that it takes away in return"),
    Field("replaced_rows", "rows in them"),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
PICKED = Shape(
    "done",
    Field("table", "full name, as namespace.name"),
    Field("onto", "branch that was changed"),
    Field("picked", "snapshot that was picked"),
    Field("from_snapshot", "the branch before; null without one"),
    Field("to_snapshot", "the branch after"),
    Field("forward", "the picked snapshot is the head itself"),
    Field("files", "data files that came"),
    Field("rows", "rows in them"),
    Field("replaced_rows", "rows that went in return"),
    Field("attempts", "1, and one more each time somebody wrote in between"),
)
