"""Reading an Iceberg REST catalog."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from floe_bench.adapters.catalogs import head
from floe_bench.adapters.catalogs.anatomy import TableAnatomy
from floe_bench.adapters.catalogs.branch import drop_made_for, remove
from floe_bench.adapters.catalogs.branch import has as has_branch
from floe_bench.adapters.catalogs.lookout import Lookout
from floe_bench.adapters.catalogs.maintenance import TableMaintainer
from floe_bench.adapters.catalogs.manifests import Manifests, listed
from floe_bench.adapters.catalogs.mapping import (
    columns_of,
    members_of,
    schema_at,
    snapshot_with,
    snapshots_of,
    table_of,
)
from floe_bench.adapters.catalogs.metadata import Look, Metadata, Version
from floe_bench.adapters.catalogs.picking import SnapshotPicker
from floe_bench.adapters.catalogs.reshape import TableReshaper
from floe_bench.adapters.catalogs.view import CatalogViews
from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.adapters.iceberg.listing import namespaces, table_names, tables_of
from floe_bench.errors import IsAView, NoSuchTable, StackError, TableError
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import Ground, SchemaChange, Snapshot, schema_change
from floe_bench.model.stack import Endpoints, Watermark
from floe_bench.model.table import Column, Member, Table, TableName
from floe_bench.model.undo import HeadMove, TableHead

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable

_CONCURRENCY = 8
"""Below the ten connections that the HTTP session keeps."""
_UNREADABLE = Look(Version(None, "", 0, None, frozenset()), "", None)
"""What is said of it may be another next time."""

log = logging.getLogger(__name__)


class RestCatalogReader:
    """Fulfils ``ports.catalog.CatalogReader``, ``ports.head.HeadMover`` and ``ports.rehearsal.BranchKeeper``, and has
    anatomy, views and maintainer.

    The first call opens the session; it survives a restart of the server. ``moves_together``: the server commits
    several tables at once. ``serves_views``: see ``open_catalog``. ``watermark``: see ``ports.stack.CanWatermark``.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        moves_together: bool = False,
        serves_views: bool = False,
        watermark: Callable[[], Watermark | None] = lambda: None,
    ) -> None:
        self._endpoints = endpoints
        self._moves_together, self._serves_views = moves_together, serves_views
        self._opening = threading.Lock()
        self._catalog: RestCatalog | None = None
        self._pool = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="catalog")
        # Manifests are read from inside the other pool: one that waits for itself would stand still.
        self._readers = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="manifests")
        self._metadata = Metadata(self._session, lent=endpoints.s3_access_key is None, watermark=watermark)
        self._manifests = Manifests(self._readers)
        self._views = CatalogViews(self._session, watermark=watermark, pool=self._pool)
        self._anatomy = TableAnatomy(self._load, self._manifests)
        self._maintainer = TableMaintainer(self._load, self._readers, self._manifests)
        self._reshaper = TableReshaper(self._session, self._load)
        self._picker = SnapshotPicker(self._load, self._manifests)
        self._listed: dict[TableName, tuple[Look, Table]] = {}
        self._lookout = Lookout(
            names=self._names, read=self._read, alive=self._ask_anything, watermark=watermark, pool=self._pool
        )

    def tables(self) -> tuple[Table, ...]:
        """A table that cannot be read is listed without numbers; the log says why."""
        with translated("the catalog"):
            return self._lookout.all()

    def look(self, first: Collection[TableName] = ()) -> tuple[Table, ...]:
        with translated("the catalog"):
            return self._lookout.some(first)

    def seen(self, names: Collection[TableName]) -> None:
        self._lookout.seen(names)

    @property
    def unread(self) -> Collection[TableName]:
        return self._lookout.unread

    def names(self) -> tuple[TableName, ...]:
        with translated("the catalog"):
            return self._names()

    def table(self, name: TableName) -> Table:
        table = self._load(name)
        with _of_table(name):
            return self._with_size(name, table_of(name, table))

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        self._lookout.asked(name)
        with self._table(name):
            return self._metadata.made(name, snapshots_of)

    def columns(self, name: TableName, snapshot_id: int | None = None) -> tuple[Column, ...]:
        return columns_of(schema_at(name, self._load(name), snapshot_id))

    def members(self, name: TableName, snapshot_id: int | None = None) -> tuple[Member, ...]:
        return members_of(schema_at(name, self._load(name), snapshot_id))

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
    def views(self) -> CatalogViews:
        return self._views

    @property
    def reshaper(self) -> TableReshaper:
        return self._reshaper

    @property
    def picker(self) -> SnapshotPicker:
        return self._picker

    @property
    def maintainer(self) -> TableMaintainer:
        return self._maintainer

    def close(self) -> None:
        for pool in (self._pool, self._readers):
            pool.shutdown(wait=False, cancel_futures=True)
        with self._opening:
            if self._catalog is not None:
                self._catalog.close()

    def _session(self) -> RestCatalog:
        with self._opening:
            if self._catalog is None:
                self._catalog = open_catalog(self._endpoints, serves_views=self._serves_views)
            return self._catalog

    def _load(self, name: TableName) -> IcebergTable:
        self._lookout.asked(name)
        with self._table(name):
            return self._metadata.load(name)

    @contextmanager
    def _table(self, name: TableName) -> Iterator[None]:
        """Raises IsAView where the name is not a table's."""
        try:
            with _of_table(name):
                yield
        except NoSuchTable as error:
            if not self._views.has(name):
                raise
            said = f"{name} is a view: it has no rows, snapshots or files of its own"
            raise IsAView(said, remedy=to_type("table", name)) from error

    def _names(self) -> tuple[TableName, ...]:
        session = self._session()
        found = namespaces(session, self._pool)
        self._views.take(found)
        return tables_of(session, found, self._pool)

    def _ask_anything(self) -> None:
        self._session().list_namespaces()

    def _read(self, name: TableName) -> Table | None:
        """For the lookout. None for a table that was dropped since it was listed."""
        known = self._listed.get(name)
        try:
            with _of_table(name):
                look = self._metadata.look(name, known[0] if known else None)
                if known is not None and look.table is None:
                    found = known[1]
                else:
                    assert look.table is not None
                    found = self._with_size(name, self._brief(name, look.table))
        except NoSuchTable:
            self._listed.pop(name, None)
            return None
        except StackError:
            raise
        except TableError as error:
            if known is None or known[0].version != _UNREADABLE.version:
                log.warning("table %s cannot be read: %s", name, error.message)
            unknown = Table.unread(name)
            look, found = _UNREADABLE, known[1] if known and known[1] == unknown else unknown
        self._listed[name] = (replace(look, table=None), found)
        return found

    def _brief(self, name: TableName, table: IcebergTable) -> Table:
        """What a snapshot that only replaces another reads as is in the table's history, which a look has not."""
        current = table.current_snapshot()
        replaces = current is not None and current.summary is not None and current.summary.operation.value == "replace"
        return table_of(name, self._metadata.load(name) if replaces else table)

    def _with_size(self, name: TableName, found: Table) -> Table:
        """DuckDB leaves the total size out of its summaries, so the manifests are asked."""
        if not found.files or found.bytes or found.snapshot_id is None:
            return found
        table = self._metadata.load(name)
        held = self._files(table.io, _data_manifests(name, table, found.snapshot_id).values())
        return replace(found, bytes=sum(each.size_bytes for each in held.values()))

    def _files(self, io: FileIO, manifests: Iterable[ManifestFile]) -> dict[str, _Held]:
        """Data files, each with what is in it. Raises TableError where one of the manifests cannot be read."""
        reads = self._manifests.read(manifests, io)
        if faults := [read.fault for read in reads if read.fault]:
            raise TableError(faults[0], remedy="floe-bench doctor")
        files = (entry.data_file for read in reads for entry in read.entries)
        return {file.file_path: _Held(file.record_count, file.file_size_in_bytes) for file in files}


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

    found = listed(snapshot_with(name, table, snapshot_id), table.io)
    data = {manifest.manifest_path: manifest for manifest in found if manifest.content == ManifestContent.DATA}
    return data, len(data) < len(found)


def _live_files(manifest: ManifestFile) -> int:
    return (manifest.added_files_count or 0) + (manifest.existing_files_count or 0)


def _field_ids(schema: Schema) -> dict[str, int]:
    return {field.name: field.field_id for field in schema.fields}
