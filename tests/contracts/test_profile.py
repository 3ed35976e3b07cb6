"""What columns hold, measured by DuckDB on the real catalog."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes import profile
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.computes.reader import DuckDBReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.profile import LocalProfiling
from floe_bench.errors import Cancelled, NoSuchSnapshot, UsageError
from floe_bench.model.profile import ColumnProfile, TopValue
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.lakehouse import open_lake


class _Parts:
    def __init__(self, endpoints: Endpoints, folder: Path, compute: type = DuckDBCompute) -> None:
        self._catalog, self._compute = RestCatalogReader(endpoints), compute(endpoints, state_dir=folder)

    def catalog(self) -> RestCatalogReader:
        return self._catalog

    def compute(self) -> DuckDBCompute:
        return self._compute


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture(scope="module")
def profiling(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProfiling]:
    parts = _Parts(endpoints, tmp_path_factory.mktemp("compute"))
    yield LocalProfiling(parts)
    parts.catalog().close()
    parts.compute().close()


def made(catalog: Catalog, rows: pa.Table) -> TableName:
    name = TableName((f"t{secrets.token_hex(4)}",), "orders")
    catalog.create_namespace(name.namespace)
    catalog.create_table(name.parts, rows.schema).append(rows)
    return name


def columns(found: Any) -> dict[str, ColumnProfile]:
    return {column.column: column for column in found.columns}


def test_numbers_times_and_words_are_told_each_in_its_own_way(catalog: Catalog, profiling: LocalProfiling) -> None:
    rows = pa.table({
        "n": pa.array([1, 2, 2, 11, None], pa.int64()),
        "amount": pa.array([Decimal("0.50"), Decimal("9.50"), None, None, None], pa.decimal128(12, 2)),
        "day": pa.array([date(2026, 1, 1), date(2026, 1, 11), None, None, None]),
        "seen": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 5, pa.timestamp("us", "UTC")),
        "segment": pa.array(["gold", "gold", "silver", None, "é"]),
        "flag": pa.array([True, False, True, True, None]),
        "nothing": pa.array([None] * 5, pa.string()),
        "place": pa.array([{"city": "Ulm"}] * 4 + [None], pa.struct([("city", pa.string())])),
    })  # fmt: skip
    found = profiling.table(str(made(catalog, rows)))
    told = columns(found)
    assert found.rows == 5 and len(told) == 8
    assert (told["n"].type, told["n"].nulls, told["n"].distinct, told["n"].lower, told["n"].upper) == (
        "long", 1, 3, "1", "11",
    )  # fmt: skip
    assert told["n"].bins == (1, 2, 0, 0, 0, 0, 0, 0, 0, 1)
    assert (told["amount"].lower, told["amount"].upper, sum(told["amount"].bins)) == ("0.50", "9.50", 2)
    assert (told["day"].lower, told["day"].bins[0], told["day"].bins[-1]) == ("2026-01-01", 1, 1)
    assert (told["seen"].lower, told["seen"].bins) == ("2026-01-01T00:00:00+00:00", (5,))
    assert told["segment"].top == (TopValue("gold", 2), TopValue("silver", 1), TopValue("é", 1))
    assert told["flag"].top == (TopValue("true", 3), TopValue("false", 1))
    assert told["nothing"] == ColumnProfile("nothing", "string", nulls=5, distinct=0)
    assert (told["place"].distinct, told["place"].nulls, told["place"].bins) == (None, 1, ())


def test_it_is_of_the_snapshot_that_was_asked_for_and_of_live_rows(
    catalog: Catalog, profiling: LocalProfiling, endpoints: Endpoints, tmp_path: Path
) -> None:
    name = made(catalog, pa.table({"n": list(range(10))}))
    with open_lake(endpoints, tmp_path) as lake:
        lake.execute(f"delete from lake.{name.namespace[0]}.{name.name} where n < 3")
    first = catalog.load_table(name.parts).metadata.snapshots[0].snapshot_id
    now, then = profiling.table(str(name)), profiling.table(str(name), first)
    assert (now.rows, columns(now)["n"].lower) == (7, "3")
    assert (then.rows, columns(then)["n"].lower, then.snapshot_id) == (10, "0", first)


def test_values_without_a_place_on_a_line_are_in_no_stretch(catalog: Catalog, profiling: LocalProfiling) -> None:
    rows = pa.table({"x": [0.0, 1.0, float("nan"), float("inf"), float("-inf")]})
    (column,) = profiling.table(str(made(catalog, rows))).columns
    assert column.bins == (1, 0, 0, 0, 0, 0, 0, 0, 0, 1)


def test_names_are_quoted_and_long_values_are_cut(catalog: Catalog, profiling: LocalProfiling) -> None:
    rows = pa.table({'a "b", select': ["x" * 1000]})
    (column,) = profiling.table(str(made(catalog, rows))).columns
    assert column.column == 'a "b", select' and len(column.top[0].value) == 200


def test_many_rows_are_estimated_and_that_is_said(
    catalog: Catalog, endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = made(catalog, pa.table({"n": list(range(2000))}))
    monkeypatch.setattr(profile, "EXACT_ROWS", 1000)
    (column,) = LocalProfiling(_Parts(endpoints, tmp_path, DuckDBReader)).table(str(name)).columns
    assert not column.exact and column.distinct is not None and 1500 < column.distinct < 2500


def test_one_column_can_be_asked_for_and_what_is_not_there_is_named(
    catalog: Catalog, profiling: LocalProfiling
) -> None:
    name = made(catalog, pa.table({"a": [1], "b": [2]}))
    assert list(columns(profiling.table(str(name), None, ("b",)))) == ["b"]
    with pytest.raises(UsageError, match="no column 'c'"):
        profiling.table(str(name), None, ("c",))
    with pytest.raises(NoSuchSnapshot):
        profiling.table(str(name), 1)
    with pytest.raises(Cancelled):
        profiling.table(str(name), cancelled=lambda: True)


def test_a_table_that_was_never_written_has_an_empty_profile(catalog: Catalog, profiling: LocalProfiling) -> None:
    name = TableName((f"t{secrets.token_hex(4)}",), "orders")
    catalog.create_namespace(name.namespace)
    catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
    found = profiling.table(str(name))
    assert (found.snapshot_id, found.rows, found.columns) == (None, 0, ())
