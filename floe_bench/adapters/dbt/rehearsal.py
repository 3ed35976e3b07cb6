"""dbt on a branch: what a build of a rehearsal reads and writes.

The catalog is attached read-only under another name. What dbt calls the lake is a database of views in memory: of each
table as it is, or of its branch as soon as this build has written one. So no SQL of the project is touched, and what
writes around the commit (a hook's DELETE) is refused by DuckDB.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import Attachment
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from floe_bench.adapters.dbt.branch_name import branch
from floe_bench.adapters.dbt.lake import Lake
from floe_bench.adapters.dbt.work import upstream
from floe_bench.adapters.iceberg.types import quoted
from floe_bench.model.table import TableName

LIVE = "lake_live"
MODULE = __name__
_MISSING = re.compile(r"Table with name (\S+) does not exist")


def attachments(attached: Iterable[Attachment], database: str) -> list[Attachment]:
    """The catalog under its other name, and the lake as a database in memory."""
    found = []
    for each in attached:
        if each.alias == database:
            found.append(replace(each, alias=LIVE, read_only=True))
            found.append(Attachment(path=":memory:", alias=database))
        else:
            found.append(each)
    return found


class Plugin(BasePlugin):
    """dbt-duckdb calls it for every cursor it opens; the first one lays out the schemas."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._database = str(plugin_config["database"])
        self._lake = Lake(plugin_config["catalog"], branch=branch())
        self._laying = threading.Lock()
        self._laid_out = False

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._laying:
            if self._laid_out:
                return
            for namespace in self._lake.namespaces():
                cursor.execute(f"create schema if not exists {quoted(self._database)}.{quoted(namespace)}")
            self._laid_out = True


class Views:
    """The tables of the lake, each from when a node that reads it begins.

    Not all at once: DuckDB asks the catalog about each, and ends the process over one whose files it cannot read.
    Thread-safe.
    """

    def __init__(self, database: str, lake: Lake, duck: Callable[[str], object]) -> None:
        self._database, self._lake, self._duck = database, lake, duck
        self._lock = threading.RLock()
        self._laid: set[TableName] = set()

    def lay(self, tables: Iterable[TableName]) -> None:
        with self._lock:
            for table in tables:
                if table not in self._laid:
                    self._laid.add(table)
                    # One that is not there is missing for those who read it, and for nobody else.
                    with suppress(DbtRuntimeError):
                        self._duck(view(self._database, table, None))

    def lay_missing(self, error: str) -> bool:
        """The table that DuckDB's ``error`` misses, which no node declares. False: there is none that is new."""
        named = _MISSING.search(error)
        if named is None:
            return False
        name = named[1].lower()
        with self._lock:
            found = {TableName((each,), name) for each in self._lake.namespaces() if name in self._lake.tables(each)}
            found -= self._laid
            self.lay(found)
        return bool(found)

    def show(self, table: TableName, snapshot_id: int, *, attach: str) -> None:
        """From here on ``table`` is that snapshot. DuckDB never looks again for a namespace it did not find."""
        with self._lock:
            self._laid.add(table)
            self._duck(f"create schema if not exists {quoted(self._database)}.{quoted('.'.join(table.namespace))}")
            try:
                self._duck(view(self._database, table, snapshot_id))
            except DbtRuntimeError:
                self._duck(f"detach {LIVE}")
                self._duck(attach)
                self._duck(view(self._database, table, snapshot_id))


def view(database: str, table: TableName, snapshot_id: int | None) -> str:
    """SQL that makes the lake's ``table`` that snapshot; as it is for whoever reads it when None."""
    name = f"{quoted('.'.join(table.namespace))}.{quoted(table.name)}"
    at = "" if snapshot_id is None else f" at (version => {snapshot_id})"
    return f"create or replace view {quoted(database)}.{name} as select * from {LIVE}.{name}{at}"


def tables_of(unique_id: str, manifest: Any, database: str) -> list[TableName]:
    """What that node reads, and what it is itself; empty for what is no node. ``manifest`` is dbt's own."""
    node = manifest.nodes.get(unique_id)
    if node is None:
        return []
    graph = {"nodes": _Dicts(manifest.nodes), "sources": _Dicts(manifest.sources)}
    itself = TableName((str(node.schema).lower(),), str(node.alias).lower())
    return [*upstream(node.to_dict(), graph, database), itself]


class _Dicts:
    """Nodes as a materialization is given them."""

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self._nodes = nodes

    def get(self, unique_id: str) -> dict[str, Any] | None:
        node = self._nodes.get(unique_id)
        return None if node is None else dict(node.to_dict())
