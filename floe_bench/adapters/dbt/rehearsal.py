"""dbt on a branch: what a build of a rehearsal reads and writes.

The catalog is attached read-only under another name. What dbt calls the lake is a database of views in memory: of each
table as it is, or of its branch as soon as this build has written one. So no SQL of the project is touched, and what
writes around the commit (a hook's DELETE) is refused by DuckDB.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import Attachment
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtDatabaseError

from floe_bench.adapters.dbt.branch_name import branch
from floe_bench.adapters.dbt.lake import Lake
from floe_bench.adapters.iceberg.types import quoted
from floe_bench.model.table import TableName

LIVE = "lake_live"
MODULE = __name__


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
    """dbt-duckdb calls it for every cursor it opens; the first one lays out the views."""

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
                for name in self._lake.tables(namespace):
                    # One that cannot be read is missing for those who read it, and for nobody else.
                    with suppress(duckdb.Error):
                        cursor.execute(view(self._database, TableName((namespace,), name), None))
            self._laid_out = True


def view(database: str, table: TableName, snapshot_id: int | None) -> str:
    """SQL that makes the lake's ``table`` that snapshot; as it is for whoever reads it when None."""
    name = f"{quoted('.'.join(table.namespace))}.{quoted(table.name)}"
    at = "" if snapshot_id is None else f" at (version => {snapshot_id})"
    return f"create or replace view {quoted(database)}.{name} as select * from {LIVE}.{name}{at}"


def show(table: TableName, snapshot_id: int, *, database: str, duck: Callable[[str], object], attach: str) -> None:
    """From here on the lake's ``table`` is that snapshot. DuckDB never looks again for a namespace it did not find."""
    duck(f"create schema if not exists {quoted(database)}.{quoted('.'.join(table.namespace))}")
    try:
        duck(view(database, table, snapshot_id))
    except DbtDatabaseError:
        duck(f"detach {LIVE}")
        duck(attach)
        duck(view(database, table, snapshot_id))
