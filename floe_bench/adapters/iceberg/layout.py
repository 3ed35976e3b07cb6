"""How a table's files are laid out: partition fields and sort order, from a model's configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.types import quoted
from floe_bench.errors import UsageError

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table import Transaction

_CALL = re.compile(
    r"(?P<transform>[a-z]+)\s*\(\s*(?:(?P<before>\d+)\s*,\s*)?(?P<column>[^,]+?)\s*(?:,\s*(?P<after>\d+)\s*)?\)", re.I
)
_PLAIN = frozenset({"year", "month", "day", "hour", "identity"})
_SIZED = frozenset({"bucket", "truncate"})


@dataclass(frozen=True, slots=True)
class PartitionField:
    """``transform`` in Iceberg's spelling: identity, year, month, day, hour, bucket[n], truncate[n]."""

    column: str
    transform: str

    @property
    def name(self) -> str:
        return self.column if self.transform == "identity" else f"{self.column}_{self.transform.partition('[')[0]}"


@dataclass(frozen=True, slots=True)
class SortField:
    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    partitions: tuple[PartitionField, ...] = ()
    sorting: tuple[SortField, ...] = ()

    def order_by(self) -> str:
        """SQL that brings rows of one partition together; empty if rows may lie as they come."""
        keys = [quoted(field.column) for field in self.partitions]
        keys += [f"{quoted(field.column)}{' desc' if field.descending else ''}" for field in self.sorting]
        return f" order by {', '.join(keys)}" if keys else ""


def parse_layout(partitioned_by: object, sorted_by: object) -> Layout:
    """From ``partitioned_by`` and ``sorted_by``: a string, a comma list in a string, or a list of strings.

    Raises:
        UsageError: an item that is neither a column nor a transform of one.
    """
    partitions = tuple(parse_partition(item) for item in _items(partitioned_by, "partitioned_by"))
    return Layout(partitions, tuple(_sort(item) for item in _items(sorted_by, "sorted_by")))


def _items(value: object, setting: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [item.strip() for item in re.split(r",(?![^(]*\))", value) if item.strip()]
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return [item.strip() for item in value]
    raise UsageError(f"{setting} must be a string or a list of strings, not {value!r}")


def parse_partition(item: str, setting: str = "partitioned_by") -> PartitionField:
    """A column, or a transform of one. Raises UsageError."""
    call = _CALL.fullmatch(item)
    if call is None:
        return PartitionField(_unquoted(item), "identity")
    transform, size = call["transform"].lower().removesuffix("s"), call["before"] or call["after"]
    column = _unquoted(call["column"])
    if transform in _PLAIN and size is None:
        return PartitionField(column, transform)
    if transform in _SIZED and size is not None and int(size):
        return PartitionField(column, f"{transform}[{size}]")
    raise UsageError(
        f"{setting}: '{item}' is no transform of Iceberg",
        remedy="write a column, or year(c), month(c), day(c), hour(c), bucket(n, c), truncate(n, c)",
    )


def _sort(item: str) -> SortField:
    words = item.rsplit(None, 1)
    if len(words) == 2 and words[1].lower() in ("asc", "desc"):
        return SortField(_unquoted(words[0]), words[1].lower() == "desc")
    return SortField(_unquoted(item))


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if len(name) > 1 and name[0] == name[-1] == '"' else name


def resolved(layout: Layout, columns: tuple[str, ...]) -> Layout:
    """The same with column names as the result spells them.

    Raises:
        UsageError: a column that is not in the result.
    """
    return Layout(
        tuple(
            PartitionField(_find(field.column, columns, "partitioned_by"), field.transform)
            for field in layout.partitions
        ),
        tuple(SortField(_find(field.column, columns, "sorted_by"), field.descending) for field in layout.sorting),
    )


def _find(name: str, columns: tuple[str, ...], setting: str) -> str:
    found = next((column for column in columns if column == name), None)
    found = found or next((column for column in columns if column.lower() == name.lower()), None)
    if found is None:
        raise UsageError(f"{setting}: there is no column '{name}'", remedy=f"use one of: {', '.join(columns)}")
    return found


def clear_stale(transaction: Transaction, layout: Layout) -> None:
    """First half, before columns change: drop partition fields and a sort order that the layout does not want."""
    metadata = transaction.table_metadata
    wanted = {(field.column, field.transform) for field in layout.partitions}
    stale = [name for name, key in _present_partitions(metadata.schema(), transaction).items() if key not in wanted]
    if stale:
        with transaction.update_spec() as update:
            for name in stale:
                update.remove_field(name)
    if metadata.sort_order().fields and _present_sorting(transaction) != layout.sorting:
        # An empty update is the unsorted order.
        with transaction.update_sort_order():
            pass


def apply_wanted(transaction: Transaction, layout: Layout) -> None:
    """Second half, after columns changed: add what is missing."""
    present = set(_present_partitions(transaction.table_metadata.schema(), transaction).values())
    missing = [field for field in layout.partitions if (field.column, field.transform) not in present]
    if missing:
        with transaction.update_spec() as update:
            for field in missing:
                update.add_field(field.column, field.transform, field.name)
    if layout.sorting and _present_sorting(transaction) != layout.sorting:
        _sort_by(transaction, layout.sorting)


def _sort_by(transaction: Transaction, sorting: tuple[SortField, ...]) -> None:
    from pyiceberg.transforms import IdentityTransform

    with transaction.update_sort_order() as update:
        for field in sorting:
            (update.desc if field.descending else update.asc)(field.column, IdentityTransform())


def _present_partitions(schema: Schema, transaction: Transaction) -> dict[str, tuple[str | None, str]]:
    fields = transaction.table_metadata.spec().fields
    return {field.name: (schema.find_column_name(field.source_id), str(field.transform)) for field in fields}


def _present_sorting(transaction: Transaction) -> tuple[SortField, ...]:
    """A field that no configuration asks for (of a transform, or with nulls first) is one without a column."""
    from pyiceberg.table.sorting import NullOrder, SortDirection
    from pyiceberg.transforms import IdentityTransform

    metadata = transaction.table_metadata
    return tuple(
        SortField(
            (metadata.schema().find_column_name(field.source_id) or "")
            if isinstance(field.transform, IdentityTransform) and field.null_order == NullOrder.NULLS_LAST
            else "",
            field.direction == SortDirection.DESC,
        )
        for field in metadata.sort_order().fields
    )
