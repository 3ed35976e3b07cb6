"""Changes of a table as a person types them: ``add note:string``, ``partition day(ordered_at)``."""

from __future__ import annotations

import re
from collections.abc import Callable

from floe_bench.dataclass import dataclass
from floe_bench.errors import UsageError
from floe_bench.model.reshape import ColumnChange, PartitionChange

_FORMS = {
    "add": "NAME:TYPE[:DOC]", "rename": "NAME=NEW", "widen": "NAME:TYPE", "doc": "NAME=TEXT", "optional": "NAME",
    "drop": "NAME", "schema": "ID", "partition": "[NAME=]FIELD", "unpartition": "FIELD",
    "rename-partition": "FIELD=NEW", "spec": "ID", "sort": "FIELD [desc], …", "sort-order": "ID",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alteration:
    """Changes of columns, of the partitioning or of the sort order, or an earlier one of any; only one is there."""

    columns: tuple[ColumnChange, ...] = ()
    schema_id: int | None = None
    partitions: tuple[PartitionChange, ...] = ()
    spec_id: int | None = None
    sorting: tuple[str, ...] = ()
    order_id: int | None = None


_EARLIER: dict[str, Callable[[int], Alteration]] = {
    "schema": lambda each: Alteration(schema_id=each),
    "spec": lambda each: Alteration(spec_id=each),
    "sort-order": lambda each: Alteration(order_id=each),
}
_COMMA = re.compile(r",(?![^(]*\))")
"""None inside of parentheses."""


def alteration(typed: str) -> Alteration:
    """Raises UsageError."""
    how, _, text = (part.strip() for part in typed.strip().partition(" "))
    if how not in _FORMS or not text:
        raise UsageError(f"'{typed}' is no change; say " + ", ".join(_FORMS), remedy="floe-bench alter --help")
    if how in _EARLIER:
        if not text.isdecimal():
            raise UsageError(f"'{text}' is no id", remedy="floe-bench alter --help")
        return _EARLIER[how](int(text))
    if how == "sort":
        return Alteration(sorting=sort_fields(text))
    if how.endswith("partition"):
        return Alteration(partitions=(partition_change(how, text),))
    return Alteration(columns=(column_change(how, text),))


def column_change(how: str, typed: str) -> ColumnChange:
    """``how`` as ``ColumnChange`` has it. Raises UsageError."""
    match how:
        case "add":
            name, rest = _pair(typed, ":", how)
            kind, _, doc = rest.partition(":")
            return ColumnChange(how, name, kind, doc)
        case "rename" | "doc":
            return ColumnChange(how, *_pair(typed, "=", how))
        case "widen":
            return ColumnChange(how, *_pair(typed, ":", how))
        case _:
            return ColumnChange(how, typed)


def partition_change(how: str, typed: str) -> PartitionChange:
    """``how``: partition, unpartition or rename-partition. Raises UsageError."""
    if how == "unpartition":
        return PartitionChange("drop", typed)
    if how == "rename-partition":
        return PartitionChange("rename", *_pair(typed, "=", how))
    name, found, field = typed.partition("=")
    return PartitionChange("add", field, name) if found and field and name else PartitionChange("add", typed)


def sort_fields(typed: str) -> tuple[str, ...]:
    """``spend desc, bucket(4, id)``: each field by itself."""
    return tuple(each.strip() for each in _COMMA.split(typed) if each.strip())


def _pair(typed: str, mark: str, how: str) -> tuple[str, str]:
    name, found, text = typed.partition(mark)
    if not found or not name or (not text and how != "doc"):
        raise UsageError(f"'{typed}' is not {_FORMS[how]}", remedy="floe-bench alter --help")
    return name, text
