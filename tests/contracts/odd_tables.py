"""Tables as others leave them: old and new formats, every type, evolved, with deletes, odd, and damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import Catalog
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
)
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _FastAppendFiles
from pyiceberg.transforms import (
    BucketTransform,
    HourTransform,
    TruncateTransform,
    YearTransform,
)
from pyiceberg.typedef import Record
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from floe_bench.model.table import TableName


@dataclass(frozen=True, slots=True)
class Hands:
    """Those that make the tables: PyIceberg, and DuckDB, whose catalog is ``lake``."""

    catalog: Catalog
    duck: duckdb.DuckDBPyConnection


Make = Callable[[Hands, TableName], object]
MOST_FIELD, MOST_SNAPSHOT = 2**31 - 202, 2**63 - 1
ODD_COLUMNS = ("größe", 'say "so"', "it's", "a b", "50%", "line\nbreak", "\x1b[31mred", "select", "😀", "x" * 300)


def plain(hands: Hands, name: TableName, *, version: str = "2") -> Table:
    table = hands.catalog.create_table(
        name.parts, pa.schema([("n", pa.int64())]), properties={"format-version": version}
    )
    for numbers in ([1, 2], [3]):
        table.append(pa.table({"n": numbers}))
    return table


# ── formats ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def first_format(hands: Hands, name: TableName) -> None:
    table = plain(hands, name, version="1")
    with table.update_spec() as update:
        update.add_identity("n")
    table.append(pa.table({"n": [4]}))
    with table.update_spec() as update:
        update.remove_field("n")  # format 1 keeps the field, as void
    table.append(pa.table({"n": [5]}))


def third_format(hands: Hands, name: TableName) -> None:
    """Upgraded, and written on: manifest files of two formats."""
    plain(hands, name)
    commit(hands, name, {"action": "upgrade-format-version", "format-version": 3})
    hands.duck.execute(f"insert into {in_duck(name)} values (4)")


def third_format_types(hands: Hands, name: TableName) -> None:
    hands.duck.execute(f"create table {in_duck(name)} (n bigint, seen timestamp_ns) with ('format-version' = 3)")
    hands.duck.execute(f"insert into {in_duck(name)} values (1, '2026-01-31 10:00:00.123456789'), (null, null)")


def variant(hands: Hands, name: TableName) -> None:
    """A type that PyIceberg does not know, and DuckDB does."""
    hands.duck.execute(f"create table {in_duck(name)} (n bigint, v variant) with ('format-version' = 3)")
    hands.duck.execute(f"insert into {in_duck(name)} values (1, {{'a': 1}}::variant)")


def geometry(hands: Hands, name: TableName) -> None:
    hands.duck.execute(f"create table {in_duck(name)} (g geometry) with ('format-version' = 3)")


# ── types ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def every_type(hands: Hands, name: TableName) -> None:
    address = StructType(
        NestedField(20, "city", StringType(), required=False),
        NestedField(21, "at", StructType(NestedField(22, "x", DoubleType(), required=False)), required=False),
    )
    home = StructType(NestedField(27, "street", StringType(), required=False))
    kinds: list[Any] = [
        BooleanType(), IntegerType(), LongType(), FloatType(), DoubleType(), DecimalType(38, 10), DateType(),
        TimeType(), TimestampType(), TimestamptzType(), StringType(), UUIDType(), FixedType(4), BinaryType(), address,
        ListType(23, ListType(24, LongType(), element_required=False), element_required=False),
        MapType(25, StringType(), 26, home, value_required=False),
    ]  # fmt: skip
    schema = Schema(*(NestedField(n, f"c{n}", kind, required=False) for n, kind in enumerate(kinds, 1)))
    table = hands.catalog.create_table(name.parts, schema)
    most = [
        True, 2**31 - 1, 2**63 - 1, float("inf"), float("nan"), Decimal(10) ** 27, date(9999, 12, 31), time(23, 59, 59),
        datetime(9999, 12, 31), datetime(9999, 12, 31, tzinfo=UTC), "é" * 5000, b"\xff" * 16, b"\x00\x01\x02\xff",
        b"\x00" * 3000, {"city": "Ulm", "at": {"x": 1.5}}, [[1, None], None, []], {"home": {"street": "ß"}},
    ]  # fmt: skip
    least = [
        False, -(2**31), -(2**63), float("-inf"), -0.0, -(Decimal(10) ** 27), date(1, 1, 1), time(0), datetime(1, 1, 1),
        datetime(1, 1, 1, tzinfo=UTC), "", b"\x00" * 16, b"\x00" * 4, b"", {"city": None, "at": None}, [], {},
    ]  # fmt: skip
    rows = [{f"c{n}": value for n, value in enumerate(row, 1)} for row in (most, least, [None] * len(most))]
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))


def far_times(hands: Hands, name: TableName) -> None:
    """Days and instants that Python has no value for, and DuckDB's infinite ones."""
    hands.duck.execute(f"create table {in_duck(name)} (day date, local timestamp, seen timestamptz)")
    for year in ("12000-01-31", "0044-03-15 (BC)"):
        hands.duck.execute(f"insert into {in_duck(name)} values ('{year}', '{year}', '{year}')")


