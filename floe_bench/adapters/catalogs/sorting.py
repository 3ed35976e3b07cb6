"""In which order rows are to be written from now on, by writers that sort; what there is stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.catalogs.landing import Attempt
from floe_bench.adapters.iceberg.human import order_fields
from floe_bench.adapters.iceberg.layout import parse_partition
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.reshape import SortPlan
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction
    from pyiceberg.table.sorting import SortField, SortOrder

NONE = "none"
_FIELD = re.compile(r"(?P<what>.+?)(?:\s+(?P<way>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?", re.I | re.S)
_UNSORTED = 0
"""Source: Iceberg spec, "Sorting": the id of no order at all, in every table."""


def fields_of(table: IcebergTable) -> tuple[str, ...]:
    return order_fields(table.sort_order(), table.schema())


def planned(
    name: TableName, table: IcebergTable, fields: Sequence[str], order_id: int | None
) -> tuple[tuple[str, ...], int]:
    if order_id is not None:
        order = _earlier(name, table, order_id)
    else:
        from pyiceberg.table.sorting import SortOrder

        order = SortOrder(*_parsed(name, table, fields))
    return order_fields(order, table.schema()), _data_files(table)


def attempt(name: TableName, table: IcebergTable, plan: SortPlan) -> Attempt[None]:
    """With the requirement that the order is still the one that the plan saw: PyIceberg's own, and ours."""
    from pyiceberg.table import update

    if table.metadata.default_sort_order_id != plan.from_id:
        raise CommitConflict(f"somebody changed the sort order of {name} in between")
    transaction = Steady(table)
    if plan.order_id is None:
        _sort_by(transaction, _parsed(name, table, plan.fields))
    elif table.metadata.sort_order_by_id(plan.order_id) is None:
        _sort_by(transaction, ())
    else:
        _earlier(name, table, plan.order_id)
        transaction._stage(
            (update.SetDefaultSortOrderUpdate(**aliased(sort_order_id=plan.order_id)),),
            (update.AssertDefaultSortOrderId(**aliased(default_sort_order_id=plan.from_id)),),
        )
    return Attempt(None, transaction, lambda now: fields_of(now) == plan.after)


def _sort_by(transaction: Transaction, fields: Sequence[SortField]) -> None:
    """Nothing to sort by is the order of no order."""
    update = transaction.update_sort_order()
    for each in fields:
        update._add_sort_field(each.source_id, each.transform, each.direction, each.null_order)
    update.commit()


def _earlier(name: TableName, table: IcebergTable, order_id: int) -> SortOrder:
    """Raises UsageError: there is none, or nobody could write with it."""
    from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

    order = table.metadata.sort_order_by_id(order_id)
    if order is None and order_id != _UNSORTED:
        raise UsageError(f"{name} has no sort order {order_id}", remedy=to_type("table", name))
    found: SortOrder = order or UNSORTED_SORT_ORDER
    columns = {field.field_id for field in table.schema().fields}
    if not {field.source_id for field in found.fields} <= columns:
        said = f"sort order {order_id} is by a column that {name} has no more"
        raise UsageError(said, remedy=to_type("schema", name))
    return found


def _parsed(name: TableName, table: IcebergTable, fields: Sequence[str]) -> tuple[SortField, ...]:
    """Raises UsageError."""
    typed = [each.strip() for each in fields]
    if len(typed) == 1 and typed[0].lower() == NONE:
        return ()
    found = tuple(_field(name, table, each) for each in typed)
    if len({(each.source_id, str(each.transform)) for each in found}) < len(found):
        raise UsageError(f"sort {', '.join(typed)}: a field stands there twice", remedy="name each once")
    return found


def _field(name: TableName, table: IcebergTable, typed: str) -> SortField:
    """``column``, or a transform of one, then asc or desc, then nulls first or nulls last. Without a word it is
    ascending; nulls come first where it ascends and last where it descends, as in Spark."""
    from pyiceberg.table.sorting import NullOrder, SortDirection, SortField
    from pyiceberg.transforms import parse_transform
    from pyiceberg.types import PrimitiveType

    match = _FIELD.fullmatch(typed)
    if match is None:
        raise UsageError(f"sort: '{typed}' is no field", remedy="floe-bench alter --help")
    field = parse_partition(match["what"].strip(), "sort")
    try:
        column = table.schema().find_field(field.column)
        transform = parse_transform(field.transform)
        if not isinstance(column.field_type, PrimitiveType) or not transform.can_transform(column.field_type):
            raise ValueError(f"{column.field_type} cannot be sorted by {field.transform}")
    except ValueError as error:
        said = str(error).strip().splitlines()[0]
        raise UsageError(f"sort {typed}: {said}", remedy=to_type("schema", name)) from error
    falls = (match["way"] or "").lower() == "desc"
    first = match["nulls"].lower() == "first" if match["nulls"] else not falls
    return SortField(
        source_id=column.field_id,
        transform=transform,
        direction=SortDirection.DESC if falls else SortDirection.ASC,
        null_order=NullOrder.NULLS_FIRST if first else NullOrder.NULLS_LAST,
    )


def _data_files(table: IcebergTable) -> int:
    from pyiceberg.manifest import ManifestContent

    snapshot = table.current_snapshot()
    manifests = snapshot.manifests(table.io) if snapshot is not None else []
    data = (each for each in manifests if each.content == ManifestContent.DATA)
    return sum((each.added_files_count or 0) + (each.existing_files_count or 0) for each in data)
