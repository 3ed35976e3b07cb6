"""Rows in files, written by DuckDB from the real catalog and read back by others."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.export import LocalExporting
from floe_bench.errors import Cancelled, NoSuchSnapshot, QueryFailed, UsageError, WriteRefused
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

ROWS = {
    "n": [1, 2, None],
    "amount": [Decimal("1.50"), Decimal("2.00"), None],
    "day": [date(2026, 1, 31), None, None],
    "word": ['a "b", |c|\nd', "é", None],
}


class _Parts:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self._catalog, self._compute = RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=folder)

    def catalog(self) -> RestCatalogReader:
        return self._catalog

    def compute(self) -> DuckDBCompute:
        return self._compute


@pytest.fixture(scope="module")
def exporting(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExporting]:
    parts = _Parts(endpoints, tmp_path_factory.mktemp("compute"))
    yield LocalExporting(parts)
    parts.catalog().close()
    parts.compute().close()


@pytest.fixture(scope="module")
def name(endpoints: Endpoints) -> TableName:
    catalog, name = open_catalog(endpoints), TableName((f"t{secrets.token_hex(4)}",), "orders")
    catalog.create_namespace(name.namespace)
    rows = pa.table(ROWS)
    table = catalog.create_table(name.parts, rows.schema)
    table.append(rows)
    table.append(rows)
    return name


def test_parquet_keeps_types_and_csv_json_and_markdown_read_as_they_should(
    exporting: LocalExporting, name: TableName, tmp_path: Path
) -> None:
    done = {
        kind: exporting.table(str(name), str(tmp_path / f"rows.{kind}"))
        for kind in ("parquet", "csv", "json", "jsonl", "md")
    }
    assert {each.rows for each in done.values()} == {6}
    assert all(each.bytes == Path(each.path).stat().st_size > 0 for each in done.values())
    found = pq.read_table(done["parquet"].path)
    assert found.schema.field("amount").type.precision == pa.table(ROWS).schema.field("amount").type.precision
    assert found.slice(0, 3).to_pydict() == ROWS
    with Path(done["csv"].path).open(newline="") as file:
        assert list(csv.reader(file))[:2] == [
            ["n", "amount", "day", "word"],
            ["1", "1.50", "2026-01-31", ROWS["word"][0]],
        ]
    whole = json.loads(Path(done["json"].path).read_text())
    assert [row["n"] for row in whole] == [1, 2, None, 1, 2, None]
    assert [json.loads(line) for line in Path(done["jsonl"].path).read_text().splitlines()] == whole
    lines = Path(done["md"].path).read_text().splitlines()
    assert lines[:2] == ["| n | amount | day | word |", "| --- | --- | --- | --- |"]
    assert lines[2] == '| 1 | 1.50 | 2026-01-31 | a "b", \\|c\\|<br>d |'
    assert lines[4] == "|  |  |  |  |"


def test_a_table_is_written_as_it_was(
    exporting: LocalExporting, name: TableName, endpoints: Endpoints, tmp_path: Path
) -> None:
    first = open_catalog(endpoints).load_table(name.parts).metadata.snapshots[0].snapshot_id
    assert exporting.table(str(name), str(tmp_path / "then.csv"), first).rows == 3
    with pytest.raises(NoSuchSnapshot):
        exporting.table(str(name), str(tmp_path / "never.csv"), 1)


@pytest.mark.parametrize("end", ["", ";", "; -- the end; é", " -- the end", "\n/* the end */"])
def test_a_query_may_end_as_people_end_them(
    exporting: LocalExporting, name: TableName, tmp_path: Path, end: str
) -> None:
    done = exporting.query(f"select count(*) as rows from {name}{end}", str(tmp_path / "a's.csv"))
    assert (done.rows, Path(done.path).read_text()) == (1, "rows\n6\n")


def test_writing_statements_are_refused_and_what_fails_leaves_nothing(
    exporting: LocalExporting, name: TableName, tmp_path: Path
) -> None:
    for sql, error in (
        (f"delete from {name}", WriteRefused),
        (f"select 1) to '{tmp_path}/b.csv'; copy (select 2", QueryFailed),
        ("select nothing", QueryFailed),
        ("select 1; select 2", UsageError),
    ):
        with pytest.raises(error):
            exporting.query(sql, str(tmp_path / "a.csv"))
    with pytest.raises(Cancelled):
        exporting.table(str(name), str(tmp_path / "a.parquet"), cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []
