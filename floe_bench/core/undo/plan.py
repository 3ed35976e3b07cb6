"""What an undo or a redo would do to each table, in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from floe_bench.core.undo.extent import Cut
from floe_bench.errors import CommitConflict, QueryFailed
from floe_bench.model.asset import Asset
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import SchemaChange
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove, TakeBack, Undo, UndoKind, UndoPlan
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.head import HeadMover


def undo_plan(
    cuts: Sequence[Cut],
    about: str,
    *,
    assets: Sequence[Asset],
    catalog: CatalogReader,
    mover: HeadMover,
    compute: Compute,
    cancelled: Callable[[], bool],
) -> UndoPlan:
    keys = {cut.asset.asset for cut in cuts}
    tables = []
    for cut in cuts:
        name = TableName.parse(cut.asset.table)
        before = mover.head(name)
        if before.snapshot_id != cut.passed[0].snapshot_id:
            raise CommitConflict(f"somebody wrote to {name} just now", remedy="try again")
        move = HeadMove(str(name), before=before, after=mover.head_at(name, cut.to))
        readers = tuple(each.asset for each in assets if cut.asset.asset in each.upstream and each.asset not in keys)
        found = _measured(cut.asset.asset, move, catalog=catalog, compute=compute, cancelled=cancelled)
        tables.append(replace(found, passed=cut.passed, readers=readers))
    return UndoPlan(UndoKind.UNDO, about, tuple(tables), together=mover.moves_together)


def redo_plan(
    undo: Undo, *, catalog: CatalogReader, mover: HeadMover, compute: Compute, cancelled: Callable[[], bool]
) -> UndoPlan:
    """Raises CommitConflict: what was taken back was written to since."""
    tables = []
    for past in undo.plan.tables:
        name = TableName.parse(past.table)
        if mover.head(name) != past.move.after:
            raise CommitConflict(
                f"undo {undo.undo_id} cannot be taken back: {name} was written to since",
                remedy=to_type("snapshots", name),
            )
        catalog.columns(name, past.move.before.reads)  # raises NoSuchSnapshot where it was expired
        found = _measured(past.asset, past.move.back, catalog=catalog, compute=compute, cancelled=cancelled)
        tables.append(replace(found, passed=past.passed, readers=past.readers))
    about = f"undo {undo.undo_id}: {undo.plan.about}"
    return UndoPlan(UndoKind.REDO, about, tuple(tables), together=mover.moves_together, undo_id=undo.undo_id)


def _measured(
    asset: str, move: HeadMove, *, catalog: CatalogReader, compute: Compute, cancelled: Callable[[], bool]
) -> TakeBack:
    """Raises QueryFailed: what it would go back to cannot be read."""
    name, here, there = TableName.parse(move.table), move.before.reads, move.after.reads
    rows_after, schema = 0 if there is None else compute.count(name, there), SchemaChange()
    if here is not None and there is not None:
        schema = catalog.schema_change(name, here, there)
    try:
        rows_before = 0 if here is None else compute.count(name, here)
        lost, regained = rows_before, rows_after
        if here is not None and there is not None:
            ground = catalog.ground(name, here, there)
            change, _ = compute.row_change(name, here, there, key=(), limit=0, cancelled=cancelled, ground=ground)
            lost, regained = change.removed, change.added
    except QueryFailed as error:  # a file is gone, say: going back may be what mends it
        return TakeBack(asset, move, None, rows_after, None, None, schema, fault=error.message)
    return TakeBack(asset, move, rows_before, rows_after, rows_lost=lost, rows_regained=regained, schema=schema)
