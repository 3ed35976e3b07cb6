"""The schema a table gets from a new result. Pure: nothing here talks to a catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.types import LakeColumn

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import IcebergType, NestedField


def new_schema(columns: Sequence[LakeColumn]) -> Schema:
    """For a table that does not exist yet."""
    from pyiceberg.schema import Schema

    ids = count(1)
    return Schema(*(_fresh(column, lambda: next(ids)) for column in columns))


def evolved_schema(metadata: TableMetadata, columns: Sequence[LakeColumn], *, keep_missing: bool = False) -> Schema:
    """Same name keeps its field id, order is the result's, another type is a new field unless it is a safe widening.

    ``keep_missing``: columns that the result lacks stay, as an append needs. A column's ``doc`` None keeps the doc.
    """
    from pyiceberg.schema import Schema

    ids = count(metadata.last_column_id + 1)
    present = metadata.schema()
    exact = {field.name: field for field in present.fields}
    folded = {field.name.lower(): field for field in present.fields}
    found = [exact.get(column.name) or folded.get(column.name.lower()) for column in columns]
    fields = [_carried(field, column, lambda: next(ids)) for field, column in zip(found, columns, strict=True)]
    if keep_missing:
        fields = _beside(present.fields, fields)
    kept = {field.field_id for field in fields if field.required}
    return Schema(*fields, identifier_field_ids=[id_ for id_ in present.identifier_field_ids if id_ in kept])


def _beside(before: Sequence[NestedField], fields: list[NestedField]) -> list[NestedField]:
    """Old fields under their old names and in their old order, then the new ones."""
    from pyiceberg.types import NestedField

    by_id = {field.field_id: field for field in fields}
    kept = []
    for old in before:
        now = by_id.pop(old.field_id, None)
        type_, doc, required = (now.field_type, now.doc, old.required) if now else (old.field_type, old.doc, False)
        kept.append(NestedField(old.field_id, old.name, type_, required=required, doc=doc))
    return [*kept, *by_id.values()]


def _carried(field: NestedField | None, column: LakeColumn, next_id: Callable[[], int]) -> NestedField:
    from pyiceberg.types import NestedField

    if field is None:
        return _fresh(column, next_id)
    # An empty one is none: a catalog that takes both for the same keeps the schema it has, under the id that it has.
    doc = field.doc if column.doc is None else column.doc or None
    if same_type(field.field_type, column.iceberg):
        return NestedField(field.field_id, column.name, field.field_type, required=column.required, doc=doc)
    if widens(field.field_type, column.iceberg):
        return NestedField(field.field_id, column.name, column.iceberg, required=column.required, doc=doc)
    return _fresh(column, next_id, doc=doc)


def _fresh(column: LakeColumn, next_id: Callable[[], int], *, doc: str | None = None) -> NestedField:
    from pyiceberg.schema import Schema, assign_fresh_schema_ids
    from pyiceberg.types import NestedField

    field = NestedField(0, column.name, column.iceberg, required=column.required, doc=column.doc or doc)
    return assign_fresh_schema_ids(Schema(field), next_id).fields[0]


def same_type(one: IcebergType, other: IcebergType) -> bool:
    """Equal but for field ids and docs."""
    from pyiceberg.types import ListType, MapType, StructType

    if isinstance(one, StructType) and isinstance(other, StructType):
        return len(one.fields) == len(other.fields) and all(
            a.name == b.name and same_type(a.field_type, b.field_type)
            for a, b in zip(one.fields, other.fields, strict=True)
        )
    if isinstance(one, ListType) and isinstance(other, ListType):
        return same_type(one.element_type, other.element_type)
    if isinstance(one, MapType) and isinstance(other, MapType):
        return same_type(one.key_type, other.key_type) and same_type(one.value_type, other.value_type)
    return one == other


def widens(old: IcebergType, new: IcebergType) -> bool:
    """A promotion that every reader of old files knows.

    Source: Iceberg spec, "Schema Evolution".
    """
    from pyiceberg.types import DecimalType, DoubleType, FloatType, IntegerType, LongType

    if isinstance(old, DecimalType) and isinstance(new, DecimalType):
        return old.scale == new.scale and old.precision <= new.precision
    pairs = ((IntegerType, LongType), (FloatType, DoubleType))
    return any(isinstance(old, narrow) and isinstance(new, wide) for narrow, wide in pairs)