# ── evolved ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def evolved_schema(hands: Hands, name: TableName) -> None:
    """Renamed, dropped and added again, promoted, in another order, made optional, documented; nested ones as well."""
    where = StructType(
        NestedField(10, "city", StringType(), required=False), NestedField(11, "zip", StringType(), required=False)
    )
    schema = Schema(
        NestedField(1, "id", IntegerType(), required=True),
        NestedField(2, "amount", FloatType(), required=False),
        NestedField(3, "price", DecimalType(9, 2), required=False),
        NestedField(4, "note", StringType(), required=False),
        NestedField(5, "where", where, required=False),
    )
    table = hands.catalog.create_table(name.parts, schema)
    row = {"id": 1, "amount": 0.5, "price": Decimal("1.50"), "note": "old", "where": {"city": "Ulm", "zip": "89073"}}
    table.append(pa.Table.from_pylist([row], schema=table.schema().as_arrow()))
    with table.update_schema() as update:
        update.update_column("id", LongType(), doc="of the order")
        update.update_column("amount", DoubleType())
        update.update_column("price", DecimalType(18, 2))
        update.make_column_optional("id")
        update.rename_column("where.city", "town")
        update.delete_column(("where", "zip"))
        update.add_column(("where", "country"), StringType())
        update.delete_column("note")
    with table.update_schema() as update:
        update.add_column("note", LongType())
        update.rename_column("amount", "total")
        update.move_first("price")
    again = {"price": Decimal("2.50"), "id": 2**40, "total": 1.5, "where": {"town": "Bonn", "country": "DE"}, "note": 7}
    table.append(pa.Table.from_pylist([again], schema=table.schema().as_arrow()))


def evolved_partitions(hands: Hands, name: TableName) -> None:
    """By nothing, by every transform, by other ones; and the column that one of them cut by is gone."""
    schema = Schema(
        NestedField(1, "at", TimestampType(), required=False),
        NestedField(2, "region", StringType(), required=False),
        NestedField(3, "n", LongType(), required=False),
        NestedField(4, "old", StringType(), required=False),
    )
    table = hands.catalog.create_table(name.parts, schema)
    row = {"at": datetime(2026, 1, 31, 10), "region": "a/b=c ü\n%", "n": -7, "old": "x"}

    def append() -> None:
        known = {field.name: row[field.name] for field in table.schema().fields}
        table.append(pa.Table.from_pylist([known, dict.fromkeys(known)], schema=table.schema().as_arrow()))

    append()
    with table.update_spec() as update:
        update.add_field("at", YearTransform(), "at_year")
        update.add_field("region", TruncateTransform(3), "region_3")
        update.add_identity("old")
    append()
    with table.update_spec() as update:
        for field in ("at_year", "region_3", "old"):
            update.remove_field(field)
        update.add_field("at", HourTransform(), "at_hour")
        update.add_field("n", BucketTransform(4), "n_bucket")
        update.add_identity("region")
    append()
    with table.update_schema() as change:
        change.delete_column("old")
    append()


