"""Fewer files with the same rows: written beside the main line, compared, and only then made current."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.errors import CommitConflict, TableError
from floe_bench.model.maintenance import Compacted, CompactPlan
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.head import HeadMover
from floe_bench.ports.maintenance import Maintainer

_ATTEMPTS = 10


def compact(
    plan: CompactPlan,
    *,
    catalog: CatalogReader,
    maintainer: Maintainer,
    mover: HeadMover,
    compute: Compute,
    cancelled: Callable[[], bool],
) -> Compacted:
    """Raises CommitConflict: others wrote in between each time; TableError: the rows would not be the same."""
    name = TableName.parse(plan.table)
    with maintainer.rewriting(name, plan.small_bytes) as rewrite:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                move = rewrite.stage()
                _prove(name, move, catalog=catalog, compute=compute, cancelled=cancelled)
                mover.move([move])
            except CommitConflict:
                continue
            rewrite.landed(move)
            # Counted now: the shorter it takes from the look to the commit, the less others get in between.
            return _told(plan, move, compute.count(name, move.after.snapshot_id), attempt, maintainer)
    raise CommitConflict(f"others wrote to {name} in between, {_ATTEMPTS} times in a row", remedy="try again")


def _prove(
    name: TableName, move: HeadMove, *, catalog: CatalogReader, compute: Compute, cancelled: Callable[[], bool]
) -> None:
    """Both snapshots have the same rows: whole ones, compared as a multiset. Files that both have are not read."""
    before, after = move.before.snapshot_id, move.after.snapshot_id
    assert after is not None
    ground = catalog.ground(name, before, after)
    change, _ = compute.row_change(name, before, after, key=(), limit=0, cancelled=cancelled, ground=ground)
    if change.added or change.removed:
        raise TableError(
            f"{name} was not compacted: {change.removed} rows would be missing and {change.added} new",
            remedy="floe-bench logs --source engine",
        )


def _told(plan: CompactPlan, move: HeadMove, rows: int, attempts: int, maintainer: Maintainer) -> Compacted:
    name, before, after = TableName.parse(plan.table), move.before.snapshot_id, move.after.snapshot_id
    assert before is not None and after is not None
    (files_before, bytes_before), (files_after, bytes_after) = (
        maintainer.files_of(name, each) for each in (before, after)
    )
    return Compacted(
        table=plan.table,
        from_snapshot=before,
        to_snapshot=after,
        files_before=files_before,
        files_after=files_after,
        bytes_before=bytes_before,
        bytes_after=bytes_after,
        rows=rows,
        attempts=attempts,
    )
