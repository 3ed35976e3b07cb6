"""What lies between two snapshots of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from floe_bench.errors import KeyNotUnique, NoSuchSnapshot, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import Diff, FileChange, RowChange, Sample, Snapshot
from floe_bench.model.table import TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute, Told, nobody

MOST_SAMPLES = 1_000_000
"""As far as pages of samples go."""


def difference(
    catalog: CatalogReader,
    compute: Compute,
    table: TableName,
    *,
    before: int | None,
    after: int | None,
    key: tuple[str, ...],
    declared: bool = False,
    limit: int,
    offset: int = 0,
    cancelled: Callable[[], bool],
    told: Told = nobody,
) -> Diff:
    """From ``before`` to ``after``; the current snapshot and its parent where they are None.

    ``declared``: the key is what the project says is unique, which may be what is wrong: where it is not, whole rows
    are compared.

    Raises:
        NoSuchTable, NoSuchSnapshot
        UsageError: ``offset`` is before the first sample, or the page ends beyond ``MOST_SAMPLES``.
    """
    if offset < 0 or offset + limit > MOST_SAMPLES:
        raise UsageError(f"there are no samples {offset} to {offset + limit}", remedy="--offset 0 --limit 20")
    snapshots = catalog.snapshots(table)
    first, last = _ends(snapshots, table, before, after)
    ground = catalog.ground(table, first, last)

    def compared(by: tuple[str, ...]) -> tuple[RowChange, tuple[Sample, ...]]:
        return compute.row_change(
            table,
            first,
            last,
            key=by,
            limit=limit,
            offset=offset,
            cancelled=cancelled,
            told=told,
            ground=ground if first is not None else None,
        )

    try:
        rows, samples = compared(key)
    except KeyNotUnique:
        if not declared:
            raise
        rows, samples = compared(())
        rows = replace(rows, not_unique=key)
    return Diff(
        table=str(table),
        from_snapshot=first,
        to_snapshot=last,
        schema=catalog.schema_change(table, first, last),
        rows=rows,
        samples=samples,
        files=_sized(ground.files, snapshots, first, last),
    )


def _sized(files: FileChange, snapshots: Sequence[Snapshot], before: int | None, after: int) -> FileChange:
    """With the whole size of both, where their writers said it."""
    sizes = {each.snapshot_id: each.total_bytes for each in snapshots}
    return replace(files, before_bytes=0 if before is None else sizes.get(before), after_bytes=sizes.get(after))


def _ends(
    snapshots: Sequence[Snapshot], table: TableName, before: int | None, after: int | None
) -> tuple[int | None, int]:
    known = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
    if not known:
        raise NoSuchSnapshot(f"{table} was never written: it has no snapshot", remedy="floe-bench run")
    last = known.get(after) if after is not None else _current(snapshots)
    for wanted in (before, after):
        if wanted is not None and wanted not in known:
            raise NoSuchSnapshot(f"{table} has no snapshot {wanted}", remedy=to_type("snapshots", table))
    assert last is not None
    return (before if before is not None else last.parent_id if last.parent_id in known else None), last.snapshot_id


def _current(snapshots: Sequence[Snapshot]) -> Snapshot:
    return next((each for each in reversed(snapshots) if "main" in each.refs), snapshots[-1])
