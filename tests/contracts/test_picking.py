"""Cherry-picking snapshots, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitStateUnknownException
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table import Transaction
from pyiceberg.transforms import IdentityTransform

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.picking import LocalPicking
from floe_bench.errors import CommitConflict, NoSuchSnapshot, RunActive, TableError, UsageError
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.crowd import among, crowd
from tests.contracts.odd_tables import Hands, commit


class Bench:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.session: Catalog = open_catalog(endpoints)
        self.reader = RestCatalogReader(endpoints)
        self.duck = DuckDBCompute(endpoints, state_dir=folder)
        self.assets: tuple[Asset, ...] = ()
        self.verbs = LocalPicking(self, assets=lambda: self.assets, changed=lambda: None)

    def catalog(self) -> Any:
        return self.reader

    def compute(self) -> Any:
        return self.duck

    def table(self, name: str) -> IcebergTable:
        return self.session.load_table(TableName.parse(name).parts)

    def append(self, name: str, *numbers: int, branch: str = "main") -> int:
        self.table(name).append(pa.table({"n": pa.array(numbers, pa.int64())}), branch=branch)
        return self.head(name, branch)

    def stage(self, name: str, wap_id: str, *numbers: int) -> int:
        """Beside every branch, as a writer does to whom ``write.wap.enabled`` says that somebody looks first."""
        before = set(self.ids(name))
        properties = {"wap.id": wap_id}
        rows = pa.table({"n": pa.array(numbers, pa.int64())})
        self.table(name).append(rows, branch=None, snapshot_properties=properties)
        return next(iter(set(self.ids(name)) - before))

    def replace(self, name: str, day: str, *numbers: int, branch: str = "audit") -> int:
        """One partition by other rows, in one snapshot that says so, as Spark's dynamic INSERT OVERWRITE does."""
        table, spec = self.table(name), self.table(name).spec()
        old = [each.file for each in table.scan(snapshot_id=self.head(name, branch)).plan_files()]
        rows = pa.table({"n": pa.array(numbers, pa.int64()), "day": pa.array([day] * len(numbers), pa.string())})
        transaction = table.transaction()
        properties = {"replace-partitions": "true"}
        with transaction.update_snapshot(snapshot_properties=properties, branch=branch).overwrite() as update:
            for file in old:
                if not spec.fields or file.partition[0] == day:
                    update.delete_data_file(file)
            for file in _dataframe_to_data_files(transaction.table_metadata, rows, table.io):
                update.append_data_file(file)
        transaction.commit_transaction()
        return self.head(name, branch)

    def put(self, name: str, day: str, *numbers: int, branch: str = "main") -> int:
        rows = pa.table({"n": pa.array(numbers, pa.int64()), "day": pa.array([day] * len(numbers), pa.string())})
        self.table(name).append(rows, branch=branch)
        return self.head(name, branch)

    def head(self, name: str, branch: str = "main") -> int:
        return self.table(name).metadata.refs[branch].snapshot_id

    def ids(self, name: str) -> list[int]:
        return [each.snapshot_id for each in self.table(name).metadata.snapshots]

    def numbers(self, name: str, at: int | None = None) -> list[int]:
        return sorted(self.table(name).scan(snapshot_id=at).to_arrow()["n"].to_pylist())

    def seen_by_duckdb(self, name: str) -> int:
        return self.duck.count(TableName.parse(name), self.head(name))


