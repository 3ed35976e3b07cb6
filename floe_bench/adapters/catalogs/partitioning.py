"""How files that are written from now on are laid out; those that there are stay as they were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.catalogs.landing import Attempt
from floe_bench.adapters.iceberg.human import spec_field
from floe_bench.adapters.iceberg.layout import parse_partition
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.reshape import PartitionChange, PartitionField, PartitionPlan
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction
    from pyiceberg.table.update.spec import UpdateSpec


def fields_of(table: IcebergTable) -> tuple[PartitionField, ...]:
    return _told(table.spec(), table.schema())


def planned(
    name: TableName, table: IcebergTable, changes: Sequence[PartitionChange], spec_id: int | None
) -> tuple[tuple[PartitionField, ...], int]:
    spec = _changed(name, Steady(table), changes)._apply() if spec_id is None else _earlier(name, table, spec_id)
    return _told(spec, table.schema()), _laid_out_otherwise(table, spec.spec_id)


def attempt(name: TableName, table: IcebergTable, plan: PartitionPlan) -> Attempt[None]:
    """With the requirement that the partitioning is still the one that the plan saw: PyIceberg's own, and ours."""
    from pyiceberg.table import update

    if table.metadata.default_spec_id != plan.from_id:
        raise CommitConflict(f"somebody changed the partitioning of {name} in between")
    transaction = Steady(table)
    if plan.spec_id is None:
        _changed(name, transaction, plan.changes).commit()
    else:
        _earlier(name, table, plan.spec_id)
        transaction._stage(
            (update.SetDefaultSpecUpdate(**aliased(spec_id=plan.spec_id)),),
            (update.AssertDefaultSpecId(**aliased(default_spec_id=plan.from_id)),),
        )
    return Attempt(None, transaction, lambda now: fields_of(now) == plan.after)


def _told(spec: PartitionSpec, schema: Schema) -> tuple[PartitionField, ...]:
    return tuple(PartitionField(field.field_id, field.name, spec_field(field, schema)) for field in spec.fields)


def _earlier(name: TableName, table: IcebergTable, spec_id: int) -> PartitionSpec:
    """Raises UsageError: there is none, or nobody could write with it."""
    spec = table.specs().get(spec_id)
    if spec is None:
        raise UsageError(f"{name} has no partitioning {spec_id}", remedy=to_type("table", name))
    columns = {field.field_id for field in table.schema().fields}
    if not {field.source_id for field in spec.fields} <= columns:
        said = f"partitioning {spec_id} is by a column that {name} has no more"
        raise UsageError(said, remedy=to_type("schema", name))
    return spec


def _changed(name: TableName, transaction: Transaction, changes: Sequence[PartitionChange]) -> UpdateSpec:
    """Raises UsageError."""
    from pyiceberg.exceptions import ValidationError

    update, doing = transaction.update_spec(), ""
    try:
        for each in changes:
            doing = f"{each.how} {each.field}"
            _add(update, transaction, each)
        update._apply()
    except (ValueError, TypeError, ValidationError) as error:
        said = str(error).strip().splitlines()[0]
        raise UsageError(f"{doing}: {said}", remedy=to_type("table", name)) from error
    return update


def _add(update: UpdateSpec, transaction: Transaction, change: PartitionChange) -> None:
    match change.how:
        case "add":
            field = parse_partition(change.field, "add")
            update.add_field(field.column, field.transform, change.to or None)
        case "drop":
            update.remove_field(_named(transaction, change.field))
        case "rename":
            update.rename_field(_named(transaction, change.field), change.to)
        case _:
            raise ValueError(f"'{change.how}' is no change of a partitioning")


def _named(transaction: Transaction, typed: str) -> str:
    """By its name, or by what it reads like."""
    metadata = transaction.table_metadata
    fields = _told(metadata.spec(), metadata.schema())
    return next((each.name for each in fields if typed in (each.name, each.told)), typed)


def _laid_out_otherwise(table: IcebergTable, spec_id: int) -> int:
    from pyiceberg.manifest import ManifestContent

    snapshot = table.current_snapshot()
    if snapshot is None:
        return 0
    old = (
        each
        for each in snapshot.manifests(table.io)
        if each.content == ManifestContent.DATA and each.partition_spec_id != spec_id
    )
    return sum((each.added_files_count or 0) + (each.existing_files_count or 0) for each in old)
