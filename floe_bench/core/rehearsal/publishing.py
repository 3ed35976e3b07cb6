"""Making branches main, and taking them away: all or nothing, whoever else writes and whenever we are killed."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.core.undo.extent import main_line
from floe_bench.core.undo.moving import move_all, move_back
from floe_bench.errors import CommitConflict, NoSuchTable
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.head import HeadMover
from floe_bench.ports.rehearsal import BranchKeeper


def rehearsed(name: TableName, branch: str, asset: str | None, snapshots: Sequence[Snapshot]) -> Rehearsed | None:
    """None for a table whose branch was not written yet."""
    known = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
    head = next((each for each in snapshots if branch in each.refs), None)
    main = next((each for each in snapshots if "main" in each.refs), None)
    if head is None:
        return None
    line, each = set[int](), head
    while each.parent_id is not None and each.parent_id in known:
        each = known[each.parent_id]
        line.add(each.snapshot_id)
    behind = main is not None and main.snapshot_id not in line and main.snapshot_id != head.snapshot_id
    new = main is not None and main.empty
    return Rehearsed(str(name), asset, main.snapshot_id if main else None, head.snapshot_id, behind, new)


def moves_of(tables: Sequence[Rehearsed], mover: HeadMover) -> tuple[HeadMove, ...]:
    """Raises CommitConflict: main is not where the branch began."""
    for table in tables:
        if table.behind:
            raise CommitConflict(
                f"somebody wrote to {table.table} since the rehearsal began", remedy="floe-bench rehearse start, anew"
            )
    found = []
    for table in tables:
        name = TableName.parse(table.table)
        before = mover.head(name)
        if before.snapshot_id != table.base:
            raise CommitConflict(f"somebody wrote to {name} just now", remedy="floe-bench rehearse start, anew")
        found.append(HeadMove(str(name), before=before, after=mover.head_at(name, table.head)))
    return tuple(found)


def settled(rehearsal: Rehearsal, *, catalog: CatalogReader, mover: HeadMover) -> Rehearsal:
    """One whose publishing was interrupted: carried through where every table is as it was left, else changed back."""
    moved, left = list[HeadMove](), list[HeadMove]()
    for move in rehearsal.moves:
        try:
            line = main_line(catalog.snapshots(TableName.parse(move.table)))
        except NoSuchTable:
            continue
        published = move.after.snapshot_id in {snapshot.snapshot_id for snapshot in line}
        (moved if published else left).append(move)
    if not moved:
        return rehearsal.now(RehearsalState.RUNNING, "publishing had not begun when the engine ended")
    try:
        move_all(left, mover)
    except CommitConflict as error:
        move_back(moved, mover)
        note = f"the interrupted publishing was rolled back: {error.message}"
        return rehearsal.now(RehearsalState.RUNNING, note)
    word = "was finished" if left else "had been carried out"
    return rehearsal.now(RehearsalState.PUBLISHED, f"the interrupted publishing {word} at the next start")


def take_away(branch: str, keeper: BranchKeeper, *, also_made: bool) -> None:
    """``also_made``: also the tables that were made for it. Doing it twice is the same as once."""
    for name in keeper.tables_with(branch):
        keeper.remove_branch(name, branch)
        if also_made:
            keeper.drop_made_for(name, branch)
