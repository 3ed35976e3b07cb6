"""Two real tables, one made from the other, and an undo on them without an engine: for tests that write a lot."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.types import LongType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.model.asset import Asset
from floe_bench.model.stack import Endpoints
from tests.builders import asset

Content = list[dict[str, Any]]


class Mill:
    """``orders`` and ``totals``, which reads it. Fulfils ``Parts`` as the bench does, with Dagster left out."""

    def __init__(self, endpoints: Endpoints, folder: Path, *, together: bool = True, namespace: str = "") -> None:
        self.session: Catalog = open_catalog(endpoints)
        self.reader = RestCatalogReader(endpoints, moves_together=together)
        self.duck = DuckDBCompute(endpoints, state_dir=folder)
        self.namespace = namespace or f"t{secrets.token_hex(4)}"
        self.folder = folder
        self.told: list[str] = []
        self._runs = 0
        if not namespace:
            self.session.create_namespace(self.namespace)
            for name in ("orders", "totals"):
                self.session.create_table((self.namespace, name), pa.schema([("n", pa.int64())]))

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def catalog(self) -> Any:
        return self.reader

    def compute(self) -> Any:
        return self.duck

    def orchestrator(self, *, parsed: bool = True) -> Any:
        return self

    def snapshot_links(self) -> Mapping[int, tuple[str, str]]:
        return {}

    def observe(self, asset: str, description: str, facts: Mapping[str, str]) -> None:
        self.told.append(description)

    def assets(self) -> tuple[Asset, ...]:
        orders = asset("t/orders", table=f"{self.namespace}.orders")
        return orders, asset("t/totals", table=f"{self.namespace}.totals", upstream=("t/orders",))

    def undo(self) -> UndoVerbs:
        return UndoVerbs(self, Records(self.folder / "undo"), assets=self.assets, changed=lambda: None)

    # ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def table(self, name: str) -> Any:
        return self.session.load_table((self.namespace, name))

    def run(self, numbers: list[int], *, column: str = "") -> None:
        """As a run does it: orders anew, then totals from them; ``column`` is new in both."""
        self._runs += 1
        run = f"run-{self._runs}"
        for name in ("orders", "totals"):
            table = self.table(name)
            if column and column not in table.schema().column_names:
                with table.update_schema() as change:
                    change.add_column(column, LongType())
            rows = dict.fromkeys(table.schema().column_names, numbers)
            inputs = {} if name == "orders" else {f"{self.namespace}.orders": self.head("orders")}
            summary = {"floe.run-id": run, "floe.asset-key": f"t/{name}", "floe.inputs": json.dumps(inputs)}
            table.overwrite(pa.table(rows, schema=self._arrow(table)), snapshot_properties=summary)

    def head(self, name: str) -> int | None:
        found = self.table(name).metadata.refs.get("main")
        return found.snapshot_id if found else None

    def append(self, name: str, numbers: list[int]) -> None:
        table = self.table(name)
        rows = dict.fromkeys(table.schema().column_names, numbers)
        table.append(pa.table(rows, schema=self._arrow(table)))

    def drop_column(self, name: str) -> None:
        """A schema change without a snapshot."""
        table = self.table(name)
        extra = [column for column in table.schema().column_names if column != "n"]
        if extra:
            with table.update_schema() as change:
                change.delete_column(extra[0])

    def _arrow(self, table: Any) -> pa.Schema:
        return pa.schema([(column, pa.int64()) for column in table.schema().column_names])

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────

    def content(self, name: str) -> Content:
        """As PyIceberg reads it."""
        return _sorted(self.table(name).scan().to_arrow().to_pylist())

    def duck_content(self, name: str) -> Content:
        answer = self.duck.query(f"select * from {self.namespace}.{name}", limit=10_000, cancelled=lambda: False)
        return _sorted([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])

    def contents(self) -> dict[str, Content]:
        return {name: self.content(name) for name in ("orders", "totals")}

    def close(self) -> None:
        self.reader.close()
        self.duck.close()


def _sorted(rows: Content) -> Content:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