# ── deletes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class _DeleteManifest(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _Deletes(_FastAppendFiles):
    """PyIceberg writes no row-level deletes; its own writers of manifest files take them, though."""

    def __init__(self, transaction: Transaction, file: DataFile) -> None:
        super().__init__(Operation.DELETE, transaction, transaction._table.io)
        self._file = file

    def _manifests(self) -> list[ManifestFile]:
        table = self._transaction.table_metadata
        spec, schema = table.spec(), table.schema()
        out = self._io.new_output(f"{table.location}/metadata/{self.commit_uuid}-d0.avro")
        with _DeleteManifest(spec, schema, out, self._snapshot_id, "deflate") as writer:
            status = ManifestEntryStatus.ADDED
            writer.add_entry(
                ManifestEntry.from_args(status=status, snapshot_id=self._snapshot_id, data_file=self._file)
            )
        return [*self._existing_manifests(), writer.to_manifest_file()]


def with_deletes(table: Table, rows: pa.Table, content: DataFileContent, ids: list[int] | None = None) -> None:
    path = f"{table.location()}/data/deletes-{content.name.lower()}-{len(table.metadata.snapshots)}.parquet"
    with table.io.new_output(path).create() as out:
        pq.write_table(rows, out)
    file = DataFile.from_args(
        content=content,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=rows.num_rows,
        file_size_in_bytes=len(table.io.new_input(path)),
        equality_ids=ids,
    )
    file.spec_id = table.spec().spec_id
    with table.transaction() as transaction:
        _Deletes(transaction, file).commit()


def _id(number: int) -> dict[bytes, bytes]:
    return {b"PARQUET:field_id": str(number).encode()}


def position_deletes(hands: Hands, name: TableName) -> None:
    table = plain(hands, name)
    fields = [
        pa.field("file_path", pa.string(), nullable=False, metadata=_id(2147483546)),
        pa.field("pos", pa.int64(), nullable=False, metadata=_id(2147483545)),
    ]
    path = next(iter(table.scan().plan_files())).file.file_path
    with_deletes(
        table, pa.table({"file_path": [path], "pos": [0]}, schema=pa.schema(fields)), DataFileContent.POSITION_DELETES
    )


def equality_deletes(hands: Hands, name: TableName) -> None:
    table = plain(hands, name)
    rows = pa.table({"n": [2, 77]}, schema=pa.schema([pa.field("n", pa.int64(), metadata=_id(1))]))
    with_deletes(table, rows, DataFileContent.EQUALITY_DELETES, [1])


# ── odd ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def never_written(hands: Hands, name: TableName) -> None:
    hands.catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))


def emptied(hands: Hands, name: TableName) -> None:
    plain(hands, name).delete()


def without_columns(hands: Hands, name: TableName) -> None:
    hands.catalog.create_table(name.parts, Schema())


def single_null(hands: Hands, name: TableName) -> None:
    table = hands.catalog.create_table(name.parts, pa.schema([("n", pa.int64()), ("s", pa.string())]))
    table.append(pa.table({"n": pa.array([None], pa.int64()), "s": pa.array([None], pa.string())}))


def huge_ids(hands: Hands, name: TableName) -> None:
    """The greatest that a column's and a snapshot's id may be."""
    table = plain(hands, name)
    column = {"id": MOST_FIELD, "name": "far", "required": False, "type": "string"}
    fields = [{"id": 1, "name": "n", "required": False, "type": "long"}, column]
    schema = {"type": "struct", "schema-id": 1, "fields": fields}
    commit(hands, name, {"action": "add-schema", "schema": schema, "last-column-id": MOST_FIELD})
    commit(hands, name, {"action": "set-current-schema", "schema-id": 1})
    snapshot = table.refresh().current_snapshot()
    assert snapshot is not None
    again = json.loads(snapshot.model_dump_json(by_alias=True, exclude_none=True))
    again |= {"snapshot-id": MOST_SNAPSHOT, "parent-snapshot-id": snapshot.snapshot_id}
    again |= {"sequence-number": table.metadata.last_sequence_number + 1}
    again |= {"timestamp-ms": snapshot.timestamp_ms + 1, "schema-id": table.metadata.current_schema_id}
    ref = {"ref-name": "main", "type": "branch", "snapshot-id": MOST_SNAPSHOT}
    commit(hands, name, {"action": "add-snapshot", "snapshot": again}, {"action": "set-snapshot-ref", **ref})


