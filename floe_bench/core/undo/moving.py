"""Carrying out an undo or a redo: all of it or nothing, whoever else writes and whenever we are killed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from floe_bench.core.undo.extent import main_line
from floe_bench.core.undo.record import Records
from floe_bench.errors import BenchError, CommitConflict, NoSuchTable
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove, Undo, UndoState
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.head import HeadMover


def carry_out(undo: Undo, moves: Sequence[HeadMove], *, records: Records, mover: HeadMover) -> Undo:
    """``undo`` is in an unfinished state, and is recorded as that before anything moves.

    Raises:
        CommitConflict: nothing was changed, or what was changed is changed back.
        CatalogUnreachable: likewise; else the next start settles it.
    """
    done, failed = _ENDS[undo.state]
    records.put(undo)
    try:
        move_all(moves, mover)
    except CommitConflict as error:
        records.put(undo.now(failed, error.message, told=True))
        raise
    return records.put(undo.now(done))


def settle(undo: Undo, *, records: Records, mover: HeadMover, catalog: CatalogReader) -> Undo:
    """Finish what was interrupted, where every table is as it was left; else change back what was changed.

    Raises CatalogUnreachable: it stays unsettled.
    """
    done, failed = _ENDS[undo.state]
    backwards = undo.state is UndoState.UNDOING
    what = "undo" if backwards else "redo"
    moved, left = list[HeadMove](), list[HeadMove]()
    for move in undo.plan.moves:
        with suppress(NoSuchTable):
            has = _is_back(move, catalog) is backwards
            (moved if has else left).append(move if backwards else move.back)
    if not moved:
        return records.put(undo.now(failed, f"the {what} had not begun when the engine ended", told=True))
    try:
        move_all(left, mover)
    except CommitConflict as error:
        move_back(moved, mover)
        return records.put(undo.now(failed, f"the interrupted {what} was rolled back: {error.message}", told=True))
    word = "was finished" if left else "had been carried out"
    return records.put(undo.now(done, f"the interrupted {what} {word} at the next start"))


def _is_back(move: HeadMove, catalog: CatalogReader) -> bool:
    """Also where somebody wrote on top since: the newer snapshot is not on the main line."""
    line = main_line(catalog.snapshots(TableName.parse(move.table)))
    return move.before.snapshot_id not in {snapshot.snapshot_id for snapshot in line}


def move_all(moves: Sequence[HeadMove], mover: HeadMover) -> None:
    """In one commit where the catalog can do that; else one by one, and back again if one is refused.

    Raises CommitConflict, CatalogUnreachable.
    """
    if mover.moves_together:
        if moves:
            mover.move(moves)
        return
    moved: list[HeadMove] = []
    for move in moves:
        try:
            mover.move([move])
        except BenchError:
            move_back(moved, mover)
            raise
        moved.append(move)


def move_back(moved: Sequence[HeadMove], mover: HeadMover) -> None:
    """A table that somebody wrote to meanwhile stays with what they wrote; it is the conflict that is told."""
    for move in reversed(moved):
        try:
            mover.move([move.back])
        except CommitConflict:
            continue


_ENDS = {
    UndoState.UNDOING: (UndoState.UNDONE, UndoState.DROPPED),
    UndoState.REDOING: (UndoState.REDONE, UndoState.UNDONE),
}
"""What an unfinished state becomes when it went well, and when not."""
