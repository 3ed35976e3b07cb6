"""The bench's reads of one table, without an engine: what tests of odd tables hold against what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.core.anatomy import LocalAnatomy
from floe_bench.core.inspection import Page, preview
from floe_bench.core.maintenance.verbs import LocalMaintenance
from floe_bench.core.profile import LocalProfiling
from floe_bench.errors import BenchError
from floe_bench.model.run import Run
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import Table, TableName
from tests.contracts.odd_tables import in_duck

_never: Callable[[], bool] = lambda: False  # noqa: E731


class _NoRuns:
    def runs(self, limit: int) -> tuple[Run, ...]:
        return ()


class Bench:
    """The bench's verbs, without an engine; what cannot be read is the sentence that says so."""

    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.reader, self.duck = RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=folder)
        self.anatomy, self._profiling = LocalAnatomy(self), LocalProfiling(self)
        self.maintenance = LocalMaintenance(
            self,  # type: ignore[arg-type]  # of its orchestrator only the runs are asked
            assets=tuple,
            undos=tuple,
            changed=lambda: None,
        )

    def catalog(self) -> RestCatalogReader:
        return self.reader

    def compute(self) -> DuckDBCompute:
        return self.duck

    def orchestrator(self, *, parsed: bool = True) -> _NoRuns:
        return _NoRuns()

    def close(self) -> None:
        self.reader.close()
        self.duck.close()

    def about(self, name: TableName) -> dict[str, Any]:
        """From its metadata."""
        return {
            "table": told(lambda: self.anatomy.table(str(name))),
            "schemas": told(lambda: self.anatomy.schemas(str(name))),
            "files": told(lambda: self.anatomy.files(str(name))),
            "snapshots": told(lambda: self.reader.snapshots(name)),
            "health": told(lambda: self.maintenance.health(str(name)).symptoms),
        }

    def rows(self, name: TableName) -> dict[str, Any]:
        """From its data; how many there are."""
        page, sql = Page(0, 100), f"select * from {in_duck(name)}"
        return {
            "preview": told(lambda: len(preview(self.reader, self.duck, name, None, page=page, cancelled=_never).rows)),
            "profile": told(lambda: self._profiling.table(str(name)).rows),
            "query": told(lambda: len(self.duck.query(sql, limit=100, cancelled=_never).rows)),
        }


def told(read: Callable[[], object]) -> object:
    try:
        return read()
    except BenchError as error:
        assert "\n" not in error.message and "validation error" not in error.message, error.message
        assert error.remedy, error.message
        return error.message


def listed(bench: Bench, name: TableName) -> Table:
    return next(table for table in bench.reader.tables() if table.table == str(name))
