"""Tables of one stack, carried into another: with all their rows, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import DecimalType, NestedField, StringType, StructType, TimestamptzType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg import carry
from floe_bench.adapters.iceberg.carry import IcebergCarrier
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.mark import CARRIED, CARRIED_SNAPSHOT
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.core.across import Shore, difference_across
from floe_bench.errors import Cancelled, StackUnavailable, TableError, UsageError
from floe_bench.events import CarryProgressed
from floe_bench.model.carry import Carried
from floe_bench.model.run import RunStatus
from floe_bench.model.snapshot import Diff, SchemaChange
from floe_bench.model.stack import Endpoints, StackState
from floe_bench.model.table import TableName
from tests.contracts.workbench import eventually, opened, shop

ORDERS = TableName(("shop",), "orders")
STACKS = Path(__file__).parents[2] / "stacks"
SCHEMA = Schema(
    NestedField(1, "id", StringType(), required=True, doc="business key"),
    NestedField(2, "at", TimestamptzType()),
    NestedField(3, "total", DecimalType(12, 2)),
    NestedField(4, "address", StructType(NestedField(5, "city", StringType()))),
)
SPEC = PartitionSpec(PartitionField(2, 1000, DayTransform(), "at_day"))
SORTED = SortOrder(SortField(1, IdentityTransform()))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path_factory.mktemp("elsewhere"))
    try:
        yield stack.up(lambda event: None, lambda: False)
    finally:
        stack.down()


@pytest.fixture
def there(elsewhere: Endpoints) -> Iterator[Catalog]:
    yield from emptied(elsewhere)


@pytest.fixture
def here(endpoints: Endpoints) -> Iterator[Catalog]:
    yield from emptied(endpoints)


def emptied(endpoints: Endpoints) -> Iterator[Catalog]:
    catalog = open_catalog(endpoints)
    yield catalog
    for name in (ORDERS.parts, ("deep", "er", "t")):
        if catalog.table_exists(name):
            catalog.drop_table(name)


def rows(*numbers: int) -> pa.Table:
    from datetime import UTC, datetime, timedelta
    from decimal import Decimal

    return pa.Table.from_pylist(
        [
            {
                "id": f"C-{number}",
                "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=13 * number),
                "total": Decimal(number) / 4 if number % 3 else None,
                "address": {"city": f"city {number % 5}"},
            }
            for number in numbers
        ],
        schema=pa.schema(
            [
                pa.field("id", pa.string(), nullable=False),
                pa.field("at", pa.timestamp("us", tz="UTC")),
                pa.field("total", pa.decimal128(12, 2)),
                pa.field("address", pa.struct([pa.field("city", pa.string())])),
            ]
        ),
    )


def made(catalog: Catalog, *batches: pa.Table) -> None:
    catalog.create_namespace_if_not_exists("shop")
    table = catalog.create_table(
        ORDERS.parts, SCHEMA, partition_spec=SPEC, sort_order=SORTED, properties={"comment": "orders"}
    )
    for each in batches:
        table.append(each)


def carried(elsewhere: Endpoints, endpoints: Endpoints, table: TableName = ORDERS) -> Carried:
    return IcebergCarrier(elsewhere, endpoints, name="elsewhere").carry(table, lambda rows, comparing: None, never)


def never() -> bool:
    return False


def sorted_rows(catalog: Catalog) -> list[dict[str, object]]:
    return sorted(catalog.load_table(ORDERS.parts).scan().to_arrow().to_pylist(), key=lambda row: str(row["id"]))


def test_rows_types_partitions_order_and_words_come_over_as_one_snapshot(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    made(there, rows(*range(40)), rows(*range(40, 60)))
    there.load_table(ORDERS.parts).delete("id == 'C-7'")
    source = there.load_table(ORDERS.parts)
    found = carried(elsewhere, endpoints)
    copy = here.load_table(ORDERS.parts)
    assert (found.rows, found.from_snapshot, found.there, found.fault) == (
        59,
        source.metadata.current_snapshot_id,
        False,
        "",
    )
    assert found.snapshots_left == len(source.metadata.snapshots) - 1 > 0
    assert sorted_rows(here) == sorted_rows(there)
    assert [(each.name, each.field_type, each.required, each.doc) for each in copy.schema().fields] == [
        (each.name, each.field_type, each.required, each.doc) for each in source.schema().fields
    ]
    assert [each.name for each in copy.spec().fields] == ["at_day"]
    assert len(copy.sort_order().fields) == 1 and copy.metadata.properties["comment"] == "orders"
    (snapshot,) = copy.metadata.snapshots
    assert snapshot.summary is not None
    marks = snapshot.summary.additional_properties
    assert (marks[CARRIED], marks[CARRIED_SNAPSHOT]) == ("elsewhere", str(found.from_snapshot))


def test_a_second_time_finds_the_copy_and_writes_nothing(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    made(there, rows(1, 2, 3))
    first = carried(elsewhere, endpoints)
    again = carried(elsewhere, endpoints)
    assert again.there and (again.rows, again.snapshot_id) == (3, first.snapshot_id)


def test_a_table_that_is_in_the_way_stays_as_it_is(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    made(there, rows(1, 2, 3))
    made(here, rows(9))
    with pytest.raises(TableError, match=r"there is a table shop\.orders already"):
        carried(elsewhere, endpoints)
    assert [row["id"] for row in sorted_rows(here)] == ["C-9"]


def test_a_copy_that_was_interrupted_is_made_again(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    made(there, rows(1, 2, 3))
    here.create_namespace_if_not_exists("shop")
    here.create_table(ORDERS.parts, SCHEMA, properties={CARRIED: "elsewhere"})
    assert carried(elsewhere, endpoints).rows == 3
    assert sorted_rows(here) == sorted_rows(there)


def test_a_copy_that_fails_in_the_middle_leaves_no_table(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(there, rows(1, 2, 3))

    def full(*args: object, **named: object) -> None:
        raise OSError("AWS Error NO_SUCH_BUCKET")

    with monkeypatch.context() as patched:
        patched.setattr("floe_bench.adapters.iceberg.carry.each_written", full)
        with pytest.raises(StackUnavailable):
            carried(elsewhere, endpoints)
    assert not here.table_exists(ORDERS.parts)


@pytest.mark.parametrize("comparing", [False, True], ids=["while it is written", "while it is compared"])
def test_one_that_is_cancelled_leaves_neither_table_nor_files_and_another_time_carries_it(
    comparing: bool,
    elsewhere: Endpoints,
    endpoints: Endpoints,
    there: Catalog,
    here: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made(there, rows(1, 2), rows(3))
    heard: list[tuple[int, bool]] = []
    written: list[DataFile] = []
    write = carry.each_written

    def each(*args: Any, **named: Any) -> Iterator[DataFile]:
        for file in write(*args, **named):
            written.append(file)
            yield file

    monkeypatch.setattr(carry, "each_written", each)
    carrier = IcebergCarrier(elsewhere, endpoints, name="elsewhere")
    tables: list[Table] = []
    make = carrier._target.create_table
    monkeypatch.setattr(carrier._target, "create_table", lambda *a, **n: tables.append(make(*a, **n)) or tables[0])
    with pytest.raises(Cancelled):
        carrier.carry(ORDERS, lambda *told: heard.append(told), lambda: any(each[1] is comparing for each in heard))
    assert not here.table_exists(ORDERS.parts)
    assert bool(written) is comparing
    assert not [file for file in written if tables[0].io.new_input(file.file_path).exists()]
    found = carried(elsewhere, endpoints)
    assert (found.rows, found.there) == (3, False)
    assert sorted_rows(here) == sorted_rows(there)


def test_a_copy_that_nobody_compared_is_compared_and_made_again_where_it_differs(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    """Whoever made it was killed after its commit."""
    made(there, rows(1, 2, 3))
    head = there.load_table(ORDERS.parts).metadata.current_snapshot_id
    here.create_namespace_if_not_exists("shop")
    half = here.create_table(ORDERS.parts, SCHEMA, properties={CARRIED: "elsewhere"})
    half.append(rows(1, 2), snapshot_properties={CARRIED: "elsewhere", CARRIED_SNAPSHOT: str(head)})
    found = carried(elsewhere, endpoints)
    assert (found.rows, found.there) == (3, False)
    assert sorted_rows(here) == sorted_rows(there)


def test_a_table_that_somebody_made_meanwhile_is_not_taken_away(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(there, rows(1, 2, 3))
    made(here, rows(9))
    unseen = iter([None])
    look = carry._loaded
    monkeypatch.setattr(carry, "_loaded", lambda *args: next(unseen, look(*args)))
    with pytest.raises(TableError):
        carried(elsewhere, endpoints)
    assert [row["id"] for row in sorted_rows(here)] == ["C-9"]


def test_a_copy_whose_rows_differ_is_dropped(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(there, rows(1, 2, 3))
    with monkeypatch.context() as patched:
        patched.setattr("floe_bench.adapters.iceberg.carry._batches", lambda *_: rows(1, 2, 4).to_batches())
        with pytest.raises(TableError, match="the copy of"):
            carried(elsewhere, endpoints)
    assert not here.table_exists(ORDERS.parts)


def test_a_table_without_a_row_and_one_in_a_deep_namespace_come_over(
    elsewhere: Endpoints, endpoints: Endpoints, there: Catalog, here: Catalog
) -> None:
    made(there)
    assert carried(elsewhere, endpoints) == Carried(str(ORDERS), 0, 0)
    for depth in (("deep",), ("deep", "er")):
        there.create_namespace_if_not_exists(depth)
    deep = TableName(("deep", "er"), "t")
    there.create_table(deep.parts, SCHEMA).append(rows(1))
    assert deep in IcebergCarrier(elsewhere, endpoints, name="elsewhere").tables()
    assert carried(elsewhere, endpoints, deep).rows == 1


def test_the_engine_starts_the_other_stack_carries_it_and_stops_it_again(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", without=("floe-bench.toml", "shop_assets.py"))
    shutil.copytree(STACKS / "embedded", root / "second")
    other = ProcessStack(load_spec(root / "second"), state_dir=root / ".floe-bench")
    catalog = open_catalog(other.up(lambda event: None, lambda: False))
    catalog.create_namespace("outside")
    catalog.create_table("outside.orders", SCHEMA).append(rows(1, 2))
    other.down()
    with opened(root) as bench:
        found = bench.client.carrying.carry("./second")
        bench.until(lambda: bench.events(CarryProgressed), "how far it is")
        assert bench.events(CarryProgressed)[0] == CarryProgressed("./second", "outside.orders", 1, 1, 0)
        assert [(each.table, each.rows) for each in found.tables] == [("outside.orders", 2)] and found.whole
        assert other.status().state is StackState.STOPPED
        assert bench.client.query("select count(*) from outside.orders").rows == ((2,),)
        (snapshot,) = bench.client.snapshots("outside.orders")
        assert snapshot.written_by == "carried from ./second"
        with pytest.raises(UsageError, match="already"):
            bench.client.carrying.carry("embedded")
        same = bench.client.carrying.compare("./second", "outside.orders")
        assert same.rows.total == 0 and same.schema == SchemaChange() and same.from_stack == "./second"
        assert other.status().state is StackState.STOPPED
        assert bench.run(select="raw_orders").status is RunStatus.SUCCESS
        assert eventually(lambda: "outside.orders" in {each.table for each in bench.client.tables()})


def test_a_table_of_two_stacks_is_compared_by_key_or_as_whole_rows(
    here: Catalog, there: Catalog, endpoints: Endpoints, elsewhere: Endpoints, tmp_path: Path
) -> None:
    made(there, rows(1, 2, 3, 4))
    changed = rows(8).set_column(0, rows(8).schema.field(0), pa.array(["C-1"]))
    made(here, rows(2, 3, 5), changed)
    with here.load_table(ORDERS.parts).update_schema() as change:
        change.add_column("note", StringType())
    here.load_table(ORDERS.parts).append(rows(6))
    ends = [
        Shore(name, RestCatalogReader(each), DuckDBCompute(each, state_dir=tmp_path / name))
        for name, each in (("elsewhere", elsewhere), ("here", endpoints))
    ]

    def compared(key: tuple[str, ...]) -> Diff:
        return difference_across(*ends, ORDERS, key=key, limit=20, offset=0, folder=tmp_path, cancelled=lambda: False)

    by_id = compared(("id",))
    assert (by_id.rows.added, by_id.rows.removed, by_id.rows.changed) == (2, 1, 1)
    assert {(each.change, each.row["id"]) for each in by_id.samples} == {
        ("added", "C-5"), ("added", "C-6"), ("removed", "C-4"), ("changed", "C-1"),
    }  # fmt: skip
    whole = compared(())
    assert (whole.rows.added, whole.rows.removed) == (3, 2)
    assert [each.name for each in by_id.schema.added] == ["note"] and not by_id.schema.removed
    assert not list(tmp_path.glob("compared-*")), "nothing of the other stack stays behind"
    with pytest.raises(UsageError, match="not in both"):
        compared(("nothing",))
