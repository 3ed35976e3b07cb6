"""A transaction that remembers its metadata answers as PyIceberg's own does, and every change of a table has one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadataV2

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.model.maintenance import ExpirePlan, PropertyPlan, RefPlan
from floe_bench.model.reshape import ColumnChange, PartitionChange, PartitionPlan, SchemaPlan, SortPlan
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

MANY_BYTES = 1 << 30


@pytest.fixture
def table(endpoints: Endpoints) -> Table:
    catalog = open_catalog(endpoints)
    catalog.create_namespace(namespace := f"t{secrets.token_hex(4)}")
    return catalog.create_table((namespace, "orders"), pa.schema([("n", pa.int64())]))


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    found = RestCatalogReader(endpoints)
    yield found
    found.close()


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of all of a table's metadata, as they are made."""
    found: list[bool] = []
    copied = TableMetadataV2.model_copy

    def counted(metadata: TableMetadataV2, *, deep: bool = False, **rest: object) -> TableMetadataV2:
        if deep:
            found.append(True)
        return copied(metadata, deep=deep, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(TableMetadataV2, "model_copy", counted)
    return found


def test_each_change_shows_at_once(table: Table) -> None:
    ours, theirs = Steady(table), Transaction(table)
    for change in ({"tea": "green"}, {"tea": "black", "milk": "none"}):
        ours.set_properties(change)
        theirs.set_properties(change)
        assert ours.table_metadata.properties == theirs.table_metadata.properties
        assert ours.table_metadata.properties["tea"] == change["tea"]
    assert ours.commit_transaction().properties["milk"] == "none"


def test_snapshots_are_copied_once_for_each_change(table: Table, copies: list[bool]) -> None:
    transaction = Steady(table)
    for _ in range(5):
        assert transaction.table_metadata.properties.get("tea") is None
    assert not copies
    transaction.set_properties({"tea": "green"})
    for _ in range(5):
        assert transaction.table_metadata.properties["tea"] == "green"
    assert len(copies) == 1


def tag(reader: RestCatalogReader, name: TableName) -> None:
    uuid, _, _ = reader.maintainer.ref(name, "old")
    reader.maintainer.set_ref(name, RefPlan(str(name), uuid, "old", "tag", None, reader.head(name).snapshot_id))
    assert reader.maintainer.ref(name, "old")[1] == "tag"


def untag(reader: RestCatalogReader, name: TableName) -> None:
    uuid, kind, at = reader.maintainer.ref(name, "first")
    reader.maintainer.set_ref(name, RefPlan(str(name), uuid, "first", kind, at, None))
    assert reader.maintainer.ref(name, "first")[1:] == ("", None)


def properties(reader: RestCatalogReader, name: TableName) -> None:
    uuid, _ = reader.maintainer.properties(name)
    reader.maintainer.set_properties(name, PropertyPlan(str(name), uuid, {}, {"tea": "green"}))
    assert reader.maintainer.properties(name)[1]["tea"] == "green"


def columns(reader: RestCatalogReader, name: TableName) -> None:
    changes = (ColumnChange("add", "tea", "string"), ColumnChange("rename", "n", "number"))
    after = reader.reshaper.plan_schema(name, changes, None)
    uuid, schema_id, before = reader.reshaper.schema(name)
    reader.reshaper.change_schema(name, SchemaPlan(str(name), uuid, schema_id, before, after, changes))
    assert [each.name for each in reader.columns(name)] == ["number", "tea"]


def partitioning(reader: RestCatalogReader, name: TableName) -> None:
    changes = (PartitionChange("add", "bucket(4, n)"),)
    after, _ = reader.reshaper.plan_partitioning(name, changes, None)
    uuid, spec_id, before = reader.reshaper.partitioning(name)
    reader.reshaper.change_partitioning(name, PartitionPlan(str(name), uuid, spec_id, before, after, changes))
    assert reader.reshaper.partitioning(name)[2] == after != before


def sorting(reader: RestCatalogReader, name: TableName) -> None:
    after, _ = reader.reshaper.plan_sorting(name, ("n desc",), None)
    uuid, order_id, before = reader.reshaper.sorting(name)
    reader.reshaper.change_sorting(name, SortPlan(str(name), uuid, order_id, before, after, ("n desc",)))
    assert reader.reshaper.sorting(name)[2] == after != before


def pick(reader: RestCatalogReader, name: TableName) -> None:
    staged = reader._load(name).metadata.refs["side"].snapshot_id
    picked = reader.picker.pick(name, reader.picker.plan(name, staged, "main"))
    assert reader.head(name).snapshot_id == picked.to_snapshot != staged


def pick_onto_a_branch(reader: RestCatalogReader, name: TableName) -> None:
    head = reader.head(name).snapshot_id
    assert head is not None
    picked = reader.picker.pick(name, reader.picker.plan(name, head, "side"))
    assert reader._load(name).metadata.refs["side"].snapshot_id == picked.to_snapshot


def discard(reader: RestCatalogReader, name: TableName) -> None:
    reader.remove_branch(name, "side")
    assert name not in reader.tables_with("side")


def regroup(reader: RestCatalogReader, name: TableName) -> None:
    assert reader.maintainer.rewrite_manifests(name, reader.maintainer.plan_manifests(name, None)).after == 1


def compact(reader: RestCatalogReader, name: TableName) -> None:
    with reader.maintainer.rewriting(name, MANY_BYTES) as work:
        move = work.stage()
        reader.move([move])
        work.landed(move)
    assert reader.table(name).files == 1


def expire(reader: RestCatalogReader, name: TableName) -> None:
    uuid, _ = reader.maintainer.properties(name)
    going = tuple(each.snapshot_id for each in reader.snapshots(name)[1:4])
    plan = ExpirePlan(str(name), uuid, datetime.now(UTC), 1, going, 0)
    assert reader.maintainer.expire(name, plan).snapshots == 3


VERBS = (tag, untag, properties, columns, partitioning, sorting, pick, pick_onto_a_branch, discard, regroup, compact,
         expire)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_a_change_of_a_table_copies_its_snapshots_twice_at_most(
    verb: Callable[[RestCatalogReader, TableName], None], table: Table, reader: RestCatalogReader, copies: list[bool]
) -> None:
    for n in range(6):
        table.append(pa.table({"n": [n]}))
        if n == 0:
            table.manage_snapshots().create_tag(table.metadata.current_snapshot_id, "first").commit()
    table.manage_snapshots().create_branch(table.metadata.current_snapshot_id, "side").commit()
    table.append(pa.table({"n": [7]}), branch="side")
    table.append(pa.table({"n": [8]}))
    copies.clear()
    verb(reader, TableName.parse(".".join(table.name())))
    assert 1 <= len(copies) <= 2
