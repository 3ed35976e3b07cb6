"""Changing what a table is, as the bench offers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from floe_bench.core.maker import maker_of, refuse_while_made
from floe_bench.core.parts import Parts
from floe_bench.errors import CommitConflict, NoSuchSnapshot, StackUnavailable, UsageError
from floe_bench.model.asset import Asset
from floe_bench.model.command import to_type
from floe_bench.model.reshape import (
    ColumnChange,
    DropPlan,
    PartitionChange,
    PartitionPlan,
    PromotePlan,
    RenamePlan,
    SchemaPlan,
    SortPlan,
)
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove
from floe_bench.ports.head import HeadMover
from floe_bench.ports.reshape import HasReshaper, Reshaper

_NOTES = {
    "rename": "files are found by field id, so every snapshot is read as before; SQL that says {column} is not",
    "drop": "older snapshots still have {column}; one that is added under that name later is another column",
}


class LocalReshaping:
    """Fulfils ``ports.reshape.Reshaping``. ``changed`` is called after a table changed."""

    def __init__(self, parts: Parts, *, assets: Callable[[], Sequence[Asset]], changed: Callable[[], None]) -> None:
        self._parts, self._assets, self._changed = parts, assets, changed

    # ── schema ────────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_schema(
        self, table: str, changes: tuple[ColumnChange, ...] = (), schema_id: int | None = None
    ) -> SchemaPlan:
        if bool(changes) == (schema_id is not None):
            raise UsageError("say what to change, or which schema", remedy="floe-bench alter --help")
        name, reshaper = TableName.parse(table), self._reshaper()
        uuid, now, before = reshaper.schema(name)
        after = reshaper.plan_schema(name, changes, schema_id)
        notes = [_NOTES[each.how].format(column=each.column) for each in changes if each.how in _NOTES]
        maker = maker_of(self._assets(), table)
        if maker is not None:
            notes.append(f"{maker.asset} makes this table: its next run gives it the columns of its own SQL again")
        return SchemaPlan(table, uuid, now, before, after, changes, schema_id, tuple(notes))

    def change_schema(self, plan: SchemaPlan) -> SchemaPlan:
        with self._changing(plan.table, plan.table_uuid):
            self._reshaper().change_schema(TableName.parse(plan.table), plan)
        return plan

    # ── partitioning ──────────────────────────────────────────────────────────────────────────────────────────────

    def plan_partitioning(
        self, table: str, changes: tuple[PartitionChange, ...] = (), spec_id: int | None = None
    ) -> PartitionPlan:
        if bool(changes) == (spec_id is not None):
            raise UsageError("say what to change, or which partitioning", remedy="floe-bench alter --help")
        name, reshaper = TableName.parse(table), self._reshaper()
        uuid, now, before = reshaper.partitioning(name)
        after, old_files = reshaper.plan_partitioning(name, changes, spec_id)
        notes = [_stay(old_files)] if old_files and before != after else []
        maker = maker_of(self._assets(), table)
        if maker is not None:
            notes.append(f"{maker.asset} makes this table: its next run lays it out as its own partitioned_by says")
        return PartitionPlan(table, uuid, now, before, after, changes, spec_id, old_files, tuple(notes))

    def change_partitioning(self, plan: PartitionPlan) -> PartitionPlan:
        with self._changing(plan.table, plan.table_uuid):
            self._reshaper().change_partitioning(TableName.parse(plan.table), plan)
        return plan

    # ── sort order ────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_sorting(self, table: str, fields: tuple[str, ...] = (), order_id: int | None = None) -> SortPlan:
        if bool(fields) == (order_id is not None):
            raise UsageError("say what to sort by, or which sort order", remedy="floe-bench alter --help")
        name, reshaper = TableName.parse(table), self._reshaper()
        uuid, now, before = reshaper.sorting(name)
        after, old_files = reshaper.plan_sorting(name, fields, order_id)
        notes = [_stay(old_files)] if old_files and before != after else []
        if after and before != after:
            notes.append("writers that sort (Spark does) write in that order from now on; PyIceberg and DuckDB do not")
        maker = maker_of(self._assets(), table)
        if maker is not None:
            notes.append(f"{maker.asset} makes this table: its next run sorts it as its own sorted_by says")
        return SortPlan(table, uuid, now, before, after, fields, order_id, old_files, tuple(notes))

    def change_sorting(self, plan: SortPlan) -> SortPlan:
        with self._changing(plan.table, plan.table_uuid):
            self._reshaper().change_sorting(TableName.parse(plan.table), plan)
        return plan

    # ── name, and being there ─────────────────────────────────────────────────────────────────────────────────────

    def plan_rename(self, table: str, to: str) -> RenamePlan:
        target = TableName.parse(to)
        uuid = self._reshaper().uuid(TableName.parse(table))
        if target in self._parts.catalog().names():
            raise UsageError(f"there is a table {to} already", remedy="choose another name")
        return RenamePlan(table, uuid, to, tuple(self._would_miss(table)))

    def rename(self, plan: RenamePlan) -> RenamePlan:
        with self._changing(plan.table, plan.table_uuid):
            self._reshaper().rename(TableName.parse(plan.table), TableName.parse(plan.to))
        return plan

    def plan_drop(self, table: str, purge: bool = False) -> DropPlan:
        name, catalog = TableName.parse(table), self._parts.catalog()
        uuid, now, snapshots = self._reshaper().uuid(name), catalog.table(name), catalog.snapshots(name)
        refs = tuple(sorted({ref for each in snapshots for ref in each.refs} - {"main"}))
        rows = now.rows
        if rows is None and now.snapshot_id is not None:
            rows = self._parts.compute().count(name, now.snapshot_id)
        return DropPlan(table, uuid, purge, len(snapshots), rows, now.bytes, refs, tuple(self._readers(table)))

    def drop(self, plan: DropPlan) -> DropPlan:
        with self._changing(plan.table, plan.table_uuid):
            self._reshaper().drop(TableName.parse(plan.table), purge=plan.purge)
        return plan

    # ── main ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_promote(self, table: str, ref: str) -> PromotePlan:
        name, mover = TableName.parse(table), self._mover()
        snapshots = self._parts.catalog().snapshots(name)
        head = next((each for each in snapshots if ref in each.refs), None)
        if head is None or ref == "main":
            raise NoSuchSnapshot(f"{table} has no branch or tag {ref}", remedy=to_type("table", table))
        before = mover.head(name)
        ahead = _ahead(snapshots, head, before.snapshot_id)
        if ahead is None:
            raise UsageError(
                f"main of {table} has snapshots that {ref} has not, so it cannot go forward to it",
                remedy=to_type("rollback", table, "--to", ref),
            )
        if not ahead:
            raise UsageError(f"main of {table} is at {ref} already", remedy=to_type("snapshots", table))
        return PromotePlan(ref, HeadMove(table, before, mover.head_at(name, head.snapshot_id)), len(ahead))

    def promote(self, plan: PromotePlan) -> PromotePlan:
        with self._changing(plan.table, plan.move.before.table_uuid):
            self._mover().move([plan.move])
        return plan

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _reshaper(self) -> Reshaper:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HasReshaper):
            raise StackUnavailable("this stack's catalog cannot be asked to change tables")
        return catalog.reshaper

    def _mover(self) -> HeadMover:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HeadMover):
            raise StackUnavailable("this stack's catalog cannot move a table", remedy="floe-bench doctor")
        return catalog

    @contextmanager
    def _changing(self, table: str, uuid: str) -> Iterator[None]:
        refuse_while_made(self._assets(), table)
        if self._reshaper().uuid(TableName.parse(table)) != uuid:
            raise CommitConflict(f"{table} was dropped and made anew in between")
        try:
            yield
        finally:
            self._changed()

    def _readers(self, table: str) -> list[str]:
        keys = {each.asset for each in self._assets() if each.table == table}
        return [each.asset for each in self._assets() if keys & set(each.upstream)]

    def _would_miss(self, table: str) -> list[str]:
        maker, readers = maker_of(self._assets(), table), self._readers(table)
        made = [f"{maker.asset} makes {table}: its next run makes a new one under that name"] if maker else []
        return made + ([f"still read under its old name by {', '.join(readers)}"] if readers else [])


def _stay(files: int) -> str:
    old = "1 data file stays as it was" if files == 1 else f"{files} data files stay as they were"
    return f"{old} written, and read as before"


def _ahead(snapshots: Sequence[Snapshot], head: Snapshot, main: int | None) -> list[Snapshot] | None:
    """From the head back to main; None where main is not on that way."""
    known, each, found = {one.snapshot_id: one for one in snapshots}, head, list[Snapshot]()
    while each.snapshot_id != main:
        found.append(each)
        before = known.get(each.parent_id) if each.parent_id is not None else None
        if before is None:
            return found if main is None else None
        each = before
    return found
