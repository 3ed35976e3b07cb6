"""A result waiting in a native DuckDB table, as the rows of a commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.digest import Digest
from floe_bench.adapters.iceberg.files import BATCH_ROWS
from floe_bench.adapters.iceberg.types import LakeColumn, described, lake_column, quoted
from floe_bench.errors import QueryFailed

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from floe_bench.adapters.dbt.work import Settings


class StagedRows:
    """Rows of ``relation`` (rendered SQL). Reading it again reads the same rows, so a retry costs no query.

    Raises, when opened:
        TypeNotSupported: a column that Iceberg cannot hold.
        QueryFailed: null in a column that the contract wants not null.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, relation: str, settings: Settings) -> None:
        self._cursor, self._relation = cursor, relation
        self.columns: tuple[LakeColumn, ...] = tuple(
            described(
                column,
                required=column.name.lower() in settings.required,
                doc=settings.doc_of(column.name),
            )
            for column in lake_columns(cursor, relation)
        )
        self.digest = self._measure()

    def _measure(self) -> Digest:
        required = [column for column in self.columns if column.required]
        names = [quoted(column.name) for column in self.columns]
        values = ", ".join(names)
        stored = ", ".join(
            f"{name}::{column.stored} as {name}" for name, column in zip(names, self.columns, strict=True)
        )
        counts = "".join(f", count({quoted(column.name)})" for column in required)
        row = self._cursor.execute(
            f"select count(*), coalesce(sum(hash({values})), 0){counts} from (select {stored} from {self._relation})"
        ).fetchone()
        rows, total, *filled = row or (0, 0)
        for column, count in zip(required, filled, strict=True):
            if count < rows:
                raise QueryFailed(f"NOT NULL constraint failed: column {quoted(column.name)} has {rows - count} nulls")
        shape = ";".join(f"{column.name}:{column.stored}" for column in self.columns)
        return Digest(hashlib.sha256(shape.encode()).hexdigest()[:8], rows, int(total))

    def batches(self, order_by: str) -> Iterable[pa.RecordBatch]:
        exports = ", ".join(column.export for column in self.columns)
        # The order is that of the stage's columns, so it is applied before they are exported.
        ordered = f"(select * from {self._relation}{order_by})" if order_by else self._relation
        result = self._cursor.execute(f"select {exports} from {ordered}")
        reader: pa.RecordBatchReader = result.to_arrow_reader(BATCH_ROWS)
        yield from reader


def lake_columns(cursor: duckdb.DuckDBPyConnection, relation: str) -> tuple[LakeColumn, ...]:
    """Columns of a native table under the cast policy, in order."""
    result = cursor.sql(f"select * from {relation} limit 0")
    return tuple(lake_column(name, type_) for name, type_ in zip(result.columns, result.types, strict=True))


def conform(cursor: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Give the columns the types that a reader of the table will see, so that comparing the two finds no difference."""
    for column in lake_columns(cursor, relation):
        if column.changed:
            cursor.execute(f"alter table {relation} alter column {quoted(column.name)} type {column.stored}")
