"""JSON shapes of changing what tables are: plans, which are also what was done."""

from __future__ import annotations

from floe_bench.cli.noun import COLUMN, each
from floe_bench.cli.shape import Field, Shape

CHANGE = Shape(
    "change",
    Field("how", "add, rename, widen, drop, doc or optional"),
    Field("column", "its name; with dots for nested ones"),
    Field("to", "new name, type or doc; empty for drop and optional"),
)
SCHEMA_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("from_id", "id of the current schema; `alter --schema` goes back to it"),
    Field("schema_id", "earlier schema that becomes the current one; null for changes"),
    Field("changes", "list of {how, column, to}", each("changes", CHANGE)),
    Field("before", "list of columns", each("before", COLUMN)),
    Field("after", "list of columns", each("after", COLUMN)),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
PARTITION_FIELD = Shape(
    "field",
    Field("field_id", "id of the partition field, for good"),
    Field("name", "its name"),
    Field("told", "what it is, as day(ordered_at)"),
)
PARTITION_CHANGE = Shape(
    "change",
    Field("how", "add, drop or rename"),
    Field("field", "what is added, as day(ordered_at); else name of one that there is"),
    Field("to", "new name; empty for drop, and for a name that Iceberg gives"),
)
PARTITION_PLAN = Shape(
    "plan of a partitioning",
    Field("table", "full name, as namespace.name"),
    Field("from_id", "id of the current partitioning; `alter --spec` goes back to it"),
    Field("spec_id", "earlier partitioning that becomes the current one; null for changes"),
    Field("changes", "list of {how, field, to}", each("changes", PARTITION_CHANGE)),
    Field("before", "list of {field_id, name, told}", each("before", PARTITION_FIELD)),
    Field("after", "list of {field_id, name, told}", each("after", PARTITION_FIELD)),
    Field("old_files", "data files of now that stay laid out otherwise"),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
SORT_PLAN = Shape(
    "plan of a sort order",
    Field("table", "full name, as namespace.name"),
    Field("from_id", "id of the current sort order; `alter --sort-order` goes back to it"),
    Field("order_id", "earlier sort order that becomes the current one; null for fields"),
    Field("fields", "what is to be sorted by, as it was typed", lambda plan: list(plan.fields)),
    Field("before", "list of fields, as spend desc nulls last", lambda plan: list(plan.before)),
    Field("after", "list of fields", lambda plan: list(plan.after)),
    Field("old_files", "data files of now, which stay as they are"),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
RENAME_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("to", "the new one"),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
DROP_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("purge", "the catalog is asked to delete the files as well"),
    Field("snapshots", "snapshots that are lost"),
    Field("rows", "rows of now that are lost"),
    Field("bytes", "their bytes"),
    Field("refs", "branches and tags that are lost, main left out", lambda plan: list(plan.refs)),
    Field("readers", "assets that read it", lambda plan: list(plan.readers)),
)
PROMOTE_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("ref", "branch or tag that main goes forward to"),
    Field("from_snapshot", "main before; null without one", lambda plan: plan.move.before.snapshot_id),
    Field("to_snapshot", "main after", lambda plan: plan.move.after.snapshot_id),
    Field("snapshots", "snapshots that come onto the main line"),
)
