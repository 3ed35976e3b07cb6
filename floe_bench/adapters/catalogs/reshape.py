"""Changing a table's columns, its partitioning, its sort order, its name, or that it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.catalogs import partitioning, sorting
from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.catalogs.landing import Attempt, land
from floe_bench.adapters.catalogs.mapping import columns_of
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.reshape import ColumnChange, PartitionChange, PartitionField, PartitionPlan, SchemaPlan, SortPlan
from floe_bench.model.table import Column, TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction
    from pyiceberg.table.update.schema import UpdateSchema


class TableReshaper:
    """Fulfils ``ports.reshape.Reshaper``."""

    def __init__(self, session: Callable[[], RestCatalog], load: Callable[[TableName], IcebergTable]) -> None:
        self._session, self._load = session, load

    def uuid(self, name: TableName) -> str:
        return str(self._load(name).metadata.table_uuid)

    def schema(self, name: TableName) -> tuple[str, int, tuple[Column, ...]]:
        table = self._load(name)
        return str(table.metadata.table_uuid), table.metadata.current_schema_id, columns_of(table.schema())

    def plan_schema(
        self, name: TableName, changes: Sequence[ColumnChange], schema_id: int | None
    ) -> tuple[Column, ...]:
        table = self._load(name)
        if schema_id is not None:
            found = table.schemas().get(schema_id)
            if found is None:
                raise UsageError(f"{name} has no schema {schema_id}", remedy=to_type("schema", name, "--history"))
            _fits(name, table, schema_id)
            return columns_of(found)
        return columns_of(_changed(name, Steady(table), changes)._apply())

    def change_schema(self, name: TableName, plan: SchemaPlan) -> None:
        """With the requirement that the schema is still the one that the plan saw: PyIceberg's own, and ours."""

        def prepare(table: IcebergTable) -> Attempt[None]:
            if table.metadata.current_schema_id != plan.from_id:
                raise CommitConflict(f"somebody changed the columns of {name} in between")
            transaction = Steady(table)
            if plan.schema_id is None:
                _changed(name, transaction, plan.changes).commit()
            else:
                _set_current(transaction, plan)
            return Attempt(None, transaction, lambda now: columns_of(now.schema()) == plan.after)

        land(name, self._load, prepare)

    def partitioning(self, name: TableName) -> tuple[str, int, tuple[PartitionField, ...]]:
        table = self._load(name)
        return str(table.metadata.table_uuid), table.metadata.default_spec_id, partitioning.fields_of(table)

    def plan_partitioning(
        self, name: TableName, changes: Sequence[PartitionChange], spec_id: int | None
    ) -> tuple[tuple[PartitionField, ...], int]:
        with translated(f"table {name}"):
            return partitioning.planned(name, self._load(name), changes, spec_id)

    def change_partitioning(self, name: TableName, plan: PartitionPlan) -> None:
        land(name, self._load, lambda table: partitioning.attempt(name, table, plan))

    def sorting(self, name: TableName) -> tuple[str, int, tuple[str, ...]]:
        table = self._load(name)
        return str(table.metadata.table_uuid), table.metadata.default_sort_order_id, sorting.fields_of(table)

    def plan_sorting(self, name: TableName, fields: Sequence[str], order_id: int | None) -> tuple[tuple[str, ...], int]:
        with translated(f"table {name}"):
            return sorting.planned(name, self._load(name), fields, order_id)

    def change_sorting(self, name: TableName, plan: SortPlan) -> None:
        land(name, self._load, lambda table: sorting.attempt(name, table, plan))

    def rename(self, name: TableName, to: TableName) -> None:
        with translated(f"table {name}"):
            catalog = self._session()
            catalog.create_namespace_if_not_exists(to.namespace)
            catalog.rename_table(name.parts, to.parts)

    def drop(self, name: TableName, *, purge: bool) -> None:
        with translated(f"table {name}"):
            (self._session().purge_table if purge else self._session().drop_table)(name.parts)


def _set_current(transaction: Transaction, plan: SchemaPlan) -> None:
    from pyiceberg.table.update import AssertCurrentSchemaId, SetCurrentSchemaUpdate

    update = SetCurrentSchemaUpdate(**aliased(schema_id=plan.schema_id))
    transaction._stage((update,), (AssertCurrentSchemaId(**aliased(current_schema_id=plan.from_id)),))


def _changed(name: TableName, transaction: Transaction, changes: Sequence[ColumnChange]) -> UpdateSchema:
    """Nothing that old files or other writers could not live with: PyIceberg refuses that. Raises UsageError."""
    from pyiceberg.exceptions import ValidationError

    metadata, update, doing = transaction.table_metadata, transaction.update_schema(), ""
    try:
        for each in changes:
            doing = f"{each.how} {each.column}"
            _add(update, each)
        left = {field.field_id for field in update._apply().fields}
    except (ValueError, TypeError, ValidationError) as error:
        said = str(error).strip().splitlines()[0]
        raise UsageError(f"{doing}: {said}", remedy=to_type("schema", name)) from error
    needed = {field.source_id for field in metadata.spec().fields}
    gone = (needed | {field.source_id for field in metadata.sort_order().fields}) - left
    if gone:
        lost = ", ".join(metadata.schema().find_column_name(each) or str(each) for each in sorted(gone))
        raise UsageError(f"{name} is partitioned or sorted by {lost}", remedy=to_type("table", name))
    return update


def _add(update: UpdateSchema, change: ColumnChange) -> None:
    path = tuple(change.column.split("."))
    match change.how:
        case "add":
            update.add_column(path, _type(change.to), doc=change.doc or None)
        case "rename":
            update.rename_column(path, change.to)
        case "widen":
            update.update_column(path, field_type=_type(change.to))
        case "doc":
            update.update_column(path, doc=change.to)
        case "optional":
            update.make_column_optional(path)
        case "drop":
            update.delete_column(path)
        case _:
            raise ValueError(f"'{change.how}' is no change of a column")


def _type(written: str) -> Any:
    """As Iceberg writes it: long, decimal(10, 2), timestamptz. Raises ValueError."""
    from pydantic import ValidationError
    from pyiceberg.types import IcebergType, NestedField

    try:
        found = NestedField(field_id=1, name="of", field_type=written, required=False).field_type
    except ValidationError as error:
        raise ValueError(f"'{written}' is no Iceberg type") from error
    if not isinstance(found, IcebergType):
        raise TypeError(f"'{written}' is no Iceberg type")
    return found


def _fits(name: TableName, table: IcebergTable, schema_id: int) -> None:
    """A partitioning by a column that the schema has not would leave a table that nobody can write."""
    known = {field.field_id for field in table.schemas()[schema_id].fields}
    if not {field.source_id for field in table.spec().fields} <= known:
        raise UsageError(f"schema {schema_id} lacks a column that {name} is partitioned by", remedy="")
