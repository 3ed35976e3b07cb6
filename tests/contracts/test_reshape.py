"""Changing what tables are, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table as IcebergTable
from pyiceberg.transforms import IdentityTransform

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.reshape import LocalReshaping
from floe_bench.errors import CommitConflict, NoSuchSnapshot, NoSuchTable, RunActive, UsageError
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.reshape import ColumnChange
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName


class Bench:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.session: Catalog = open_catalog(endpoints)
        self.reader = RestCatalogReader(endpoints)
        self.duck = DuckDBCompute(endpoints, state_dir=folder)
        self.assets: tuple[Asset, ...] = ()
        self.changes = 0
        self.verbs = LocalReshaping(self, assets=lambda: self.assets, changed=self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def catalog(self) -> Any:
        return self.reader

    def compute(self) -> Any:
        return self.duck

    def orchestrator(self, *, parsed: bool = True) -> Any:
        return self

    def table(self, name: str) -> IcebergTable:
        return self.session.load_table(TableName.parse(name).parts)

    def columns(self, name: str) -> list[tuple[str, str]]:
        return [(field.name, str(field.field_type)) for field in self.table(name).schema().fields]

    def ids(self, name: str) -> list[int]:
        return [each.snapshot_id for each in self.table(name).metadata.snapshots]


@pytest.fixture(scope="module")
def shared(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.reader.close()
    bench.duck.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.assets, shared.changes = (), 0
    return shared


@pytest.fixture
def orders(bench: Bench) -> str:
    namespace = f"r{secrets.token_hex(4)}"
    bench.session.create_namespace(namespace)
    rows = pa.table({"id": pa.array([1, 2], pa.int32()), "word": ["a", "b"]})
    bench.session.create_table((namespace, "orders"), rows.schema).append(rows)
    return f"{namespace}.orders"


def made_by(bench: Bench, table: str, status: AssetStatus = AssetStatus.FRESH) -> None:
    maker = Asset("staging/orders", "table", "staging", table, status)
    reader = Asset("marts/totals", "table", "marts", "marts.totals", AssetStatus.FRESH, upstream=("staging/orders",))
    bench.assets = (maker, reader)


# Columns


def test_columns_change_in_one_commit_and_every_snapshot_is_read_as_before(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_schema(
        orders,
        (
            ColumnChange("add", "note", "string", "why"),
            ColumnChange("rename", "word", "term"),
            ColumnChange("widen", "id", "long"),
            ColumnChange("doc", "id", "business key"),
        ),
    )
    assert [(each.name, each.type) for each in plan.before] == [("id", "int"), ("word", "string")]
    assert [(each.name, each.type) for each in plan.after] == [("id", "long"), ("term", "string"), ("note", "string")]
    assert bench.columns(orders) == [("id", "int"), ("word", "string")] and bench.changes == 0
    bench.verbs.change_schema(plan)
    assert bench.columns(orders) == [("id", "long"), ("term", "string"), ("note", "string")] and bench.changes == 1
    assert len(bench.table(orders).schemas()) == 2
    assert bench.table(orders).scan().to_arrow().to_pylist() == [
        {"id": 1, "term": "a", "note": None},
        {"id": 2, "term": "b", "note": None},
    ]
    assert any("term" not in note and "word" in note for note in plan.notes)


def test_the_earlier_columns_come_back(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_schema(orders, (ColumnChange("drop", "word"),))
    bench.verbs.change_schema(plan)
    assert bench.columns(orders) == [("id", "int")]
    back = bench.verbs.plan_schema(orders, schema_id=plan.from_id)
    bench.verbs.change_schema(back)
    assert bench.table(orders).scan().to_arrow()["word"].to_pylist() == ["a", "b"]
    assert bench.verbs.plan_schema(orders, schema_id=plan.from_id).idle


@pytest.mark.parametrize(
    "change",
    [
        ColumnChange("widen", "id", "string"),
        ColumnChange("widen", "id", "nonsense"),
        ColumnChange("add", "id", "long"),
        ColumnChange("rename", "nothing", "other"),
        ColumnChange("rename", "id", "word"),
        ColumnChange("drop", "nothing"),
        ColumnChange("explode", "id"),
    ],
)
def test_what_nobody_could_live_with_is_refused_and_nothing_changes(
    bench: Bench, orders: str, change: ColumnChange
) -> None:
    with pytest.raises(UsageError):
        bench.verbs.plan_schema(orders, (change,))
    assert bench.columns(orders) == [("id", "int"), ("word", "string")]


def test_a_column_that_partitions_the_table_is_not_dropped(bench: Bench, orders: str) -> None:
    with bench.table(orders).update_spec() as update:
        update.add_field("word", IdentityTransform(), "word_part")
    with pytest.raises(UsageError, match="word"):
        bench.verbs.plan_schema(orders, (ColumnChange("drop", "word"),))


def test_somebody_who_changed_columns_in_between_is_a_conflict(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_schema(orders, (ColumnChange("add", "note", "string"),))
    with bench.table(orders).update_schema() as update:
        update.rename_column("word", "term")
    with pytest.raises(CommitConflict):
        bench.verbs.change_schema(plan)
    assert bench.columns(orders) == [("id", "int"), ("term", "string")]


def test_a_table_that_a_model_makes_is_said_and_not_changed_under_a_run(bench: Bench, orders: str) -> None:
    made_by(bench, orders)
    plan = bench.verbs.plan_schema(orders, (ColumnChange("add", "note", "string"),))
    assert any("staging/orders makes this table" in note for note in plan.notes)
    made_by(bench, orders, AssetStatus.RUNNING)
    with pytest.raises(RunActive):
        bench.verbs.change_schema(plan)
    assert len(bench.columns(orders)) == 2


# Name, and being there


def test_a_table_is_renamed_with_its_history(bench: Bench, orders: str) -> None:
    before, to = bench.ids(orders), orders.replace("orders", "orders_old")
    made_by(bench, orders)
    plan = bench.verbs.plan_rename(orders, to)
    assert any("marts/totals" in note for note in plan.notes)
    bench.verbs.rename(plan)
    assert bench.ids(to) == before
    with pytest.raises(NoSuchTable):
        bench.verbs.plan_rename(orders, f"{to}2")
    with pytest.raises(UsageError, match="already"):
        bench.verbs.plan_rename(to, to)


@pytest.mark.parametrize("purge", [False, True])
def test_what_is_lost_is_said_before_a_table_is_dropped(bench: Bench, orders: str, purge: bool) -> None:
    table = bench.table(orders)
    table.manage_snapshots().create_tag(table.metadata.snapshots[0].snapshot_id, "audit").commit()
    made_by(bench, orders)
    plan = bench.verbs.plan_drop(orders, purge)
    assert (plan.snapshots, plan.rows, plan.refs, plan.readers) == (1, 2, ("audit",), ("marts/totals",))
    assert plan.bytes > 0 and bench.ids(orders)
    bench.verbs.drop(plan)
    with pytest.raises(NoSuchTable):
        bench.verbs.plan_drop(orders)


def test_a_table_that_was_made_anew_in_between_is_not_dropped(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_drop(orders)
    with pytest.raises(CommitConflict, match="anew"):
        bench.verbs.drop(replace(plan, table_uuid="another"))
    assert bench.ids(orders)


# Main


def branched(bench: Bench, table: str) -> list[int]:
    """A branch ``audit`` with two more snapshots than main."""
    found = bench.table(table)
    found.manage_snapshots().create_branch(bench.ids(table)[0], "audit").commit()
    for number in (3, 4):
        rows = pa.table({"id": pa.array([number], pa.int32()), "word": ["c"]})
        bench.table(table).append(rows, branch="audit")
    return bench.ids(table)


def test_main_goes_forward_to_a_branch(bench: Bench, orders: str) -> None:
    ids = branched(bench, orders)
    plan = bench.verbs.plan_promote(orders, "audit")
    assert (plan.move.before.snapshot_id, plan.move.after.snapshot_id, plan.snapshots) == (ids[0], ids[2], 2)
    assert bench.table(orders).scan().count() == 2
    bench.verbs.promote(plan)
    assert bench.table(orders).scan().count() == 4
    with pytest.raises(UsageError, match="already"):
        bench.verbs.plan_promote(orders, "audit")


def test_main_that_has_more_than_the_branch_stays(bench: Bench, orders: str) -> None:
    branched(bench, orders)
    plan = bench.verbs.plan_promote(orders, "audit")
    bench.table(orders).append(pa.table({"id": pa.array([9], pa.int32()), "word": ["z"]}))
    with pytest.raises(CommitConflict):
        bench.verbs.promote(plan)
    with pytest.raises(UsageError, match="has not"):
        bench.verbs.plan_promote(orders, "audit")
    with pytest.raises(NoSuchSnapshot):
        bench.verbs.plan_promote(orders, "nobody")
    assert bench.table(orders).scan().count() == 3
