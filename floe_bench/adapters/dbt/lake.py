"""The catalog as the adapter needs it: names, heads, drops. One session per thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import duckdb
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError

from floe_bench.adapters.iceberg.branch import seen_from
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.errors import BenchError
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.table import Table


@contextmanager
def in_dbt_words() -> Iterator[None]:
    """Our errors, and DuckDB's, as dbt's, so that it fails the node and not the invocation."""
    try:
        yield
    except BenchError as error:
        raise DbtRuntimeError(f"{error.message}\n{error.remedy}" if error.remedy else error.message) from error
    except duckdb.Error as error:
        raise DbtDatabaseError(str(error)) from error


class Lake:
    """``branch`` is what counts as main, for tables that have it."""

    def __init__(self, properties: Mapping[str, Any], *, branch: str | None = None) -> None:
        self.branch = branch
        self._properties = {str(key): str(value) for key, value in properties.items()}
        self._local = threading.local()

    @property
    def catalog(self) -> RestCatalog:
        # PyIceberg writes a table's own token into the headers its session shares.
        found: RestCatalog | None = getattr(self._local, "catalog", None)
        if found is None:
            from pyiceberg.catalog.rest import RestCatalog

            with translated(f"catalog {self._properties.get('uri')}"):
                found = self._local.catalog = RestCatalog("floe", **self._properties)
        return found

    def namespaces(self) -> list[str]:
        with translated("the list of namespaces"):
            return [parts[0] for parts in self.catalog.list_namespaces() if len(parts) == 1]

    def create_namespace(self, namespace: str) -> None:
        with translated(f"namespace {namespace}"):
            self.catalog.create_namespace_if_not_exists(namespace)

    def drop_namespace(self, namespace: str) -> None:
        from pyiceberg.exceptions import NoSuchNamespaceError

        with translated(f"namespace {namespace}"), suppress(NoSuchNamespaceError):
            self.catalog.drop_namespace(namespace)

    def tables(self, namespace: str) -> list[str]:
        from pyiceberg.exceptions import NoSuchNamespaceError

        with translated(f"namespace {namespace}"), suppress(NoSuchNamespaceError):
            return [parts[-1] for parts in self.catalog.list_tables(namespace)]
        return []

    def find(self, name: TableName) -> Table | None:
        """None also for a name that the catalog cannot hold."""
        from pyiceberg.exceptions import BadRequestError, NoSuchNamespaceError, NoSuchTableError

        with translated(f"table {name}"), suppress(NoSuchTableError, NoSuchNamespaceError, BadRequestError):
            found: Table = self.catalog.load_table(name.parts)
            return seen_from(found, self.branch) if self.branch else found
        return None

    def drop(self, name: TableName) -> None:
        from pyiceberg.exceptions import NoSuchTableError

        with translated(f"table {name}"), suppress(NoSuchTableError):
            self.catalog.drop_table(name.parts)

    def rename(self, before: TableName, after: TableName) -> None:
        with translated(f"table {before}"):
            self.catalog.rename_table(before.parts, after.parts)

    def heads(self, names: Iterable[TableName]) -> dict[str, int]:
        """Current snapshot of each table that exists and has one."""
        found = ((str(name), self.find(name)) for name in names)
        return {name: id_ for name, table in found if table and (id_ := table.metadata.current_snapshot_id) is not None}


def snapshots_after(table: Table, snapshot_id: int, *, mark: str) -> list[int]:
    """Ids on the way from ``snapshot_id`` to the head, oldest first; empty if it is no ancestor of the head.

    Snapshots whose summary carries ``mark`` are somebody's materializations, not a hook's work.
    """
    between: list[int] = []
    each = table.current_snapshot()
    while each is not None and each.snapshot_id != snapshot_id:
        if each.summary is None or mark not in each.summary.additional_properties:
            between.append(each.snapshot_id)
        each = table.snapshot_by_id(each.parent_snapshot_id) if each.parent_snapshot_id is not None else None
    return between[::-1] if each is not None else []
