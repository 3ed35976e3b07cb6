"""What maintenance stands on, without an engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyiceberg.table import Table as IcebergTable

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.maintenance.verbs import LocalMaintenance
from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.model.asset import Asset
from floe_bench.model.run import Run
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName


class Upkeep:
    """``now`` is a day ahead, so that everything is old enough."""

    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.session = open_catalog(endpoints)
        self.reader = RestCatalogReader(endpoints)
        self.duck = DuckDBCompute(endpoints, state_dir=folder)
        self.going: tuple[Run, ...] = ()
        self.verbs = LocalMaintenance(
            self, assets=self._assets, undos=lambda: (), changed=lambda: None, now=lambda: self.tomorrow
        )

        self.undo = UndoVerbs(self, Records(folder / "undo"), assets=self._assets, changed=lambda: None)

    @property
    def tomorrow(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    def catalog(self) -> Any:
        return self.reader

    def compute(self) -> Any:
        return self.duck

    def orchestrator(self, *, parsed: bool = True) -> Any:
        return self

    def runs(self, limit: int) -> tuple[Run, ...]:
        return self.going

    def snapshot_links(self) -> dict[int, tuple[str, str]]:
        return {}

    def _assets(self) -> tuple[Asset, ...]:
        return ()

    def table(self, name: TableName) -> IcebergTable:
        return self.session.load_table(name.parts)

    def numbers(self, name: TableName) -> list[int]:
        return sorted(self.table(name).scan().to_arrow()["n"].to_pylist())

    def ids(self, name: TableName) -> list[int]:
        return [each.snapshot_id for each in self.table(name).metadata.snapshots]

    def objects(self, name: TableName) -> set[str]:
        """Everything in the store under the table, old metadata files left out."""
        from pyarrow.fs import FileSelector, FileType

        table = self.table(name)
        scheme, netloc, path = type(table.io).parse_location(table.location())
        found = table.io.fs_by_scheme(scheme, netloc).get_file_info(FileSelector(path, recursive=True))
        return {each.path for each in found if each.type == FileType.File and not each.path.endswith(".json")}
