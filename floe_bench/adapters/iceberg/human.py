"""Values that Iceberg's metadata holds, as a person writes them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.partitioning import PartitionField, PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table.sorting import SortField, SortOrder
    from pyiceberg.types import PrimitiveType


def bound(kind: PrimitiveType, raw: bytes | None) -> str | None:
    """None where there is none; as hexadecimal digits where they are not of that type (a column that was retyped)."""
    from pyiceberg.conversions import from_bytes
    from pyiceberg.transforms import IdentityTransform

    if raw is None:
        return None
    try:
        value: Any = from_bytes(kind, raw)
        return str(IdentityTransform[Any]().to_human_string(kind, value))
    except (ValueError, TypeError, ArithmeticError, LookupError, OSError, NotImplementedError, struct.error):
        return f"0x{raw.hex()}"


def partition(spec: PartitionSpec, schema: Schema, file: DataFile) -> str:
    """``day=2026-01-31/region=eu``; a value whose column is gone is as it is stored."""
    parts = []
    for place, (field, kind) in enumerate(zip(spec.fields, spec.partition_type(schema).fields, strict=True)):
        value = file.partition[place]
        try:
            told = "null" if value is None else str(field.transform.to_human_string(kind.field_type, value))
        except (ValueError, TypeError, ArithmeticError, NotImplementedError):
            told = str(value)
        parts.append(f"{field.name}={told}")
    return "/".join(parts)


def spec_fields(spec: PartitionSpec, schema: Schema) -> tuple[str, ...]:
    return tuple(spec_field(field, schema) for field in spec.fields)


def spec_field(field: PartitionField, schema: Schema) -> str:
    return _transformed(str(field.transform), _column(schema, field.source_id))


def order_fields(order: SortOrder, schema: Schema) -> tuple[str, ...]:
    return tuple(_order_field(field, schema) for field in order.fields)


def _order_field(field: SortField, schema: Schema) -> str:
    way = str(field.direction.value)
    nulls = str(field.null_order.value).replace("-", " ")
    return f"{_transformed(str(field.transform), _column(schema, field.source_id))} {way} {nulls}"


def _transformed(transform: str, column: str) -> str:
    """``bucket[16]`` of a column reads ``bucket(16, column)``, as one writes it in SQL."""
    if transform == "identity":
        return column
    name, _, size = transform.rstrip("]").partition("[")
    return f"{name}({size}, {column})" if size else f"{name}({column})"


def _column(schema: Schema, field_id: int) -> str:
    return schema.find_column_name(field_id) or f"column {field_id}, which is gone"
