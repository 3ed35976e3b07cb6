"""Rows of a fake lakehouse: compared, and queried by sqlite."""

from __future__ import annotations

import sqlite3

from floe_bench.errors import QueryFailed, WriteRefused
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.snapshot import Sample, SchemaChange
from floe_bench.model.table import Column
from tests.shop import Row, Rows


class Scratch:
    """The current rows of every table in one sqlite database that refuses writes."""

    def __init__(self, tables: dict[str, Rows]) -> None:
        self._database = sqlite3.connect(":memory:")
        for namespace in {name.partition(".")[0] for name in tables}:
            self._database.execute(f'attach ":memory:" as "{namespace}"')
        for name, rows in tables.items():
            self._fill(name, rows)
        self._refused = ""
        self._database.set_authorizer(self._authorize)

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _fill(self, name: str, rows: Rows) -> None:
        columns = list(rows[0]) if rows else ["empty"]
        self._database.execute(f"create table {name} ({', '.join(columns)})")
        marks = ", ".join("?" for _ in columns)
        self._database.executemany(f"insert into {name} values ({marks})", [list(row.values()) for row in rows])

    def _authorize(self, action: int, *_: object) -> int:
        allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
        if action in allowed:
            return sqlite3.SQLITE_OK
        self._refused = "a query may only read"
        return sqlite3.SQLITE_DENY

    def answer(self, sql: str, limit: int) -> QueryAnswer:
        try:
            cursor = self._database.execute(sql)
            rows = cursor.fetchmany(limit + 1)
        except sqlite3.Error as error:
            if self._refused:
                raise WriteRefused(self._refused, remedy="floe-bench run") from error
            raise QueryFailed(str(error)) from error
        names = tuple(column[0] for column in cursor.description)
        kinds = tuple(_kind(rows[0][index] if rows else None) for index in range(len(names)))
        return QueryAnswer(names, kinds, tuple(rows[:limit]), truncated=len(rows) > limit, duration_s=0.01)


def _kind(value: object) -> str:
    return {int: "BIGINT", float: "DOUBLE"}.get(type(value), "VARCHAR")


def columns_of(rows: Rows) -> dict[str, Column]:
    named = rows[0] if rows else {}
    kinds = {int: "long", float: "double"}
    return {name: Column(n, name, kinds.get(type(value), "string")) for n, (name, value) in enumerate(named.items(), 1)}


def schema_change(old: Rows, new: Rows) -> SchemaChange:
    before, after = columns_of(old), columns_of(new)
    return SchemaChange(
        added=tuple(column for name, column in after.items() if name not in before),
        removed=tuple(column for name, column in before.items() if name not in after),
        changed=tuple(
            (before[name], after[name]) for name in before if name in after and before[name].type != after[name].type
        ),
    )


def samples_between(old: Rows, new: Rows, key: tuple[str, ...]) -> list[Sample]:
    removed = _without(old, new)
    added = _without(new, old)
    if not key:
        return [Sample("added", row) for row in added] + [Sample("removed", row) for row in removed]

    def by(row: Row) -> tuple[object, ...]:
        return tuple(row.get(column) for column in key)

    gone = {by(row): row for row in removed}
    changed = [Sample("changed", row, gone.pop(by(row))) for row in added if by(row) in gone]
    paired = {by(dict(each.row)) for each in changed}
    fresh = [Sample("added", row) for row in added if by(row) not in paired]
    return changed + fresh + [Sample("removed", row) for row in gone.values()]


def _without(rows: Rows, others: Rows) -> Rows:
    left = list(others)
    kept = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            kept.append(row)
    return kept
