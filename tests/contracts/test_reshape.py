"""Changing what tables are, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
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
from floe_bench.model.reshape import ColumnChange, PartitionChange
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.crowd import among, crowd
from tests.contracts.upkeep import Upkeep


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


# Partitioning


def fields(bench: Bench, table: str) -> list[tuple[str, str]]:
    spec = bench.table(table).spec()
    return [(field.name, str(field.transform)) for field in spec.fields]


def append(bench: Bench, table: str, number: int, word: str) -> None:
    bench.table(table).append(pa.table({"id": pa.array([number], pa.int32()), "word": [word]}))


def seen(bench: Bench, table: str, where: str = "true") -> tuple[list[int], list[int]]:
    """Ids as PyIceberg reads them, and as DuckDB does."""
    scan = bench.table(table).scan() if where == "true" else bench.table(table).scan(row_filter=where)
    sql = f"select id from {table} where {where} order by id"
    by_duckdb = bench.duck.query(sql, limit=100, cancelled=lambda: False)
    return sorted(scan.to_arrow()["id"].to_pylist()), [row[0] for row in by_duckdb.rows]


def test_a_field_more_lays_out_what_comes_and_old_files_are_read_as_before(bench: Bench, orders: str) -> None:
    changes = (PartitionChange("add", "bucket(4, id)", "shard"), PartitionChange("add", "word"))
    plan = bench.verbs.plan_partitioning(orders, changes)
    assert [each.told for each in plan.before] == [] and plan.old_files == 1
    assert [(each.name, each.told) for each in plan.after] == [("shard", "bucket(4, id)"), ("word", "word")]
    assert any("1 data file stays" in note for note in plan.notes)
    assert fields(bench, orders) == [] and bench.changes == 0
    bench.verbs.change_partitioning(plan)
    assert fields(bench, orders) == [("shard", "bucket[4]"), ("word", "identity")] and bench.changes == 1
    append(bench, orders, 3, "c")
    assert seen(bench, orders) == ([1, 2, 3], [1, 2, 3])
    assert seen(bench, orders, "word = 'c'") == ([3], [3]) and seen(bench, orders, "word = 'a'") == ([1], [1])
    assert sorted(task.file.spec_id for task in bench.table(orders).scan().plan_files()) == [0, 1]


def test_a_field_goes_and_one_gets_another_name(bench: Bench, orders: str) -> None:
    bench.verbs.change_partitioning(
        bench.verbs.plan_partitioning(
            orders, (PartitionChange("add", "truncate(1, word)"), PartitionChange("add", "id"))
        )
    )
    append(bench, orders, 3, "c")
    plan = bench.verbs.plan_partitioning(
        orders, (PartitionChange("drop", "truncate(1, word)"), PartitionChange("rename", "id", "by_id"))
    )
    bench.verbs.change_partitioning(plan)
    assert fields(bench, orders) == [("by_id", "identity")]
    append(bench, orders, 4, "d")
    assert seen(bench, orders) == ([1, 2, 3, 4], [1, 2, 3, 4])
    assert seen(bench, orders, "id = 3") == ([3], [3]) and seen(bench, orders, "id = 4") == ([4], [4])


def test_the_earlier_partitioning_comes_back(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_partitioning(orders, (PartitionChange("add", "word"),))
    bench.verbs.change_partitioning(plan)
    bench.verbs.change_partitioning(bench.verbs.plan_partitioning(orders, spec_id=plan.from_id))
    assert fields(bench, orders) == []
    append(bench, orders, 3, "c")
    assert seen(bench, orders) == ([1, 2, 3], [1, 2, 3])
    assert bench.verbs.plan_partitioning(orders, spec_id=0).idle


def test_old_files_are_compacted_into_the_new_partitioning(
    bench: Bench, orders: str, endpoints: Endpoints, tmp_path: Path
) -> None:
    append(bench, orders, 3, "a")
    bench.verbs.change_partitioning(bench.verbs.plan_partitioning(orders, (PartitionChange("add", "word"),)))
    upkeep = Upkeep(endpoints, tmp_path)
    try:
        upkeep.verbs.compact(upkeep.verbs.plan_compact(orders))
        assert seen(bench, orders) == ([1, 2, 3], [1, 2, 3])
        assert sorted(task.file.spec_id for task in bench.table(orders).scan().plan_files()) == [1, 1]
        assert bench.verbs.plan_partitioning(orders, (PartitionChange("drop", "word"),)).old_files == 2
    finally:
        upkeep.reader.close()
        upkeep.duck.close()


@pytest.mark.parametrize(
    "change",
    [
        PartitionChange("add", "day(id)"),
        PartitionChange("add", "day(nothing)"),
        PartitionChange("add", "nonsense(id)"),
        PartitionChange("add", "bucket(4, id)", "word"),
        PartitionChange("drop", "nothing"),
        PartitionChange("rename", "nothing", "other"),
        PartitionChange("explode", "id"),
    ],
)
def test_a_partitioning_that_cannot_be_is_refused_and_nothing_changes(
    bench: Bench, orders: str, change: PartitionChange
) -> None:
    with pytest.raises(UsageError):
        bench.verbs.plan_partitioning(orders, (change,))
    assert fields(bench, orders) == []


def test_a_partitioning_by_a_column_that_is_gone_does_not_come_back(bench: Bench, orders: str) -> None:
    bench.verbs.change_partitioning(bench.verbs.plan_partitioning(orders, (PartitionChange("add", "word"),)))
    append(bench, orders, 3, "c")
    bench.verbs.change_partitioning(bench.verbs.plan_partitioning(orders, (PartitionChange("drop", "word"),)))
    bench.verbs.change_schema(bench.verbs.plan_schema(orders, (ColumnChange("drop", "word"),)))
    with pytest.raises(UsageError, match="has no more"):
        bench.verbs.plan_partitioning(orders, spec_id=1)
    with pytest.raises(UsageError, match="no partitioning 9"):
        bench.verbs.plan_partitioning(orders, spec_id=9)


def test_a_field_that_is_dropped_from_a_table_of_the_first_format_is_void(bench: Bench, orders: str) -> None:
    name = f"{orders}_v1"
    schema = pa.schema([("id", pa.int32()), ("word", pa.string())])
    bench.session.create_table(TableName.parse(name).parts, schema, properties={"format-version": "1"})
    append(bench, name, 1, "a")
    bench.verbs.change_partitioning(bench.verbs.plan_partitioning(name, (PartitionChange("add", "word"),)))
    append(bench, name, 2, "b")
    plan = bench.verbs.plan_partitioning(name, (PartitionChange("drop", "word"),))
    assert [each.told for each in plan.after] == ["void(word)"]
    bench.verbs.change_partitioning(plan)
    append(bench, name, 3, "c")
    assert seen(bench, name) == ([1, 2, 3], [1, 2, 3])


def test_somebody_who_changed_the_partitioning_in_between_is_a_conflict(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_partitioning(orders, (PartitionChange("add", "word"),))
    with bench.table(orders).update_spec() as update:
        update.add_identity("id")
    with pytest.raises(CommitConflict):
        bench.verbs.change_partitioning(plan)
    assert fields(bench, orders) == [("id", "identity")]


def test_what_a_model_makes_is_said_to_be_laid_out_by_it(bench: Bench, orders: str) -> None:
    made_by(bench, orders)
    plan = bench.verbs.plan_partitioning(orders, (PartitionChange("add", "word"),))
    assert any("partitioned_by" in note for note in plan.notes)
    made_by(bench, orders, AssetStatus.RUNNING)
    with pytest.raises(RunActive):
        bench.verbs.change_partitioning(plan)


# With others at work


# Sort order


def sort(bench: Bench, table: str, *fields: str, order_id: int | None = None) -> int:
    """The id of the order before."""
    return bench.verbs.change_sorting(bench.verbs.plan_sorting(table, fields, order_id)).from_id


def test_a_sort_order_holds_for_what_is_written_from_now_on_and_goes_back(bench: Bench, orders: str) -> None:
    before, files = bench.ids(orders), [each.file.file_path for each in bench.table(orders).scan().plan_files()]
    plan = bench.verbs.plan_sorting(orders, ("id desc nulls last", "bucket(4, word)", " word ASC Nulls Last"))
    assert plan.before == () and plan.after == (
        "id desc nulls last",
        "bucket(4, word) asc nulls first",
        "word asc nulls last",
    )
    assert plan.old_files == len(files) and any("stay" in note for note in plan.notes)
    assert bench.table(orders).sort_order().fields == [], "a plan changes nothing"
    bench.verbs.change_sorting(plan)
    found = bench.table(orders).sort_order()
    assert [(str(each.transform), each.direction.value, each.null_order.value) for each in found.fields] == [
        ("identity", "desc", "nulls-last"), ("bucket[4]", "asc", "nulls-first"), ("identity", "asc", "nulls-last"),
    ]  # fmt: skip
    assert bench.ids(orders) == before, "no snapshot is made"
    assert [each.file.file_path for each in bench.table(orders).scan().plan_files()] == files
    told = bench.reader.anatomy.table(TableName.parse(orders), None).sort_order.fields
    assert told == plan.after
    first = found.order_id
    orders_of = bench.reader.anatomy.table(TableName.parse(orders), None).sort_orders
    assert [(each.spec_id, each.fields, each.current) for each in orders_of] == [
        (0, (), False),
        (first, plan.after, True),
    ]
    assert sort(bench, orders, "none") == first and bench.table(orders).sort_order().fields == []
    assert sort(bench, orders, order_id=first) == 0
    assert bench.table(orders).sort_order().order_id == first
    assert bench.verbs.plan_sorting(orders, order_id=first).idle
    assert bench.verbs.plan_sorting(orders, order_id=0).after == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("nobody",), "nobody"),
        (("day(word)",), "cannot be sorted by day"),
        (("bucket(0, id)",), "bucket"),
        (("id", "id desc"), "twice"),
        (("fold(id)",), "no transform"),
        (("none", "id"), "none"),
    ],
)
def test_a_sort_order_that_cannot_be_is_refused_and_nothing_changes(
    bench: Bench, orders: str, fields: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        bench.verbs.plan_sorting(orders, fields)
    assert bench.table(orders).sort_order().fields == []


def test_a_sort_order_by_a_column_that_is_gone_does_not_come_back(bench: Bench, orders: str) -> None:
    sort(bench, orders, "word")
    with pytest.raises(UsageError, match="partitioned or sorted by word"):
        bench.verbs.plan_schema(orders, (ColumnChange("drop", "word"),))
    by_word = sort(bench, orders, "none")
    bench.verbs.change_schema(bench.verbs.plan_schema(orders, (ColumnChange("drop", "word"),)))
    with pytest.raises(UsageError, match="has no more"):
        bench.verbs.plan_sorting(orders, order_id=by_word)
    with pytest.raises(UsageError, match="no sort order 9"):
        bench.verbs.plan_sorting(orders, order_id=9)


def test_somebody_who_changed_the_sort_order_in_between_is_a_conflict(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_sorting(orders, ("id",))
    sort(bench, orders, "word")
    with pytest.raises(CommitConflict, match="sort order"):
        bench.verbs.change_sorting(plan)
    assert bench.verbs.plan_sorting(orders, ("none",)).before == ("word asc nulls first",)


def test_a_model_sorts_its_table_as_it_says_itself_and_nothing_is_sorted_while_a_run_makes_it(
    bench: Bench, orders: str
) -> None:
    bench.assets = (Asset("staging/orders", "table", "staging", orders, AssetStatus.RUNNING),)
    plan = bench.verbs.plan_sorting(orders, ("id",))
    assert any("sorted_by" in note for note in plan.notes)
    with pytest.raises(RunActive):
        bench.verbs.change_sorting(plan)
    assert bench.table(orders).sort_order().fields == []


@pytest.mark.timeout(1200)
def test_columns_and_partitioning_change_while_two_others_write_in_twenty_rounds_and_nothing_is_lost(
    bench: Bench, orders: str, endpoints: Endpoints
) -> None:
    name = f"{orders}_busy"
    # PyIceberg's own retry gives files of the partitioning before to the one after: its writers shall begin anew.
    once = {"commit.retry.num-retries": "0"}
    bench.session.create_table(TableName.parse(name).parts, pa.schema([("n", pa.int64())]), properties=once)
    with crowd(endpoints, name) as writers:
        for number in range(10):
            column = bench.verbs.plan_schema(name, (ColumnChange("add", f"c{number}", "string"),))
            among(writers, lambda: bench.verbs.change_schema(column))  # noqa: B023
            change = PartitionChange("drop", "shard") if number % 2 else PartitionChange("add", "bucket(4, n)", "shard")
            shard = bench.verbs.plan_partitioning(name, (change,))
            among(writers, lambda: bench.verbs.change_partitioning(shard))  # noqa: B023
            known = {each for writer in writers for each in writer.written}
            assert known <= set(bench.table(name).scan().to_arrow()["n"].to_pylist())
    written = sorted(each for writer in writers for each in writer.written)
    assert sorted(bench.table(name).scan().to_arrow()["n"].to_pylist()) == written
    assert [column for column, _ in bench.columns(name)] == ["n", *(f"c{number}" for number in range(10))]
    assert fields(bench, name) == [] and all(len(writer.written) >= 2 for writer in writers)


@pytest.mark.timeout(1200)
def test_main_goes_forward_while_others_write_to_the_branch_in_twenty_rounds_and_nothing_is_lost(
    bench: Bench, orders: str, endpoints: Endpoints
) -> None:
    """Each round promotes what the branch has by then; who wrote to main meanwhile would be refused, not lost."""
    name = f"{orders}_busy"
    bench.session.create_table(TableName.parse(name).parts, pa.schema([("n", pa.int64())]))
    bench.table(name).append(pa.table({"n": pa.array([0], pa.int64())}))
    bench.table(name).manage_snapshots().create_branch(bench.ids(name)[0], "audit").commit()
    rounds = 0
    with crowd(endpoints, name, branch="audit") as writers:
        while rounds < 20:
            before = {each for writer in writers for each in writer.written}
            try:
                among(writers, lambda: bench.verbs.promote(bench.verbs.plan_promote(name, "audit")))
            except UsageError:  # nobody wrote since
                continue
            rounds += 1
            assert before <= set(bench.table(name).scan().to_arrow()["n"].to_pylist())
    with suppress(UsageError):
        bench.verbs.promote(bench.verbs.plan_promote(name, "audit"))
    written = [each for writer in writers for each in writer.written]
    assert sorted(bench.table(name).scan().to_arrow()["n"].to_pylist()) == sorted([0, *written])
    assert all(len(writer.written) >= 2 for writer in writers)
