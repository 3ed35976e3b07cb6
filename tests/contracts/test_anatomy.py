"""What tables are made of, against the real server: tables of PyIceberg and DuckDB, odd and broken ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    UUIDType,
)

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.anatomy import LocalAnatomy
from floe_bench.errors import NoSuchSnapshot, NoSuchTable
from floe_bench.model.anatomy import Content, FilePage
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.lakehouse import open_lake


class _Parts:
    """What the bench's verbs stand on, without an engine."""

    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self._catalog, self._compute = RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=folder)

    def catalog(self) -> RestCatalogReader:
        return self._catalog

    def compute(self) -> DuckDBCompute:
        return self._compute


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture(scope="module")
def anatomy(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAnatomy]:
    parts = _Parts(endpoints, tmp_path_factory.mktemp("compute"))
    yield LocalAnatomy(parts)
    parts.catalog().close()
    parts.compute().close()


@pytest.fixture
def lake(endpoints: Endpoints, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(endpoints, tmp_path) as connection:
        yield connection


@pytest.fixture
def name(catalog: Catalog) -> TableName:
    namespace = f"t{secrets.token_hex(4)}"
    catalog.create_namespace(namespace)
    return TableName((namespace,), "orders")


def written(catalog: Catalog, name: TableName, *contents: list[int]) -> TableName:
    table = catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
    for numbers in contents:
        table.append(pa.table({"n": numbers}))
    return name


def snapshot_ids(catalog: Catalog, name: TableName) -> list[int]:
    return [each.snapshot_id for each in catalog.load_table(name.parts).metadata.snapshots]


def test_a_table_that_was_never_written_has_an_anatomy_without_files(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    found = anatomy.table(str(written(catalog, name)))
    assert (found.snapshot_id, found.rows, found.totals.data_files, found.snapshots) == (None, 0, 0, 0)
    assert [column.name for column in found.schema.columns] == ["n"]
    assert anatomy.files(str(name)) == FilePage(str(name), None, found.totals)


def test_everything_is_told_as_of_the_snapshot_that_was_asked_for(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    written(catalog, name, [1, 2], [3])
    table = catalog.load_table(name.parts)
    with table.update_schema() as update:
        update.add_column("note", StringType(), doc="free text")
    table.append(pa.table({"n": [4], "note": ["x"]}))
    first, _, third = snapshot_ids(catalog, name)
    now, then = anatomy.table(str(name)), anatomy.table(str(name), first)
    assert (now.snapshot_id, now.current, now.rows, now.totals.data_files) == (third, True, 4, 3)
    assert (then.snapshot_id, then.current, then.rows, then.totals.data_files) == (first, False, 2, 1)
    assert [column.name for column in now.schema.columns] == ["n", "note"]
    assert [column.name for column in then.schema.columns] == ["n"]
    assert now.snapshots == then.snapshots == 3
    assert [ref.name for ref in now.refs] == ["main"]
    page = anatomy.files(str(name), first)
    assert (len(page.files), page.files[0].records, page.files[0].added_by) == (1, 2, first)


def test_a_schema_says_since_when_it_is_and_keeps_its_docs(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    written(catalog, name, [1])
    table = catalog.load_table(name.parts)
    with table.update_schema() as update:
        update.add_column("note", StringType(), doc="free text")
    old, new = anatomy.schemas(str(name))
    assert (old.schema_id, old.current, old.snapshot_id) == (0, False, snapshot_ids(catalog, name)[0])
    assert (new.current, new.since, new.columns[1].doc) == (True, None, "free text")


def test_files_of_now_are_told_with_the_names_of_now_and_those_of_then_with_those_of_then(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    written(catalog, name, [1])
    table = catalog.load_table(name.parts)
    with table.update_schema() as update:
        update.rename_column("n", "number")
    then = anatomy.files(str(name), snapshot_ids(catalog, name)[0])
    told = [[each.column for each in page.files[0].bounds] for page in (anatomy.files(str(name)), then)]
    assert told == [["number"], ["n"]]


def test_a_page_of_files_is_a_page_and_the_rest_is_complete(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    written(catalog, name, *([n] for n in range(5)))
    pages = [anatomy.files(str(name), offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [len(page.files) for page in pages] == [2, 2, 1]
    assert len({file.path for page in pages for file in page.files}) == 5
    assert {(page.totals.data_files, len(page.manifests)) for page in pages} == {(5, 5)}


def test_live_rows_are_what_is_left_after_row_level_deletes(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName, lake: duckdb.DuckDBPyConnection
) -> None:
    """DuckDB's own summary goes on counting deleted rows."""
    place = f"lake.{name.namespace[0]}.{name.name}"
    lake.execute(f"create table {place} as select range as n from range(10)")
    lake.execute(f"delete from {place} where n < 3")
    found = anatomy.table(str(name))
    assert (found.rows, found.totals.records, found.totals.deleted_records) == (7, 10, 3)
    kinds = {file.content for file in anatomy.files(str(name)).files}
    assert kinds == {Content.DATA, Content.POSITION_DELETES}
    assert [each.content for each in anatomy.files(str(name)).manifests].count("deletes") == 1


def test_partitions_and_bounds_read_as_a_person_writes_them(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    schema = Schema(
        NestedField(1, "at", TimestampType(), required=False),
        NestedField(2, "region", StringType(), required=False),
        NestedField(3, "customer", LongType(), required=False),
    )
    spec = PartitionSpec(
        PartitionField(1, 1000, DayTransform(), "at_day"),
        PartitionField(2, 1001, IdentityTransform(), "region"),
        PartitionField(3, 1002, BucketTransform(4), "customer_bucket"),
    )
    table = catalog.create_table(name.parts, schema, partition_spec=spec)
    moments = [datetime(2026, 1, 31, 10, 30), datetime(2026, 1, 31, 11)]
    rows = {"at": moments, "region": [None, None], "customer": [7, 7]}
    table.append(pa.table(rows, schema=table.schema().as_arrow()))
    page = anatomy.files(str(name))
    (partition,) = page.partitions
    assert partition.partition.startswith("at_day=2026-01-31/region=null/customer_bucket=")
    bounds = {each.column: each for each in page.files[0].bounds}
    assert (bounds["at"].lower, bounds["at"].upper) == ("2026-01-31T10:30:00", "2026-01-31T11:00:00")
    assert (bounds["region"].nulls, bounds["region"].lower, bounds["customer"].upper) == (2, None, "7")
    assert anatomy.table(str(name)).spec.fields == ("day(at)", "region", "bucket(4, customer)")


def test_a_partitioning_of_before_keeps_its_words(catalog: Catalog, anatomy: LocalAnatomy, name: TableName) -> None:
    written(catalog, name, [1, 2])
    table = catalog.load_table(name.parts)
    with table.update_spec() as update:
        update.add_identity("n")
    table.append(pa.table({"n": [3]}))
    assert {each.partition for each in anatomy.files(str(name)).partitions} == {"", "n=3"}
    assert [spec.fields for spec in anatomy.table(str(name)).specs] == [(), ("n",)]


def test_every_primitive_and_nested_type_is_shown(catalog: Catalog, anatomy: LocalAnatomy, name: TableName) -> None:
    address = StructType(NestedField(20, "city", StringType(), required=False))
    schema = Schema(
        NestedField(1, "flag", BooleanType(), required=False),
        NestedField(2, "amount", DecimalType(12, 2), required=False),
        NestedField(3, "ratio", DoubleType(), required=False),
        NestedField(4, "day", DateType(), required=False),
        NestedField(5, "seen", TimestamptzType(), required=False),
        NestedField(6, "raw", BinaryType(), required=False),
        NestedField(7, "key", UUIDType(), required=False),
        NestedField(8, "where", address, required=False),
        NestedField(9, "tags", ListType(21, StringType(), element_required=False), required=False),
        NestedField(10, "marks", MapType(22, StringType(), 23, LongType(), value_required=False), required=False),
        NestedField(11, "größe, \x1b[31m“x”", StringType(), required=False),
    )
    table = catalog.create_table(name.parts, schema)
    row = {
        "flag": True, "amount": Decimal("1.50"), "ratio": 0.5, "day": date(2026, 1, 31),
        "seen": datetime(2026, 1, 31, tzinfo=UTC), "raw": b"\x00\xff", "key": b"0123456789abcdef",
        "where": {"city": "Ulm"}, "tags": ["a"], "marks": {"x": 1}, "größe, \x1b[31m“x”": "é",
    }  # fmt: skip
    table.append(pa.Table.from_pylist([row], schema=table.schema().as_arrow()))
    columns = {column.name: column.type for column in anatomy.table(str(name)).schema.columns}
    assert columns["where"] == "struct" and columns["where.city"] == "string"
    assert columns["tags"] == "list" and columns["marks.value"] == "long"
    bounds = {each.column: each for each in anatomy.files(str(name)).files[0].bounds}
    assert (bounds["amount"].lower, bounds["day"].lower, bounds["flag"].lower) == ("1.50", "2026-01-31", "true")
    assert bounds["seen"].lower == "2026-01-31T00:00:00+00:00" and bounds["where.city"].nulls == 0
    order = [column.name for column in anatomy.table(str(name)).schema.columns]
    assert order.index("where.city") == order.index("where") + 1 < order.index("tags")


@pytest.mark.parametrize("damage", ["gone", "no Avro", "cut short"])
def test_a_manifest_file_that_cannot_be_read_is_named_and_the_rest_is_shown(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName, damage: str
) -> None:
    written(catalog, name, [1], [2])
    table = catalog.load_table(name.parts)
    broken, _ = table.current_snapshot().manifests(table.io)
    raw = table.io.new_input(broken.manifest_path).open().read()
    table.io.delete(broken.manifest_path)
    if damage != "gone":
        with table.io.new_output(broken.manifest_path).create(overwrite=True) as out:
            out.write(b"tea" * 50 if damage == "no Avro" else raw[: len(raw) - 40])
    page, found = anatomy.files(str(name)), anatomy.table(str(name))
    assert [file.records for file in page.files] == [1]
    assert len(page.manifests) == 2
    assert all(len(faults) == 1 and broken.manifest_path in faults[0] for faults in (page.faults, found.faults))
    assert found.rows is None


def test_a_snapshot_whose_manifest_list_is_gone_leaves_the_rest_of_the_table(
    catalog: Catalog, anatomy: LocalAnatomy, name: TableName
) -> None:
    written(catalog, name, [1])
    table = catalog.load_table(name.parts)
    table.io.delete(table.current_snapshot().manifest_list)
    found = anatomy.table(str(name))
    assert "manifest list" in found.faults[0] and found.rows is None
    assert [column.name for column in found.schema.columns] == ["n"]


def test_what_is_not_there_is_named(catalog: Catalog, anatomy: LocalAnatomy, name: TableName) -> None:
    with pytest.raises(NoSuchTable):
        anatomy.table(str(name))
    written(catalog, name, [1])
    with pytest.raises(NoSuchSnapshot):
        anatomy.files(str(name), 1)


def test_metadata_files_have_their_sizes_and_one_that_is_gone_is_said_to_be(
    catalog: Catalog, anatomy: LocalAnatomy
) -> None:
    name = (f"t{secrets.token_hex(4)}", "orders")
    catalog.create_namespace(name[:1])
    table = catalog.create_table(name, pa.schema([("n", pa.int64())]))
    for number in range(2):
        table.append(pa.table({"n": [number]}))
    told = anatomy.table(".".join(name)).metadata_log
    assert [(each.bytes, each.gone) for each in told] == [(None, False)] * 3, "nobody asked"
    table.io.delete(told[0].path)
    measured = anatomy.metadata_log(".".join(name))
    sizes = [len(table.io.new_input(each.path)) for each in told[1:]]
    assert [each.bytes for each in measured] == [None, *sizes] and min(sizes) > 100
    assert [each.gone for each in measured] == [True, False, False]
    assert [each.path for each in measured] == [each.path for each in told]
