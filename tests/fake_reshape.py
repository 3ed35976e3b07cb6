"""Columns, names and being there of the tables of a ``FakeBench``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from floe_bench.errors import NoSuchTable, UsageError
from floe_bench.model.reshape import ColumnChange, PartitionChange, PartitionField, PartitionPlan, SchemaPlan, SortPlan
from floe_bench.model.table import Column, TableName
from tests.rows import columns_of

if TYPE_CHECKING:
    from tests.fakes import FakeBench


class FakeReshaper:
    """Fills ``ports.reshape.Reshaper``; knows adding, renaming and dropping."""

    def __init__(self, bench: FakeBench) -> None:
        self._bench = bench
        self._schemas: dict[str, list[tuple[Column, ...]]] = {}
        self._current: dict[str, int] = {}
        self._specs: dict[str, list[tuple[PartitionField, ...]]] = {}
        self._orders: dict[str, list[tuple[str, ...]]] = {}
        self.gone: list[tuple[str, bool]] = []
        self.renamed: list[tuple[str, str]] = []

    def uuid(self, name: TableName) -> str:
        if str(name) not in self._bench.heads or str(name) in dict(self.gone):
            raise NoSuchTable(f"there is no table {name}", remedy="floe-bench tables")
        return f"uuid of {name}"

    def schema(self, name: TableName) -> tuple[str, int, tuple[Column, ...]]:
        known = self._known(name)
        at = self._current.get(str(name), 0)
        return self.uuid(name), at, known[at]

    def plan_schema(
        self, name: TableName, changes: Sequence[ColumnChange], schema_id: int | None
    ) -> tuple[Column, ...]:
        known = self._known(name)
        if schema_id is not None:
            if schema_id >= len(known):
                raise UsageError(f"{name} has no schema {schema_id}")
            return known[schema_id]
        found = {each.name: each for each in self.schema(name)[2]}
        for each in changes:
            if each.how == "add":
                found[each.column] = Column(90 + len(found), each.column, each.to, doc=each.doc)
            elif each.column not in found:
                raise UsageError(f"{name} has no column {each.column}")
            elif each.how == "drop":
                del found[each.column]
            elif each.how == "rename":
                old = found.pop(each.column)
                found[each.to] = Column(old.field_id, each.to, old.type)
        return tuple(found.values())

    def change_schema(self, name: TableName, plan: SchemaPlan) -> None:
        known = self._known(name)
        if plan.after not in known:
            known.append(plan.after)
        self._current[str(name)] = known.index(plan.after)

    def partitioning(self, name: TableName) -> tuple[str, int, tuple[PartitionField, ...]]:
        known = self._specs.setdefault(str(name), [()])
        return self.uuid(name), len(known) - 1, known[-1]

    def plan_partitioning(
        self, name: TableName, changes: Sequence[PartitionChange], spec_id: int | None
    ) -> tuple[tuple[PartitionField, ...], int]:
        known = self._specs.setdefault(str(name), [()])
        if spec_id is not None:
            if spec_id >= len(known):
                raise UsageError(f"{name} has no partitioning {spec_id}")
            return known[spec_id], 1
        found = {each.name: each for each in self.partitioning(name)[2]}
        for each in changes:
            if each.how == "add":
                found[each.to or each.field] = PartitionField(1000 + len(found), each.to or each.field, each.field)
            elif each.field not in found:
                raise UsageError(f"No such partition field: {each.field}")
            elif each.how == "drop":
                del found[each.field]
            else:
                old = found.pop(each.field)
                found[each.to] = PartitionField(old.field_id, each.to, old.told)
        return tuple(found.values()), 1

    def change_partitioning(self, name: TableName, plan: PartitionPlan) -> None:
        self._specs[str(name)].append(plan.after)

    def sorting(self, name: TableName) -> tuple[str, int, tuple[str, ...]]:
        known = self._orders.setdefault(str(name), [()])
        return self.uuid(name), len(known) - 1, known[-1]

    def plan_sorting(self, name: TableName, fields: Sequence[str], order_id: int | None) -> tuple[tuple[str, ...], int]:
        known = self._orders.setdefault(str(name), [()])
        if order_id is not None:
            if order_id >= len(known):
                raise UsageError(f"{name} has no sort order {order_id}")
            return known[order_id], 1
        return () if tuple(fields) == ("none",) else tuple(fields), 1

    def change_sorting(self, name: TableName, plan: SortPlan) -> None:
        self._orders[str(name)].append(plan.after)

    def rename(self, name: TableName, to: TableName) -> None:
        self.renamed.append((str(name), str(to)))

    def drop(self, name: TableName, *, purge: bool) -> None:
        self.gone.append((str(name), purge))

    def _known(self, name: TableName) -> list[tuple[Column, ...]]:
        self.uuid(name)
        rows = self._bench.rows_at(str(name), None)
        return self._schemas.setdefault(str(name), [tuple(columns_of(rows).values())])
