"""The whole lakehouse as it was, as the bench offers it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from floe_bench.core.pairing import paired
from floe_bench.core.parts import Parts
from floe_bench.errors import NoSuchTable, QueryFailed, TableError
from floe_bench.model.asset import Asset
from floe_bench.model.past import lake_at
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table, TableName
from floe_bench.ports.anatomy import HasAnatomy

_AT_ONCE = 8
"""Below the connections that a catalog keeps."""

log = logging.getLogger(__name__)


class LocalPast:
    """Fulfils ``ports.past.PastVerbs``. ``assets`` are those of the project, as they were last judged;
    ``typed`` are snapshots that statements of the SQL screen wrote."""

    def __init__(
        self, parts: Parts, *, assets: Callable[[], Sequence[Asset]], typed: Callable[[], Collection[int]] = frozenset
    ) -> None:
        self._parts, self._assets, self._typed = parts, assets, typed

    def tables(self, at: str) -> tuple[Table, ...]:
        lake = self._lake(self._parts.catalog().names())
        found = lake_at({str(name): snapshots for name, snapshots in lake.items()}, at)
        known = {str(name): (name, snapshots) for name, snapshots in lake.items()}
        return tuple(self._then(*known[table], snapshot_id) for table, snapshot_id in sorted(found.items()))

    def snapshots(self, tables: tuple[str, ...] = ()) -> Mapping[str, tuple[Snapshot, ...]]:
        names = tuple(map(TableName.parse, tables)) or self._parts.catalog().names()
        links, assets = self._parts.orchestrator(parsed=False).snapshot_links(), self._assets()
        typed = self._typed()
        return {
            str(name): paired(found, table=str(name), assets=assets, links=links, typed=typed)
            for name, found in self._lake(names).items()
        }

    def _lake(self, names: Sequence[TableName]) -> dict[TableName, tuple[Snapshot, ...]]:
        self._parts.catalog()  # waits for the boot once, and not in eight threads
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="past") as pool:
            read = zip(names, pool.map(self._read, names), strict=True)
            return {name: found for name, found in read if found is not None}

    def _read(self, name: TableName) -> tuple[Snapshot, ...] | None:
        try:
            return self._parts.catalog().snapshots(name)
        except NoSuchTable:
            return None
        except TableError as error:
            log.warning("the history of %s cannot be read: %s", name, error.message)
            return None

    def _then(self, name: TableName, snapshots: Sequence[Snapshot], snapshot_id: int) -> Table:
        snapshot = next(each for each in snapshots if each.snapshot_id == snapshot_id)
        return Table(
            table=str(name),
            namespace=name.place,
            snapshot_id=snapshot_id,
            rows=self._rows(name, snapshot),
            files=snapshot.total_files or 0,
            bytes=self._bytes(name, snapshot),
            updated_at=snapshot.committed_at,
        )

    def _rows(self, name: TableName, snapshot: Snapshot) -> int | None:
        if snapshot.live_records is not None:
            return snapshot.live_records
        with suppress(QueryFailed):
            return self._parts.compute().count(name, snapshot.snapshot_id)
        return None

    def _bytes(self, name: TableName, snapshot: Snapshot) -> int:
        """DuckDB leaves the total size out of its summaries, so the manifest files are asked."""
        catalog = self._parts.catalog()
        if snapshot.total_bytes or not snapshot.total_files or not isinstance(catalog, HasAnatomy):
            return snapshot.total_bytes or 0
        return catalog.anatomy.table(name, snapshot.snapshot_id).totals.bytes
