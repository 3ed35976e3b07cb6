"""A lakehouse as it was: views of the names that SQL knows, each over one snapshot of a table."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from floe_bench.adapters.computes.connection import LAKE, Connection, quoted
from floe_bench.adapters.computes.guard import explained, reading, without_end
from floe_bench.errors import Cancelled
from floe_bench.model.table import TableName

CATALOG = "lake_now"
"""What the catalog is called here: its usual name is that of the lakehouse as it was."""
_TURN_S = 0.1


def names_in(sql: str) -> frozenset[str]:
    """By DuckDB's own parser. Of a WITH, the names that it gives are among them.

    Raises:
        UsageError, WriteRefused: as ``reading``.
        duckdb.Error: it cannot be parsed.
    """
    with duckdb.connect() as blank:
        statement = explained(blank, reading(blank, sql))
        found = blank.execute("select json_serialize_sql($1)", [without_end(statement.query)]).fetchone()
    return frozenset(_named(json.loads(found[0]))) if found else frozenset()


def _named(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            parts = (node["catalog_name"], node["schema_name"], node["table_name"])
            yield ".".join(part for part in parts if part).removeprefix(f"{LAKE}.")
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _named(each)


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
        cursor.execute(f"use memory; detach database if exists {LAKE}; attach ':memory:' as {LAKE}; use {LAKE}.main")
        # A namespace that is not in the first database is looked for in the other, which is that of now.
        listed = cursor.execute("select schema_name from duckdb_schemas() where database_name = $1", [CATALOG])
        for (namespace,) in listed.fetchall():
            cursor.execute(f"create schema if not exists {LAKE}.{quoted(str(namespace))}")
        for table, snapshot_id in snapshots.items():
            namespace, name = quoted(".".join(table.namespace)), quoted(table.name)
            cursor.execute(f"create schema if not exists {LAKE}.{namespace}")
            there = f"{CATALOG}.{namespace}.{name} at (version => {int(snapshot_id)})"
            cursor.execute(f"create view {LAKE}.{namespace}.{name} as select * from {there}")
            cursor.execute(f"use {LAKE}.{namespace}")
