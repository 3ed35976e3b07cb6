"""Cherry-picking snapshots of the tables of a ``FakeBench``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.core.undo.extent import main_line
from floe_bench.errors import NoSuchSnapshot, UsageError
from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from tests.fakes import FakeBench
    from tests.shop import Rows


class FakePicker:
    """Fills ``ports.picking.Picker`` for main. A snapshot that kept all rows of its parent is an append."""

    def __init__(self, bench: FakeBench) -> None:
        self._bench = bench

    def plan(self, name: TableName, snapshot_id: int, onto: str) -> PickPlan:
        table = str(name)
        known = {each.snapshot_id: each for each in self._bench.snapshots(table)}
        if snapshot_id not in known or onto != "main":
            raise NoSuchSnapshot(f"{table} has no snapshot {snapshot_id}, or no branch {onto}")
        if snapshot_id in {each.snapshot_id for each in main_line(tuple(known.values()))}:
            raise UsageError(f"main of {table} has snapshot {snapshot_id} already: it is an ancestor")
        head, parent, rows = self._bench.heads[table], known[snapshot_id].parent_id, self._added(table, snapshot_id)
        if rows is None and parent != head:
            raise UsageError(f"snapshot {snapshot_id} of {table} is no append but overwrite")
        return PickPlan(
            table=table,
            table_uuid=f"uuid of {table}",
            snapshot_id=snapshot_id,
            onto=onto,
            before=head,
            operation="overwrite" if rows is None else "append",
            forward=parent == head,
            files=1,
            rows=len(rows or ()),
            bytes=100 * len(rows or ()),
        )

    def pick(self, name: TableName, plan: PickPlan) -> Picked:
        table, rows, head = plan.table, self._added(plan.table, plan.snapshot_id) or [], plan.snapshot_id
        if plan.forward:
            self._bench.put_head(table, head)
        else:
            now = self._bench.rows_at(table, None)
            head = self._bench.write_from_outside(table, [*now, *rows], by=f"picked from {plan.snapshot_id}")
        return Picked(table, plan.onto, plan.snapshot_id, plan.before, head, plan.forward, 1, len(rows), 1)

    def _added(self, table: str, snapshot_id: int) -> Rows | None:
        found = next(each for each in self._bench.snapshots(table) if each.snapshot_id == snapshot_id)
        rows = list(self._bench.rows_at(table, snapshot_id))
        before = self._bench.rows_at(table, found.parent_id) if found.parent_id is not None else []
        if any(row not in rows for row in before):
            return None
        return [row for row in rows if row not in before]
