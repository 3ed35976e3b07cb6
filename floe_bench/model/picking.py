"""What one snapshot added, made once more on top of others."""

from __future__ import annotations

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class PickPlan:
    """Branch ``onto``, now at ``before``, gets the rows that ``snapshot_id`` added, as a snapshot of its own; no data
    file is written. ``forward``: ``before`` is its parent, so that the snapshot itself becomes the head. ``wap_id``:
    it was staged under that name, to be published once. ``replaced_rows``: those that it put its own in the place of,
    which lie in partitions that nobody touched since.

    Source: Iceberg's Java reference, ``ManageSnapshots.cherrypick``.
    """

    table: str
    table_uuid: str
    snapshot_id: int
    onto: str
    before: int | None
    operation: str
    forward: bool
    files: int
    rows: int
    bytes: int
    wap_id: str = ""
    notes: tuple[str, ...] = ()
    replaced_files: int = 0
    replaced_rows: int = 0


@dataclass(frozen=True, slots=True)
class Picked:
    """``onto`` went from one snapshot to the other; others may have written since the plan."""

    table: str
    onto: str
    picked: int
    from_snapshot: int | None
    to_snapshot: int
    forward: bool
    files: int
    rows: int
    attempts: int
    replaced_rows: int = 0
