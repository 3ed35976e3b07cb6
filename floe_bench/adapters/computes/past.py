"""A lakehouse as it was: views of the names that SQL knows, each over one snapshot of a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from floe_bench.adapters.computes.connection import LAKE, Connection, quoted
from floe_bench.errors import Cancelled
from floe_bench.model.table import TableName

CATALOG = "lake_now"
"""What the catalog is called here: its usual name is that of the lakehouse as it was."""
_TURN_S = 0.1


def names_in(sql: str) -> frozenset[str] | None:
    """By DuckDB's own parser, in a database that has no table: none of them is looked up."""
    alone = ("enable_external_access", "autoload_known_extensions", "python_enable_replacements")
    with duckdb.connect(config=dict.fromkeys(alone, "false")) as blank:
        try:
            found = blank.get_table_names(sql, qualified=True)
        except duckdb.Error:
            return None
    return frozenset(name.replace('"', "").removeprefix(f"{LAKE}.") for name in found)


class Past:
    """One lakehouse, at one time: whoever wants another time waits for whoever reads.

    The statement itself is not touched. Its names are looked up in a database that is called like the lake and has
    nothing but the views: a table that was not asked for does not exist.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one = threading.Lock()

    @contextmanager
    def at(
        self, snapshots: Mapping[TableName, int], cancelled: Callable[[], bool]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        while not self._one.acquire(timeout=_TURN_S):
            if cancelled():
                raise Cancelled("the query was cancelled")
        try:
            cursor, _ = self._connection.cursor()
            with cursor:
                self._lay_out(cursor, snapshots)
                yield cursor
        finally:
            self._one.release()

    def forget(self) -> None:
        """The next time gets a new database."""
        self._connection.forget()

    def _lay_out(self, cursor: duckdb.DuckDBPyConnection, snapshots: Mapping[TableName, int]) -> None:
        cursor.execute(f"use memory; detach database if exists {LAKE}; attach ':memory:' as {LAKE}")
        for table, snapshot_id in snapshots.items():
            namespace, name = quoted(".".join(table.namespace)), quoted(table.name)
            cursor.execute(f"create schema if not exists {LAKE}.{namespace}")
            there = f"{CATALOG}.{namespace}.{name} at (version => {int(snapshot_id)})"
            cursor.execute(f"create view {LAKE}.{namespace}.{name} as select * from {there}")
            cursor.execute(f"use {LAKE}.{namespace}")
