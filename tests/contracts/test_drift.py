"""How a column moved over snapshots, measured by DuckDB on the real catalog."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table
from pyiceberg.types import LongType, NestedField, StringType, StructType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes import profile
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.computes.reader import DuckDBReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.profile import LocalProfiling
from floe_bench.errors import Cancelled, UsageError
from floe_bench.model.drift import NO_MORE, NOT_YET, Drift, Figures
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName


class Parts:
    def __init__(self, catalog: Any, compute: Any) -> None:
        self._catalog, self._compute = catalog, compute

    def catalog(self) -> Any:
        return self._catalog

    def compute(self) -> Any:
        return self._compute


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture(scope="module")
def parts(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    found = Parts(RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=tmp_path_factory.mktemp("compute")))
    yield found
    found.catalog().close()
    found.compute().close()


def made(catalog: Catalog, rows: pa.Table) -> Table:
    name = (f"t{secrets.token_hex(4)}", "orders")
    catalog.create_namespace(name[:1])
    table = catalog.create_table(name, rows.schema)
    table.append(rows)
    return table


def of(table: Table) -> str:
    return ".".join(table.name())


def figures(found: Drift) -> list[Figures]:
    return [each.figures for each in found.readings if each.figures is not None]


def test_each_kind_of_column_has_its_figures(catalog: Catalog, parts: Parts) -> None:
    rows = pa.table({
        "n": pa.array([1, 2, 2, 11, None], pa.int64()),
        "amount": pa.array([Decimal("0.50"), Decimal("9.50"), None, None, None], pa.decimal128(12, 2)),
        "x": pa.array([0.0, 1.0, float("nan"), float("inf"), None]),
        "day": pa.array([date(2026, 1, 1), date(2026, 1, 11), None, None, None]),
        "seen": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 5, pa.timestamp("us", "UTC")),
        "word": pa.array(["gold", "é", "silver", None, "gold"]),
        "flag": pa.array([True, False, True, True, None]),
        "nothing": pa.array([None] * 5, pa.string()),
        "place": pa.array([{"city": "Ulm"}] * 4 + [None], pa.struct([("city", pa.string())])),
        'a "b", c': pa.array([1, 1, 1, 1, 1], pa.int32()),
    })  # fmt: skip
    table, profiling = made(catalog, rows), LocalProfiling(parts)
    told = {name: figures(profiling.drift(of(table), name))[0] for name in rows.column_names}
    assert told == {
        "n": Figures(5, 1, 3, True, "1", "11", 4.0, 2.0),
        "amount": Figures(5, 3, 2, True, "0.50", "9.50", 5.0, 5.0),
        "x": Figures(5, 1, 4, True, "0.0", "nan", 0.5, 0.5),
        "day": Figures(5, 3, 2, True, "2026-01-01", "2026-01-11"),
        "seen": Figures(5, 0, 1, True, "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
        "word": Figures(5, 1, 3, True, "gold", "é", None, None, 1, 3.75, 6),
        "flag": Figures(5, 1, 2, True, "false", "true", 0.75),
        "nothing": Figures(5, 5, 0),
        "place": Figures(5, 1),
        'a "b", c': Figures(5, 0, 1, True, "1", "1", 1.0, 1.0),
    }


def test_a_column_is_followed_over_a_rename_from_before_it_was_there_until_after_it_went(
    catalog: Catalog, parts: Parts
) -> None:
    table = made(catalog, pa.table({"id": [1]}))
    with table.update_schema() as change:
        change.add_column("amount", LongType())
    table.append(pa.table({"id": [2], "amount": [10]}))
    with table.update_schema() as change:
        change.rename_column("amount", "spend")
    table.append(pa.table({"id": [3], "spend": [30]}))
    # Another column of the old name is another column.
    with table.update_schema() as change:
        change.add_column("amount", LongType())
    table.append(pa.table({"id": [4], "spend": [80], "amount": [1000]}))
    with table.update_schema() as change:
        change.delete_column("spend")
    table.append(pa.table({"id": [5], "amount": [2000]}))
    profiling = LocalProfiling(parts)
    spend = profiling.drift(of(table), "spend")
    assert [(each.column, each.absent, each.figures and each.figures.mean) for each in spend.readings] == [
        ("", NOT_YET, None), ("amount", "", 10.0), ("spend", "", 20.0), ("spend", "", 40.0), ("", NO_MORE, None),
    ]  # fmt: skip
    amount = profiling.drift(of(table), "amount")
    assert [each.absent for each in amount.readings] == [NOT_YET] * 3 + [""] * 2
    assert [each.mean for each in figures(amount)] == [1000.0, 1500.0]
    assert spend.field_id != amount.field_id


PLACE = pa.struct([("city", pa.string()), ("at", pa.struct([("lat", pa.float64()), ("a.b", pa.int64())]))])


def places(*cities: str | None) -> pa.Table:
    """Beside a list and a map with structs in them. Without a city there is no place."""
    rows = [None if city is None else {"city": city, "at": {"lat": len(city) / 2, "a.b": 7}} for city in cities]
    return pa.table({
        "place": pa.array(rows, PLACE),
        "tags": pa.array([[{"word": "x"}]] * len(cities), pa.list_(pa.struct([("word", pa.string())]))),
        "by": pa.array([[("k", 1)]] * len(cities), pa.map_(pa.string(), pa.int64())),
        "place.zip": pa.array([5] * len(cities), pa.int64()),
    })  # fmt: skip


def test_a_field_of_a_struct_has_its_figures_as_a_column_has(catalog: Catalog, parts: Parts) -> None:
    table, profiling = made(catalog, places("Ulm", "Bonn", "Ulm", None)), LocalProfiling(parts)
    told = {
        name: figures(profiling.drift(of(table), name))[0]
        for name in ("place.city", "place.at.lat", 'place.at."a.b"', "place.at.a.b", "place.zip")
    }
    seven = Figures(4, 1, 1, True, "7", "7", 7.0, 7.0)
    assert told == {
        "place.city": Figures(4, 1, 2, True, "Bonn", "Ulm", None, None, 3, 10 / 3, 4),
        "place.at.lat": Figures(4, 1, 2, True, "1.5", "2.0", pytest.approx(5 / 3), 1.5),
        'place.at."a.b"': seven,
        "place.at.a.b": seven,
        "place.zip": Figures(4, 0, 1, True, "5", "5", 5.0, 5.0),
    }
    assert figures(profiling.drift(of(table), "place.at")) == [Figures(4, 1)]


def test_a_field_of_a_struct_is_followed_over_renames_of_it_and_of_what_it_lies_in(
    catalog: Catalog, parts: Parts
) -> None:
    table = made(catalog, pa.table({"id": [1]}))
    with table.update_schema() as change:
        change.add_column("place", StructType(NestedField(50, "city", StringType(), required=False)))
    table.append(pa.table({"id": [2], "place": pa.array([{"city": "Ulm"}])}))
    with table.update_schema() as change:
        change.rename_column("place.city", "town")
    table.append(pa.table({"id": [3], "place": pa.array([{"town": "Bonn"}])}))
    with table.update_schema() as change:
        change.rename_column("place", "spot")
    table.append(pa.table({"id": [4], "spot": pa.array([{"town": "Kiel"}])}))
    # Another field of the old name is another field.
    with table.update_schema() as change:
        change.add_column(("spot", "city"), StringType())
    table.append(pa.table({"id": [5], "spot": pa.array([{"town": "Jena", "city": "x"}])}))
    with table.update_schema() as change:
        change.delete_column("spot.town")
    table.append(pa.table({"id": [6], "spot": pa.array([{"city": "y"}])}))
    profiling = LocalProfiling(parts)
    found = profiling.drift(of(table), "spot.town")
    assert [(each.column, each.absent, each.figures and each.figures.distinct) for each in found.readings] == [
        ("", NOT_YET, None), ("place.city", "", 1), ("place.town", "", 2), ("spot.town", "", 3), ("spot.town", "", 4),
        ("", NO_MORE, None),
    ]  # fmt: skip
    assert [each.fault for each in found.readings] == [""] * 6
    assert [each.absent for each in profiling.drift(of(table), "spot.city").readings] == [NOT_YET] * 4 + [""] * 2
    assert found.field_id == profiling.drift(of(table), "place.city").field_id


@pytest.mark.parametrize(
    ("asked", "kind", "whole"),
    [
        ("tags.element", "list", "tags"),
        ("tags.element.word", "list", "tags"),
        ("by.key", "map", "by"),
        ("by.value", "map", "by"),
    ],
)
def test_what_lies_in_a_list_or_a_map_says_why_it_is_not_followed(
    catalog: Catalog, parts: Parts, asked: str, kind: str, whole: str
) -> None:
    table = made(catalog, places("Ulm"))
    with pytest.raises(UsageError, match=f"{asked} of .* lies in a {kind}") as caught:
        LocalProfiling(parts).drift(of(table), asked)
    assert caught.value.remedy == f"floe-bench drift {of(table)} {whole}"
    assert figures(LocalProfiling(parts).drift(of(table), whole)) == [Figures(1, 0)]


def test_a_column_that_was_renamed_without_a_write_is_read_under_its_name_of_then(
    catalog: Catalog, parts: Parts
) -> None:
    table = made(catalog, pa.table({"id": [1], "amount": [10]}))
    with table.update_schema() as change:
        change.rename_column("amount", "spend")
    (found,) = LocalProfiling(parts).drift(of(table), "spend").readings
    assert (found.column, found.figures and found.figures.mean, found.fault) == ("amount", 10.0, "")


def test_a_snapshot_whose_file_is_gone_says_so_and_the_others_are_told(catalog: Catalog, parts: Parts) -> None:
    table = made(catalog, pa.table({"n": [1, 2]}))
    table.overwrite(pa.table({"n": [3, 4]}))
    table.append(pa.table({"n": [5]}))
    lost = table.inspect.files(table.metadata.snapshots[0].snapshot_id)["file_path"][0].as_py()
    table.io.delete(lost)
    found = LocalProfiling(parts).drift(of(table), "n")
    assert found.faults == 1 and lost.rpartition("/")[2] in found.readings[0].fault
    assert found.readings[0].remedy.startswith("an earlier snapshot may be whole")
    assert [each.mean for each in figures(found)] == [3.5, 4.0]
    assert [each.half for each in found.readings] == [False, True, False, False], "PyIceberg overwrites by two commits"


def test_an_engine_that_only_wrote_files_anew_changed_nothing(catalog: Catalog, parts: Parts) -> None:
    table = made(catalog, pa.table({"n": [1]}))
    for each in range(2, 5):
        table.append(pa.table({"n": [each]}))
    reader: RestCatalogReader = parts.catalog()
    name = TableName(*_split(table))
    reader.maintainer.rewrite_manifests(name, reader.maintainer.plan_manifests(name, None))
    found = LocalProfiling(parts).drift(of(table), "n")
    assert [(each.operation, each.same_rows) for each in found.readings[-2:]] == [("append", False), ("replace", True)]
    assert [each.mean for each in figures(found)] == [1.0, 1.5, 2.0, 2.5, 2.5]


def test_many_rows_are_estimated_and_that_is_said(
    catalog: Catalog, parts: Parts, endpoints: Endpoints, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = made(catalog, pa.table({"n": list(range(2000))}))
    monkeypatch.setattr(profile, "EXACT_ROWS", 1000)
    reader = DuckDBReader(endpoints, state_dir=tmp_path)
    (found,) = figures(LocalProfiling(Parts(parts.catalog(), reader)).drift(of(table), "n"))
    assert not found.exact and found.distinct is not None and 1500 < found.distinct < 2500
    assert found.mean == 999.5 and found.median is not None and 950 < found.median < 1050


def test_it_is_given_up_when_nobody_waits(catalog: Catalog, parts: Parts) -> None:
    table = made(catalog, pa.table({"n": [1]}))
    with pytest.raises(Cancelled):
        LocalProfiling(parts).drift(of(table), "n", cancelled=lambda: True)


def _split(table: Table) -> tuple[tuple[str, ...], str]:
    *namespace, name = table.name()
    return tuple(namespace), name
