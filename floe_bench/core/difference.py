"""What lies between two snapshots of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.table import TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute


def difference(
    catalog: CatalogReader,
    compute: Compute,
    table: TableName,
    *,
    before: int | None,
    after: int | None,
    key: tuple[str, ...],
    limit: int,
    cancelled: Callable[[], bool],
) -> Diff:
    """From ``before`` to ``after``; the current snapshot and its parent where they are None.

    Raises:
        NoSuchTable, NoSuchSnapshot
    """
    first, last = _ends(catalog.snapshots(table), table, before, after)
    ground = catalog.ground(table, first, last)
    rows, samples = compute.row_change(
        table, first, last, key=key, limit=limit, cancelled=cancelled, ground=ground if first is not None else None
    )
    return Diff(
        table=str(table),
        from_snapshot=first,
        to_snapshot=last,
        schema=catalog.schema_change(table, first, last),
        rows=rows,
        samples=samples,
        files=ground.files,
    )


def _ends(
    snapshots: Sequence[Snapshot], table: TableName, before: int | None, after: int | None
) -> tuple[int | None, int]:
    known = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
    if not known:
        raise NoSuchSnapshot(f"{table} was never written: it has no snapshot", remedy="floe-bench run")
    last = known.get(after) if after is not None else _current(snapshots)
    for wanted in (before, after):
        if wanted is not None and wanted not in known:
            raise NoSuchSnapshot(f"{table} has no snapshot {wanted}", remedy=f"floe-bench snapshots {table}")
    assert last is not None
    return (before if before is not None else last.parent_id if last.parent_id in known else None), last.snapshot_id


def _current(snapshots: Sequence[Snapshot]) -> Snapshot:
    return next((each for each in reversed(snapshots) if "main" in each.refs), snapshots[-1])
