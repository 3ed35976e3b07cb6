"""Lets SQL name the lake's tables without the catalog: ``schema.table`` in a hook, as on a DuckDB file.

dbt-duckdb loads this module as a plugin and calls it for every cursor it opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin

from floe_bench.adapters.iceberg.types import quoted

if TYPE_CHECKING:
    import duckdb

MODULE = __name__


class Plugin(BasePlugin):
    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._database = str(plugin_config["database"])

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        look_in(cursor, self._database)


def look_in(cursor: duckdb.DuckDBPyConnection, database: str) -> None:
    """The in-memory database stays first, where macros and functions of a project can be created."""
    found = cursor.execute(
        "select schema_name from duckdb_schemas() where database_name = ? and schema_name <> 'main' order by 1",
        [database],
    )
    names = [f"{quoted(database)}.{quoted(name)}" for (name,) in found.fetchall()]
    path = ",".join([f"{quoted('memory')}.main", *names])
    cursor.execute(f"set search_path = '{path}'")