@pytest.fixture(scope="module")
def shared(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.reader.close()
    bench.duck.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.assets = ()
    return shared


@pytest.fixture
def orders(bench: Bench) -> str:
    """1 on main; a branch ``audit`` from there."""
    namespace = f"p{secrets.token_hex(4)}"
    bench.session.create_namespace(namespace)
    bench.session.create_table((namespace, "orders"), pa.schema([("n", pa.int64())]))
    name = f"{namespace}.orders"
    first = bench.append(name, 1)
    bench.table(name).manage_snapshots().create_branch(first, "audit").commit()
    return name


def test_what_a_branch_appended_comes_on_top_of_what_main_has_got_since(bench: Bench, orders: str) -> None:
    bench.append(orders, 10, branch="audit")
    picked = bench.append(orders, 11, 12, branch="audit")
    main = bench.append(orders, 2)
    plan = bench.verbs.plan_pick(orders, picked)
    assert (plan.before, plan.operation, plan.forward, plan.files, plan.rows) == (main, "append", False, 1, 2)
    assert bench.numbers(orders) == [1, 2]
    done = bench.verbs.pick(plan)
    assert (done.from_snapshot, done.to_snapshot) == (main, bench.head(orders)) and done.attempts == 1
    assert bench.numbers(orders) == [1, 2, 11, 12] and bench.seen_by_duckdb(orders) == 4
    snapshot = bench.table(orders).metadata.snapshot_by_id(done.to_snapshot)
    assert snapshot is not None and snapshot.summary is not None and snapshot.parent_snapshot_id == main
    assert snapshot.summary.operation.value == "append"
    assert snapshot.summary.additional_properties["source-snapshot-id"] == str(picked)
    assert snapshot.summary.additional_properties["total-records"] == "4"
    told = next(each for each in bench.reader.snapshots(TableName.parse(orders)) if each.snapshot_id == plan.before)
    assert told.written_by != f"picked from {picked}"
    told = next(each for each in bench.reader.snapshots(TableName.parse(orders)) if "main" in each.refs)
    assert told.written_by == f"picked from {picked}"


def test_a_snapshot_comes_onto_a_branch_and_main_stays(bench: Bench, orders: str) -> None:
    main, beside = bench.append(orders, 2), bench.append(orders, 10, branch="audit")
    done = bench.verbs.pick(bench.verbs.plan_pick(orders, main, "audit"))
    assert (done.onto, done.from_snapshot) == ("audit", beside)
    assert bench.head(orders) == main and bench.numbers(orders) == [1, 2]
    assert bench.numbers(orders, bench.head(orders, "audit")) == [1, 2, 10]


def test_what_was_staged_is_published_once(bench: Bench, orders: str) -> None:
    staged, again = bench.stage(orders, "load-7", 20), bench.stage(orders, "load-7", 20)
    bench.append(orders, 2)
    plan = bench.verbs.plan_pick(orders, staged)
    assert plan.wap_id == "load-7"
    done = bench.verbs.pick(plan)
    assert bench.numbers(orders) == [1, 2, 20]
    summary = bench.table(orders).metadata.snapshot_by_id(done.to_snapshot).summary  # type: ignore[union-attr]
    assert summary is not None and summary.additional_properties["published-wap-id"] == "load-7"
    for each in (staged, again):
        with pytest.raises(UsageError, match="already"):
            bench.verbs.plan_pick(orders, each)


def test_where_the_branch_is_at_its_parent_the_snapshot_itself_becomes_the_head(bench: Bench, orders: str) -> None:
    bench.table(orders).delete("n = 1", branch="audit")
    picked = bench.head(orders, "audit")
    plan = bench.verbs.plan_pick(orders, picked)
    assert plan.forward and plan.operation == "delete"
    before = bench.ids(orders)
    done = bench.verbs.pick(plan)
    assert (done.to_snapshot, bench.head(orders), bench.ids(orders)) == (picked, picked, before)
    assert bench.numbers(orders) == []


def test_more_than_an_append_is_not_played_again_on_top_of_others(bench: Bench, orders: str) -> None:
    bench.table(orders).delete("n = 1", branch="audit")
    plan = bench.verbs.plan_pick(orders, bench.head(orders, "audit"))
    bench.append(orders, 2)
    with pytest.raises(UsageError, match=r"neither an append .* but delete"):
        bench.verbs.plan_pick(orders, bench.head(orders, "audit"))
    with pytest.raises(UsageError, match=r"neither an append .* but delete"):
        bench.verbs.pick(plan)
    assert bench.numbers(orders) == [1, 2]


@pytest.fixture
def days(bench: Bench) -> str:
    """1 and 2 of ``mon``, 3 of ``tue`` on main, partitioned by day; a branch ``audit`` from there."""
    namespace = f"p{secrets.token_hex(4)}"
    bench.session.create_namespace(namespace)
    schema = pa.schema([("n", pa.int64()), ("day", pa.string())])
    table = bench.session.create_table((namespace, "days"), schema)
    with table.update_spec() as update:
        update.add_field("day", IdentityTransform(), "day")
    name = f"{namespace}.days"
    bench.put(name, "mon", 1, 2)
    first = bench.put(name, "tue", 3)
    bench.table(name).manage_snapshots().create_branch(first, "audit").commit()
    return name


def test_partitions_that_nobody_touched_since_are_replaced_on_top_of_what_came_to_others(
    bench: Bench, days: str
) -> None:
    picked, main = bench.replace(days, "mon", 10, 11, 12), bench.put(days, "tue", 4)
    plan = bench.verbs.plan_pick(days, picked)
    assert (plan.operation, plan.forward, plan.rows) == ("overwrite", False, 3)
    assert (plan.replaced_files, plan.replaced_rows) == (1, 2)
    done = bench.verbs.pick(plan)
    assert (done.from_snapshot, done.replaced_rows) == (main, 2)
    assert bench.numbers(days) == [3, 4, 10, 11, 12] and bench.seen_by_duckdb(days) == 5
    summary = bench.table(days).metadata.snapshot_by_id(done.to_snapshot).summary  # type: ignore[union-attr]
    assert summary is not None and summary.operation.value == "overwrite"
    told = summary.additional_properties
    assert (told["source-snapshot-id"], told["total-records"], told["deleted-records"]) == (str(picked), "5", "2")
    assert (told["total-data-files"], told["deleted-data-files"]) == ("3", "1")
    with pytest.raises(UsageError, match="picked onto main"):
        bench.verbs.plan_pick(days, picked)
    bench.table(days).manage_snapshots().rollback_to_snapshot(main).commit()
    assert bench.numbers(days) == [1, 2, 3, 4]


def test_partitions_are_replaced_on_another_branch_too_and_a_new_one_is_added(bench: Bench, days: str) -> None:
    main, beside = bench.replace(days, "wed", 20, branch="main"), bench.put(days, "tue", 4, branch="audit")
    done = bench.verbs.pick(bench.verbs.plan_pick(days, main, "audit"))
    assert (done.onto, done.from_snapshot, bench.head(days)) == ("audit", beside, main)
    assert bench.numbers(days, bench.head(days, "audit")) == [1, 2, 3, 4, 20]


def test_a_manifest_file_that_tells_of_other_files_too_still_tells_of_those(bench: Bench, days: str) -> None:
    rows = pa.table({"n": pa.array([5, 6], pa.int64()), "day": pa.array(["mon", "sun"], pa.string())})
    bench.table(days).append(rows)  # two files in one manifest file
    bench.table(days).manage_snapshots().remove_branch("audit").commit()
    bench.table(days).manage_snapshots().create_branch(bench.head(days), "audit").commit()
    picked = bench.replace(days, "mon", 10)
    bench.put(days, "tue", 4)
    bench.verbs.pick(bench.verbs.plan_pick(days, picked))
    assert bench.numbers(days) == [3, 4, 6, 10] and bench.seen_by_duckdb(days) == 4
    bench.put(days, "mon", 13)
    assert bench.numbers(days) == [3, 4, 6, 10, 13], "the table can be written on"


def test_what_replaced_partitions_that_somebody_wrote_to_since_is_refused(bench: Bench, days: str) -> None:
    picked = bench.replace(days, "mon", 10)
    bench.put(days, "mon", 5)
    with pytest.raises(UsageError, match="somebody wrote to day=mon on main"):
        bench.verbs.plan_pick(days, picked)
    assert bench.numbers(days) == [1, 2, 3, 5]


def test_what_replaced_files_that_are_gone_since_is_refused(bench: Bench, days: str) -> None:
    picked = bench.replace(days, "mon", 10)
    bench.table(days).delete("n = 1")  # the file is written anew without it
    with pytest.raises(UsageError, match=r"1 of the 1 files .* any more"):
        bench.verbs.plan_pick(days, picked)


def test_what_replaced_rows_of_which_some_were_deleted_since_is_refused(bench: Bench, days: str) -> None:
    picked = bench.replace(days, "mon", 10)
    query = bench.duck.apart.ask(f"delete from {days} where n = 1", None, write=True, limit=1, cancelled=lambda: False)
    query.close()
    assert bench.numbers(days) == [2, 3]
    with pytest.raises(UsageError, match="somebody wrote to day=mon on main"):
        bench.verbs.plan_pick(days, picked)


def test_what_replaced_partitions_is_refused_where_files_are_laid_out_otherwise_since(bench: Bench, days: str) -> None:
    picked = bench.replace(days, "mon", 10)
    with bench.table(days).update_spec() as update:
        update.remove_field("day")
    bench.put(days, "sun", 5)
    with pytest.raises(UsageError, match="another partitioning"):
        bench.verbs.plan_pick(days, picked)


def test_what_replaced_partitions_as_they_never_were_on_the_branch_is_refused(bench: Bench, days: str) -> None:
    bench.put(days, "mon", 7, branch="audit")
    picked = bench.replace(days, "mon", 10)
    with pytest.raises(UsageError, match="which main has not"):
        bench.verbs.plan_pick(days, picked)


def test_the_whole_of_a_table_without_partitions_is_replaced_only_where_nobody_wrote(bench: Bench, days: str) -> None:
    with bench.table(days).update_spec() as update:
        update.remove_field("day")
    picked = bench.replace(days, "mon", 10)
    assert bench.verbs.plan_pick(days, picked).forward
    bench.put(days, "sun", 5)
    with pytest.raises(UsageError, match="somebody wrote to the table"):
        bench.verbs.plan_pick(days, picked)


def test_who_writes_to_a_replaced_partition_in_the_moment_of_the_commit_stays_and_nothing_is_replaced(
    bench: Bench, days: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picked = bench.replace(days, "mon", 10)
    bench.put(days, "tue", 4)
    plan, send = bench.verbs.plan_pick(days, picked), Transaction.commit_transaction

    def late(self: Transaction) -> Any:
        monkeypatch.setattr(Transaction, "commit_transaction", send)
        bench.put(days, "mon", 5)
        return send(self)

    monkeypatch.setattr(Transaction, "commit_transaction", late)
    with pytest.raises(UsageError, match="somebody wrote to day=mon"):
        bench.verbs.pick(plan)
    assert bench.numbers(days) == [1, 2, 3, 4, 5]


def test_a_table_of_the_third_format_goes_forward_and_gets_no_snapshot_of_ours(bench: Bench, orders: str) -> None:
    picked = bench.append(orders, 10, branch="audit")
    beside = bench.append(orders, 2)
    with duckdb.connect() as blank:
        third = {"action": "upgrade-format-version", "format-version": 3}
        commit(Hands(bench.session, blank), TableName.parse(orders), third)
    with pytest.raises(TableError, match="format version 3"):
        bench.verbs.plan_pick(orders, picked)
    bench.table(orders).manage_snapshots().set_current_snapshot(bench.ids(orders)[0]).commit()
    bench.verbs.pick(bench.verbs.plan_pick(orders, beside))
    assert bench.head(orders) == beside


def test_what_a_branch_has_is_not_picked_again(bench: Bench, orders: str) -> None:
    first = bench.head(orders)
    with pytest.raises(UsageError, match="ancestor"):
        bench.verbs.plan_pick(orders, first)
    picked = bench.append(orders, 10, branch="audit")
    bench.append(orders, 2)
    plan = bench.verbs.plan_pick(orders, picked)
    bench.verbs.pick(plan)
    with pytest.raises(UsageError, match="picked onto main"):
        bench.verbs.plan_pick(orders, picked)
    with pytest.raises(UsageError, match="picked onto main"):
        bench.verbs.pick(plan)
    assert bench.numbers(orders) == [1, 2, 10]


def test_files_that_a_branch_has_by_other_means_are_not_added_twice(bench: Bench, orders: str) -> None:
    """Whoever picked them wrote no mark, or the snapshot that had it is gone."""
    picked = bench.append(orders, 10, branch="audit")
    bench.append(orders, 2)
    (path,) = [
        each.file.file_path for each in bench.table(orders).scan(snapshot_id=picked).plan_files()
        if each.file.file_path not in {one.file.file_path for one in bench.table(orders).scan().plan_files()}
    ]  # fmt: skip
    bench.table(orders).add_files([path])
    with pytest.raises(UsageError, match="data files already"):
        bench.verbs.plan_pick(orders, picked)


def test_a_rollback_takes_a_pick_back_and_then_it_can_be_done_again(bench: Bench, orders: str) -> None:
    picked, main = bench.append(orders, 10, branch="audit"), bench.append(orders, 2)
    bench.verbs.pick(bench.verbs.plan_pick(orders, picked))
    bench.table(orders).manage_snapshots().rollback_to_snapshot(main).commit()
    assert bench.numbers(orders) == [1, 2]
    bench.verbs.pick(bench.verbs.plan_pick(orders, picked))
    assert bench.numbers(orders) == [1, 2, 10]


def test_files_keep_the_partitioning_that_they_were_written_with(bench: Bench, orders: str) -> None:
    picked = bench.append(orders, 10, branch="audit")
    with bench.table(orders).update_spec() as update:
        update.add_field("n", IdentityTransform(), "by_n")
    bench.append(orders, 2)
    bench.verbs.pick(bench.verbs.plan_pick(orders, picked))
    assert bench.numbers(orders) == [1, 2, 10] and bench.seen_by_duckdb(orders) == 3
    assert sorted(each.file.spec_id for each in bench.table(orders).scan().plan_files()) == [0, 0, 1]
    assert bench.table(orders).scan(row_filter="n = 10").count() == 1


def test_names_that_lead_nowhere_are_said(bench: Bench, orders: str) -> None:
    picked = bench.append(orders, 10, branch="audit")
    bench.table(orders).manage_snapshots().create_tag(picked, "done").commit()
    with pytest.raises(NoSuchSnapshot):
        bench.verbs.plan_pick(orders, 7)
    with pytest.raises(NoSuchSnapshot, match="no branch nobody"):
        bench.verbs.plan_pick(orders, picked, "nobody")
    with pytest.raises(UsageError, match="tag"):
        bench.verbs.plan_pick(orders, picked, "done")


def test_a_table_that_a_run_is_making_or_that_was_made_anew_is_left_alone(bench: Bench, orders: str) -> None:
    plan = bench.verbs.plan_pick(orders, bench.append(orders, 10, branch="audit"))
    with pytest.raises(CommitConflict, match="anew"):
        bench.verbs.pick(replace(plan, table_uuid="another"))
    bench.assets = (Asset("staging/orders", "table", "staging", orders, AssetStatus.RUNNING),)
    with pytest.raises(RunActive):
        bench.verbs.pick(plan)
    assert bench.numbers(orders) == [1]


def test_who_writes_in_the_moment_of_the_commit_stays_and_the_pick_comes_on_top(
    bench: Bench, orders: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = bench.verbs.plan_pick(orders, bench.append(orders, 10, branch="audit"))
    send, others = Transaction.commit_transaction, [2, 3]

    def late(self: Transaction) -> Any:
        if others:
            number = others.pop()
            monkeypatch.setattr(Transaction, "commit_transaction", send)
            bench.append(orders, number)
            monkeypatch.setattr(Transaction, "commit_transaction", late)
        return send(self)

    monkeypatch.setattr(Transaction, "commit_transaction", late)
    done = bench.verbs.pick(plan)
    assert done.attempts == 3 and not done.forward
    assert bench.numbers(orders) == [1, 2, 3, 10]


def test_a_pick_whose_answer_was_lost_is_not_made_twice(
    bench: Bench, orders: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picked = bench.append(orders, 10, branch="audit")
    bench.append(orders, 2)
    plan, send = bench.verbs.plan_pick(orders, picked), Transaction.commit_transaction

    def mute(self: Transaction) -> Any:
        send(self)
        monkeypatch.setattr(Transaction, "commit_transaction", send)
        raise CommitStateUnknownException("the answer was lost")

    monkeypatch.setattr(Transaction, "commit_transaction", mute)
    done = bench.verbs.pick(plan)
    assert done.to_snapshot == bench.head(orders) and bench.numbers(orders) == [1, 2, 10]


@pytest.mark.timeout(1200)
def test_picking_loses_nothing_while_two_others_write_in_twenty_rounds(
    bench: Bench, endpoints: Endpoints, orders: str
) -> None:
    staged = [bench.stage(orders, f"load-{number}", number) for number in range(100, 120)]
    with crowd(endpoints, orders) as writers:
        for number, snapshot_id in enumerate(staged):
            among(writers, lambda: bench.verbs.pick(bench.verbs.plan_pick(orders, snapshot_id)))  # noqa: B023
            known = {*range(100, 101 + number), *(each for writer in writers for each in writer.written)}
            assert known <= set(bench.numbers(orders))
    written = [each for writer in writers for each in writer.written]
    assert bench.numbers(orders) == sorted([1, *range(100, 120), *written])
    assert all(len(writer.written) >= 2 for writer in writers)  # everybody was at it
