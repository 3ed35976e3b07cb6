"""Changes of a table as JSON: ``{"plan": …, "done": …}``."""

from __future__ import annotations

from floe_bench.cli.noun import each, time
from floe_bench.cli.shape import Field, Shape

REF_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("name", "name of the branch or tag"),
    Field("kind", "branch or tag"),
    Field("before", "snapshot that it points to before; null when it is new"),
    Field("after", "snapshot that it points to after; null when it goes"),
    Field("max_age_s", "seconds after which it may be dropped; null for never"),
)
PROPERTY_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field(
        "before", "what changes, key to value, as it is before; a new key is missing", lambda plan: dict(plan.before)
    ),
    Field("after", "the same after; a key that goes is missing", lambda plan: dict(plan.after)),
)
EXPIRE_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("older_than", "snapshots of before that may go", time("older_than")),
    Field("keep", "so many of each branch stay in any case"),
    Field("going", "ids of the snapshots that go, oldest first", lambda plan: list(plan.going)),
    Field("staying", "number of snapshots that stay"),
    Field(
        "held",
        "older ones that stay all the same: id (as text) to reason",
        lambda plan: {str(at): why for at, why in plan.held.items()},
    ),
    Field("files", "files that only those need which go"),
    Field("bytes", "their bytes"),
)
EXPIRED = Shape(
    "done",
    Field("table", "full name, as namespace.name"),
    Field("snapshots", "snapshots that went"),
    Field("files", "files that were deleted"),
    Field("bytes", "their bytes"),
    Field("left", "files that could not be deleted"),
)
COMPACT_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("snapshot_id", "current snapshot; null when never written"),
    Field("small_bytes", "files below that are small"),
    Field("data_files", "data files now"),
    Field("files", "data files that would be rewritten; 0 when there is nothing to do"),
    Field("bytes", "their bytes"),
    Field("files_after", "about as many files they would become"),
    Field("deletes", "files of row-level deletes that would go"),
    Field("whole", "every file would be rewritten, because of row-level deletes"),
)
COMPACTED = Shape(
    "done",
    Field("table", "full name, as namespace.name"),
    Field("from_snapshot", "snapshot before"),
    Field("to_snapshot", "snapshot after, with the same rows"),
    Field("files_before", "data and delete files before"),
    Field("files_after", "data and delete files after"),
    Field("bytes_before", "their bytes before"),
    Field("bytes_after", "their bytes after"),
    Field("rows", "rows in both; they were compared whole"),
    Field("attempts", "1, and one more each time somebody wrote in between"),
)
MANIFEST_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("snapshot_id", "current snapshot; null when never written"),
    Field("target_bytes", "size that a manifest file shall have"),
    Field("manifests", "manifest files now"),
    Field("rewritten", "of them would be written anew; 0 when there is nothing to do"),
    Field("after", "so many there would be"),
    Field("files", "data files that those tell of"),
    Field("bytes", "bytes of the manifest files that would be written anew"),
)
MANIFESTS_REWRITTEN = Shape(
    "done",
    Field("table", "full name, as namespace.name"),
    Field("from_snapshot", "snapshot before"),
    Field("to_snapshot", "snapshot after, with the same files"),
    Field("before", "manifest files before"),
    Field("after", "manifest files after"),
    Field("files", "data files that the new ones tell of; all that is said of each was compared"),
    Field("rows", "rows in them"),
    Field("attempts", "1, and one more each time somebody wrote in between"),
)
ORPHAN = Shape(
    "orphan",
    Field("path", "where it is"),
    Field("bytes", "its size"),
    Field("modified_at", "when it was written", time("modified_at")),
)
ORPHAN_PLAN = Shape(
    "plan",
    Field("table", "full name, as namespace.name"),
    Field("older_than", "files of before that count", time("older_than")),
    Field("orphans", "list of files that nothing reaches", each("orphans", ORPHAN)),
    Field("bytes", "their bytes"),
    Field("young", "more that nothing reaches, but that somebody may be about to commit"),
)
DELETED = Shape(
    "done",
    Field("table", "full name, as namespace.name"),
    Field("files", "files that were deleted"),
    Field("bytes", "their bytes"),
    Field("left", "files that could not be deleted, or are reached again"),
)
SYMPTOM = Shape(
    "symptom",
    Field("check", "what was looked at"),
    Field("state", "ok, warn, fail or skip"),
    Field("detail", "what was seen"),
    Field("fix", "the command that mends it; empty where none does"),
    Field("effect", "what that would change, measured; empty when it is well"),
)
HEALTH = Shape(
    "health",
    Field("table", "full name, as namespace.name"),
    Field("state", "the worst: ok, warn or fail"),
    Field("symptoms", "list of {check, state, detail, fix, effect}", each("symptoms", SYMPTOM)),
)