def odd_names(hands: Hands, name: TableName) -> None:
    """Columns, properties, a tag and a description with what names may hold."""
    schema = Schema(
        *(NestedField(n, each, StringType(), required=False, doc=each) for n, each in enumerate(ODD_COLUMNS, 1))
    )
    table = hands.catalog.create_table(name.parts, schema, properties={"odd\x1b[31m ü": "[b]no markup[/b]\n2"})
    table.append(pa.Table.from_pylist([dict.fromkeys(ODD_COLUMNS, "v")], schema=table.schema().as_arrow()))
    table.manage_snapshots().create_tag(table.metadata.snapshots[0].snapshot_id, "ü [b]\x1b[31m /'\"").commit()


def dotted_column(hands: Hands, name: TableName) -> None:
    where = StructType(NestedField(3, "b", StringType(), required=False))
    schema = Schema(NestedField(1, "a.b", StringType(), required=False), NestedField(2, "c", where, required=False))
    table = hands.catalog.create_table(name.parts, schema)
    table.append(pa.Table.from_pylist([{"a.b": "1", "c": {"b": "2"}}], schema=table.schema().as_arrow()))


def same_but_for_case(hands: Hands, name: TableName) -> None:
    schema = Schema(NestedField(1, "n", LongType(), required=False), NestedField(2, "N", LongType(), required=False))
    table = hands.catalog.create_table(name.parts, schema)
    table.append(pa.Table.from_arrays([pa.array([1]), pa.array([2])], schema=table.schema().as_arrow()))


# ── damaged ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def orc_file(hands: Hands, name: TableName) -> None:
    """Spark writes such files, and Avro ones, where it is asked to."""
    table = plain(hands, name)
    file = DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=f"{table.location()}/data/0.orc",
        file_format=FileFormat.ORC,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=300,
    )
    file.spec_id = table.spec().spec_id
    with table.transaction() as transaction, transaction.update_snapshot().fast_append() as append:
        append.append_data_file(file)


def _paths(table: Table) -> dict[str, str]:
    snapshot = table.current_snapshot()
    assert snapshot is not None
    manifest = snapshot.manifests(table.io)[0]
    return {
        "data file": manifest.fetch_manifest_entry(table.io)[0].data_file.file_path,
        "manifest": manifest.manifest_path,
        "manifest list": snapshot.manifest_list,
    }


def without(what: str) -> Make:
    def make(hands: Hands, name: TableName) -> None:
        table = plain(hands, name)
        table.io.delete(_paths(table)[what])

    return make


def with_other_bytes(what: str, change: Callable[[bytes], bytes]) -> Make:
    def make(hands: Hands, name: TableName) -> None:
        table = plain(hands, name)
        overwrite(table, _paths(table)[what], change)

    return make


def overwrite(table: Table, path: str, change: Callable[[bytes], bytes]) -> None:
    with table.io.new_input(path).open() as file:
        raw = file.read()
    table.io.delete(path)
    with table.io.new_output(path).create(overwrite=True) as out:
        out.write(change(raw))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def in_duck(name: TableName) -> str:
    return f'lake."{".".join(name.namespace)}"."{name.name}"'


def commit(hands: Hands, name: TableName, *updates: dict[str, Any]) -> None:
    """What no library here writes, asked of the catalog itself."""
    catalog = hands.catalog
    assert isinstance(catalog, RestCatalog)
    url = catalog.url("namespaces/{namespace}/tables/{table}", **catalog._split_identifier_for_path(name.parts))
    identifier = {"namespace": list(name.namespace), "name": name.name}
    body = {"identifier": identifier, "requirements": [], "updates": list(updates)}
    catalog._session.post(url, json=body).raise_for_status()
