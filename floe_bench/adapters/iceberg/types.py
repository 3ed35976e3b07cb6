"""The one cast policy from DuckDB's types to Iceberg's (format version 2).

Source: Iceberg spec, "Primitive Types"; DuckDB docs, "Data Types".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from floe_bench.errors import TypeNotSupported

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType
    from pyiceberg.types import IcebergType

_SAME = {
    "boolean": "boolean",
    "integer": "int",
    "bigint": "long",
    "float": "float",
    "double": "double",
    "varchar": "string",
    "blob": "binary",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamptz",
    "uuid": "uuid",
}
"""DuckDB type id -> Iceberg's spelling, for types that need no cast."""

_WIDENED = {
    "tinyint": "INTEGER",
    "smallint": "INTEGER",
    "utinyint": "INTEGER",
    "usmallint": "INTEGER",
    "uinteger": "BIGINT",
    "ubigint": "DECIMAL(20,0)",
    # Wider than any Iceberg decimal: a value of 39 digits makes the cast fail, and with it the model.
    "hugeint": "DECIMAL(38,0)",
    "uhugeint": "DECIMAL(38,0)",
    "timestamp_s": "TIMESTAMP",
    "timestamp_ms": "TIMESTAMP",
    "enum": "VARCHAR",
    "json": "VARCHAR",
    '"null"': "INTEGER",
}
"""DuckDB type id -> the DuckDB type that holds every value of it and that Iceberg has."""

_REFUSED = {
    # Each of these would lose something silently: nanoseconds, a zone, months against days.
    "timestamp_ns": "TIMESTAMP",
    "time_ns": "TIME",
    "time with time zone": "TIME",
    "interval": "VARCHAR",
    "bit": "VARCHAR",
    "bignum": "DECIMAL(38,0)",
    "union": "VARCHAR",
    "variant": "VARCHAR",
    "geometry": "BLOB",
}
"""DuckDB type id -> the cast to propose."""


@dataclass(frozen=True, slots=True)
class LakeColumn:
    """A column of a result, and what becomes of it in the table.

    ``stored`` is the DuckDB type a reader gets back; ``export`` the SQL expression whose Arrow form PyIceberg takes.
    """

    name: str
    stored: str
    iceberg: IcebergType
    export: str
    changed: bool
    """The result's own type is another than ``stored``."""
    required: bool = False
    doc: str | None = None


def lake_column(name: str, type_: DuckDBPyType, *, required: bool = False, doc: str | None = None) -> LakeColumn:
    """The policy for one column.

    Raises:
        TypeNotSupported: names column, type and the cast to write in the model.
    """
    try:
        stored, iceberg = _stored(type_, nested=False)
    except _NotHeldError as error:
        raise TypeNotSupported(
            f"column {quoted(name)} is {error.type_name}, which Iceberg cannot hold",
            remedy=f"write in the model: {quoted(name)}::{_proposal(type_, error)} as {quoted(name)}",
        ) from None
    changed = stored != str(type_)
    value = f"{quoted(name)}::{stored}" if changed else quoted(name)
    # DuckDB hands UUIDs to Arrow as text; Iceberg wants the 16 bytes.
    export = f"from_hex(replace({value}::varchar, '-', ''))" if stored == "UUID" else value
    return LakeColumn(name, stored, iceberg, f"{export} as {quoted(name)}", changed, required, doc)


def described(column: LakeColumn, *, required: bool, doc: str | None) -> LakeColumn:
    return replace(column, required=required, doc=doc)


def quoted(name: str) -> str:
    """An SQL identifier, whatever the name holds."""
    return '"' + name.replace('"', '""') + '"'


class _NotHeldError(Exception):
    def __init__(self, type_name: str, cast: str) -> None:
        super().__init__(type_name)
        self.type_name = type_name
        self.cast = cast


def _proposal(whole: DuckDBPyType, error: _NotHeldError) -> str:
    text = str(whole)
    return error.cast if text == error.type_name else text.replace(error.type_name, error.cast)


def _stored(type_: DuckDBPyType, *, nested: bool) -> tuple[str, IcebergType]:
    from pyiceberg.types import DecimalType, StringType

    kind, text = str(type_.id), str(type_)
    if kind in ("list", "array", "struct", "map"):
        return _stored_nested(kind, dict(type_.children))
    if kind == "decimal":
        parts: dict[str, Any] = dict(type_.children)
        return text, DecimalType(parts["precision"], parts["scale"])
    if text == "JSON" or (kind == "uuid" and nested):
        # Inside lists and structs a UUID would reach Arrow as text, so text it is.
        return "VARCHAR", StringType()
    if kind in _SAME:
        return text, _primitive(_SAME[kind])
    if kind in _WIDENED:
        return _WIDENED[kind], _parsed(_WIDENED[kind])
    raise _NotHeldError(text, _REFUSED.get(kind, "VARCHAR"))


def _stored_nested(kind: str, children: dict[str, Any]) -> tuple[str, IcebergType]:
    from pyiceberg.types import ListType, MapType, NestedField, StructType

    # Field ids of nested parts are placeholders: the table assigns its own.
    if kind in ("list", "array"):
        stored, element = _stored(children["child"], nested=True)
        return f"{stored}[]", ListType(0, element, element_required=False)
    if kind == "map":
        key_stored, key = _stored(children["key"], nested=True)
        value_stored, value = _stored(children["value"], nested=True)
        return f"MAP({key_stored}, {value_stored})", MapType(0, key, 0, value, value_required=False)
    parts = [(name, *_stored(child, nested=True)) for name, child in children.items()]
    fields = [NestedField(0, name, iceberg, required=False) for name, _, iceberg in parts]
    return f"STRUCT({', '.join(f'{quoted(name)} {stored}' for name, stored, _ in parts)})", StructType(*fields)


def _primitive(spelling: str) -> IcebergType:
    from pydantic import TypeAdapter
    from pyiceberg.types import IcebergType

    return TypeAdapter(IcebergType).validate_python(spelling)


def _parsed(duckdb_type: str) -> IcebergType:
    from pyiceberg.types import DecimalType

    if duckdb_type.startswith("DECIMAL("):
        precision, scale = duckdb_type[len("DECIMAL(") : -1].split(",")
        return DecimalType(int(precision), int(scale))
    return _primitive(_SAME[duckdb_type.lower()])
