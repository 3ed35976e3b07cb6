"""Reading an Iceberg REST catalog."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from floe_bench.adapters.catalogs import head
from floe_bench.adapters.catalogs.anatomy import TableAnatomy
from floe_bench.adapters.catalogs.branch import drop_made_for, remove
from floe_bench.adapters.catalogs.branch import has as has_branch
from floe_bench.adapters.catalogs.maintenance import TableMaintainer
from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.mapping import columns_of, schema_at, snapshot_with, snapshots_of, table_of
from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.adapters.iceberg.listing import table_names
from floe_bench.errors import NoSuchTable, StackError, TableError
from floe_bench.model.snapshot import Ground, SchemaChange, Snapshot, schema_change
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import Column, Table, TableName
from floe_bench.model.undo import HeadMove, TableHead

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable

_CONCURRENCY = 8
"""Below the ten connections that the HTTP session keeps."""
_KEPT_SIZES = 20_000

log = logging.getLogger(__name__)


class RestCatalogReader:
    """Fulfils ``ports.catalog.CatalogReader``, ``ports.head.HeadMover`` and ``ports.rehearsal.BranchKeeper``, and has
    anatomy and maintainer.

    No table metadata is cached: some servers reuse the name of its file. The first call opens the session; it survives
    a restart of the server. ``moves_together``: the server commits several tables at once.
    """

    def __init__(self, endpoints: Endpoints, *, moves_together: bool = False) -> None:
        self._endpoints = endpoints
        self._moves_together = moves_together
        self._opening = threading.Lock()
        self._catalog: RestCatalog | None = None
        self._sizes: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="catalog")
        manifests = Manifests(self._pool)
        self._anatomy = TableAnatomy(self._load, manifests)
        self._maintainer = TableMaintainer(self._load, self._pool, manifests)

    def tables(self) -> tuple[Table, ...]:
        """A table that cannot be read is listed without numbers; the log says why."""
        with translated("the catalog"):
            catalog = self._session()
            names = table_names(catalog, self._pool)
            found = self._pool.map(self._listed, names)
            return tuple(table for table in found if table is not None)

    def names(self) -> tuple[TableName, ...]:
        with translated("the catalog"):
            return table_names(self._session(), self._pool)

    def table(self, name: TableName) -> Table:
        table = self._load(name)
        found = table_of(name, table)
        if found.files and not found.bytes and found.snapshot_id is not None:
            return replace(found, bytes=self._measured(name, table, found.snapshot_id))
        return found

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        return snapshots_of(self._load(name))

    def columns(self, name: TableName, snapshot_id: int | None = None) -> tuple[Column, ...]:
        return columns_of(schema_at(name, self._load(name), snapshot_id))

    def schema_change(self, name: TableName, before: int | None, after: int) -> SchemaChange:
        table = self._load(name)
        old = () if before is None else columns_of(schema_at(name, table, before))
        return schema_change(old, columns_of(schema_at(name, table, after)))

    def ground(self, name: TableName, before: int | None, after: int) -> Ground:
        """A manifest that both snapshots share lists the same files for both and is not opened."""
        table = self._load(name)
        with translated(f"table {name}"):
            now, has_deletes = _manifests(name, table, after)
            old, had_deletes = _manifests(name, table, before) if before is not None else ({}, False)
            come = self._files(table.io, (now[path] for path in now if path not in old))
            gone = self._files(table.io, (old[path] for path in old if path not in now))
            kept = sum(_live_files(manifest) for path, manifest in now.items() if path in old)
        added, removed = (tuple(sorted(one.keys() - other.keys())) for one, other in ((come, gone), (gone, come)))
        return Ground(
            old_ids={} if before is None else _field_ids(schema_at(name, table, before)),
            new_ids=_field_ids(schema_at(name, table, after)),
            added=added,
            removed=removed,
            added_rows=sum(come[path].rows for path in added),
            removed_rows=sum(gone[path].rows for path in removed),
            added_bytes=sum(come[path].size_bytes for path in added),
            removed_bytes=sum(gone[path].size_bytes for path in removed),
            shared=kept + len(come.keys() & gone.keys()),
            deletes=has_deletes or had_deletes,
        )

    @property
    def moves_together(self) -> bool:
        return self._moves_together

    def head(self, name: TableName) -> TableHead:
        return head.head_of(self._load(name))

    def head_at(self, name: TableName, snapshot_id: int | None) -> TableHead:
        return head.head_at(name, self._load(name), snapshot_id)

    def move(self, moves: Sequence[HeadMove]) -> None:
        head.move(self._session(), moves)

    def tables_with(self, branch: str) -> tuple[TableName, ...]:
        with translated("the catalog"):
            names = table_names(self._session(), self._pool)
            found = self._pool.map(lambda name: self._has(name, branch), names)
            return tuple(name for name, has in zip(names, found, strict=True) if has)

    def _has(self, name: TableName, branch: str) -> bool:
        with suppress(NoSuchTable):
            return has_branch(self._load(name), branch)
        return False

    def remove_branch(self, name: TableName, branch: str) -> None:
        remove(self._load(name), branch)

    def drop_made_for(self, name: TableName, branch: str) -> None:
        drop_made_for(self._session(), name, branch)

    @property
    def anatomy(self) -> TableAnatomy:
        return self._anatomy

    @property
    def maintainer(self) -> TableMaintainer:
        return self._maintainer

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _session(self) -> RestCatalog:
        with self._opening:
            if self._catalog is None:
                self._catalog = open_catalog(self._endpoints)
            return self._catalog

    def _load(self, name: TableName) -> IcebergTable:
        with _of_table(name):
            table: IcebergTable = self._session().load_table(name.parts)
            return table

    def _listed(self, name: TableName) -> Table | None:
        """None for a table that was dropped since it was listed."""
        try:
            return self.table(name)
        except NoSuchTable:
            return None
        except StackError:
            raise
        except TableError as error:
            log.warning("table %s cannot be read: %s", name, error.message)
            return Table(str(name), ".".join(name.namespace), None, None, 0, 0, None)

    def _measured(self, name: TableName, table: IcebergTable, snapshot_id: int) -> int:
        """DuckDB leaves the total size out of its summaries, so the manifests are asked."""
        with translated(f"table {name}"):
            manifests = _data_manifests(name, table, snapshot_id)
            return sum(self._manifest_size(table.io, manifest) for manifest in manifests.values())

    def _manifest_size(self, io: FileIO, manifest: ManifestFile) -> int:
        """A manifest never changes and its name is never used twice, so its size is kept."""
        path = manifest.manifest_path
        size = self._sizes.get(path)
        if size is None:
            entries = manifest.fetch_manifest_entry(io, discard_deleted=True)
            size = sum(entry.data_file.file_size_in_bytes for entry in entries)
            if len(self._sizes) >= _KEPT_SIZES:
                self._sizes.clear()
            self._sizes[path] = size
        return size

    def _files(self, io: FileIO, manifests: Iterable[ManifestFile]) -> dict[str, _Held]:
        """Data files, each with what is in it."""

        def files(manifest: ManifestFile) -> list[tuple[str, _Held]]:
            found = [entry.data_file for entry in manifest.fetch_manifest_entry(io, discard_deleted=True)]
            return [(file.file_path, _Held(file.record_count, file.file_size_in_bytes)) for file in found]

        return {path: held for found in self._pool.map(files, manifests) for path, held in found}


class _Held(NamedTuple):
    """In one data file."""

    rows: int
    size_bytes: int


@contextmanager
def _of_table(name: TableName) -> Iterator[None]:
    """SeaweedFS answers 400, not 404, for a name that it would not accept (an upper-case one)."""
    from pyiceberg.exceptions import BadRequestError

    with translated(f"table {name}"):
        try:
            yield
        except BadRequestError as error:
            raise NoSuchTable(f"there is no table {name}", remedy="floe-bench tables") from error


def _data_manifests(name: TableName, table: IcebergTable, snapshot_id: int) -> dict[str, ManifestFile]:
    return _manifests(name, table, snapshot_id)[0]


def _manifests(name: TableName, table: IcebergTable, snapshot_id: int) -> tuple[dict[str, ManifestFile], bool]:
    """Those of data files by path, and whether there are any of deletes."""
    from pyiceberg.manifest import ManifestContent

    found = snapshot_with(name, table, snapshot_id).manifests(table.io)
    data = {manifest.manifest_path: manifest for manifest in found if manifest.content == ManifestContent.DATA}
    return data, len(data) < len(found)


def _live_files(manifest: ManifestFile) -> int:
    return (manifest.added_files_count or 0) + (manifest.existing_files_count or 0)


def _field_ids(schema: Schema) -> dict[str, int]:
    return {field.name: field.field_id for field in schema.fields}
