"""Looking after tables, against the real server."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import BadRequestError, CommitFailedException
from pyiceberg.io import FileIO
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import StringType

from floe_bench.adapters.catalogs import maintenance
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.maintenance import compaction
from floe_bench.errors import CommitConflict, NoSuchSnapshot, TableError, UsageError
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Symptom
from floe_bench.model.run import Run, RunStatus
from floe_bench.model.snapshot import RowChange
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.lakehouse import open_lake
from tests.contracts.odd_tables import Hands, commit
from tests.contracts.upkeep import Upkeep as Bench


@pytest.fixture(scope="module")
def bench(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.reader.close()
    bench.duck.close()


@pytest.fixture
def lake(endpoints: Endpoints, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(endpoints, tmp_path) as connection:
        yield connection


@pytest.fixture
def make(bench: Bench) -> Callable[..., TableName]:
    """A new table with a snapshot per list of numbers."""

    def made(*contents: list[int], schema: pa.Schema | None = None) -> TableName:
        name = TableName((f"t{secrets.token_hex(4)}",), "orders")
        bench.session.create_namespace(name.namespace)
        table = bench.session.create_table(name.parts, schema or pa.schema([("n", pa.int64())]))
        for numbers in contents:
            table.append(pa.table({"n": numbers}))
        return name

    return made


Make = Callable[..., TableName]


# ── compacting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_small_files_become_one_with_the_same_rows_and_older_snapshots_stay(bench: Bench, make: Make) -> None:
    name = make([1, 2], [3], [4, 5])
    before = bench.ids(name)
    plan = bench.verbs.plan_compact(str(name))
    assert (plan.data_files, plan.files, plan.files_after, plan.whole) == (3, 3, 1, False)
    done = bench.verbs.compact(plan)
    assert (done.files_before, done.files_after, done.rows, done.attempts) == (3, 1, 5, 1)
    assert bench.numbers(name) == [1, 2, 3, 4, 5]
    assert bench.ids(name) == [*before, done.to_snapshot]
    assert bench.table(name).current_snapshot().summary.operation.value == "replace"
    assert sorted(bench.table(name).scan(snapshot_id=before[0]).to_arrow()["n"].to_pylist()) == [1, 2]
    table = bench.reader.table(name)
    assert (table.rows, table.files, table.same_as) == (5, 1, (before[-1],))
    assert bench.verbs.plan_compact(str(name)).idle


def test_a_table_knows_what_it_reads_as_also_when_that_expired(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    first = bench.reader.table(name).same_as
    with bench.table(name).transaction() as transaction:
        transaction.append(pa.table({"n": [3]}))
    _, _, _, appended = bench.ids(name)
    bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert bench.reader.table(name).same_as == (appended,) != first
    bench.verbs.expire(bench.verbs.plan_expire(str(name), older_than=bench.tomorrow))
    assert bench.reader.table(name).same_as == (appended,)


def test_large_files_stay_as_they_are(bench: Bench, make: Make) -> None:
    name = make([1], [2], list(range(100_000)))
    sizes = sorted(row["file_size_in_bytes"] for row in bench.table(name).inspect.files().to_pylist())
    done = bench.verbs.compact(bench.verbs.plan_compact(str(name), small_bytes=sizes[1] + 1))
    assert (done.files_before, done.files_after, done.rows) == (3, 2, 100_002)
    kept = {row["file_path"] for row in bench.table(name).inspect.files().to_pylist()}
    assert kept & {row["file_path"] for row in bench.table(name).inspect.files(done.from_snapshot).to_pylist()}


def test_row_level_deletes_are_gone_after_compacting_and_so_are_their_rows(
    bench: Bench, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make(list(range(10)), [10, 11])
    lake.execute(f"delete from lake.{name.namespace[0]}.{name.name} where n % 3 = 0")
    plan = bench.verbs.plan_compact(str(name))
    assert plan.whole and plan.deletes >= 1
    done = bench.verbs.compact(plan)
    assert bench.numbers(name) == [1, 2, 4, 5, 7, 8, 10, 11]
    anatomy = bench.reader.anatomy.table(name, None)
    assert (anatomy.totals.delete_files, anatomy.rows, done.rows) == (0, 8, 8)
    assert bench.reader.table(name).rows == 8
    assert lake.execute(f"select count(*) from lake.{name.namespace[0]}.{name.name}").fetchone() == (8,)


def test_a_table_of_the_third_format_is_not_offered_to_be_compacted(
    bench: Bench, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make(list(range(10)))
    lake.execute(f"delete from lake.{name.namespace[0]}.{name.name} where n % 3 = 0")
    commit(Hands(bench.session, lake), name, {"action": "upgrade-format-version", "format-version": 3})
    before = bench.ids(name)
    with pytest.raises(TableError, match="format version 3") as caught:
        bench.verbs.plan_compact(str(name))
    assert "connect spark" in caught.value.remedy and bench.ids(name) == before
    (ill,) = [each for each in bench.verbs.health(str(name)).symptoms if each.state is FindingState.WARN]
    assert (ill.check, ill.fix) == ("row-level deletes", "") and "format version 3" in ill.effect


def test_partitions_stay_apart(bench: Bench, make: Make) -> None:
    name = make(schema=pa.schema([("n", pa.int64()), ("region", pa.string())]))
    table = bench.table(name)
    with table.update_spec() as update:
        update.add_field("region", IdentityTransform(), "region")
    for numbers in ([1, 2], [3, 4]):
        table.append(pa.table({"n": numbers, "region": ["north", "south"]}))
    done = bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert (done.files_before, done.files_after) == (4, 2)
    partitions = bench.reader.anatomy.files(name, None, offset=0, limit=9).partitions
    assert {each.partition: each.records for each in partitions} == {"region=north": 2, "region=south": 2}


def test_rows_of_before_a_column_was_added_and_renamed_are_kept(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    table = bench.table(name)
    with table.update_schema() as update:
        update.rename_column("n", "number")
    with table.update_schema() as update:
        update.add_column("n", StringType())
    table.append(pa.table({"number": [3], "n": ["x"]}))
    bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    rows = bench.table(name).scan().to_arrow().to_pylist()
    assert sorted((row["number"], row["n"]) for row in rows if row["n"]) == [(3, "x")]
    assert sorted(row["number"] for row in rows) == [1, 2, 3]


def test_who_writes_between_the_rewrite_and_the_commit_loses_nothing(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make([1], [2])
    prove, writes = compaction._prove, iter([[3], [4]])

    def slow(*args: Any, **named: Any) -> None:
        prove(*args, **named)
        if numbers := next(writes, None):
            bench.table(name).append(pa.table({"n": numbers}))

    monkeypatch.setattr(compaction, "_prove", slow)
    done = bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert done.attempts == 3
    assert bench.numbers(name) == [1, 2, 3, 4]


def test_rows_that_would_not_be_the_same_are_never_made_current_and_leave_nothing_behind(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make([1], [2])
    before, objects = bench.ids(name), bench.objects(name)
    monkeypatch.setattr(bench.duck, "row_change", lambda *args, **named: (RowChange(removed=1), ()))
    with pytest.raises(TableError, match="1 rows would be missing"):
        bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert (bench.ids(name), bench.objects(name), bench.numbers(name)) == (before, objects, [1, 2])


def test_a_table_with_nothing_to_compact_says_so(bench: Bench, make: Make) -> None:
    for name in (make(), make([1])):
        assert bench.verbs.plan_compact(str(name)).idle
        with pytest.raises(UsageError, match="nothing to compact"):
            bench.verbs.compact(bench.verbs.plan_compact(str(name)))


# ── expiring ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_expired_snapshots_take_with_them_what_only_they_needed(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    done = bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    old = bench.ids(name)[:2]
    plan = bench.verbs.plan_expire(str(name), older_than=bench.tomorrow)
    assert plan.going == tuple(old) and plan.staying == 1
    before = bench.objects(name)
    expired = bench.verbs.expire(plan)
    assert (expired.snapshots, expired.left) == (2, 0)
    assert expired.files == plan.files == len(before) - len(bench.objects(name))
    assert bench.ids(name) == [done.to_snapshot]
    assert bench.numbers(name) == [1, 2]
    assert bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow).orphans == ()


def test_expiring_reads_what_each_snapshot_has_once(bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    name = make([1], [2], [3], [4])
    plan = bench.verbs.plan_expire(str(name), older_than=bench.tomorrow, keep=2)
    read: list[str] = []
    manifests = Snapshot.manifests

    def noted(snapshot: Snapshot, io: FileIO) -> list[ManifestFile]:
        read.append(snapshot.manifest_list)
        return manifests(snapshot, io)

    monkeypatch.setattr(Snapshot, "manifests", noted)
    assert bench.verbs.expire(plan).snapshots == 2
    assert len(read) == len(set(read)) == 4


def test_a_file_that_is_brought_back_while_snapshots_expire_stays(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make([1], [2])
    table = bench.table(name)
    kept = [task.file.file_path for task in table.scan().plan_files()]
    table.delete()
    plan = bench.verbs.plan_expire(str(name), older_than=bench.tomorrow, keep=1)
    take_out = maintenance._take_out

    def beaten(loaded: IcebergTable, going: Sequence[Snapshot]) -> None:
        take_out(loaded, going)
        bench.table(name).add_files(kept, check_duplicate_files=False)

    monkeypatch.setattr(maintenance, "_take_out", beaten)
    assert bench.verbs.expire(plan).snapshots == 2
    assert bench.numbers(name) == [1, 2]


def test_files_that_a_younger_snapshot_shares_stay(bench: Bench, make: Make) -> None:
    name = make([1], [2], [3])
    bench.verbs.expire(bench.verbs.plan_expire(str(name), older_than=bench.tomorrow))
    assert len(bench.ids(name)) == 1
    assert bench.numbers(name) == [1, 2, 3]


def test_what_a_branch_a_tag_the_last_few_or_a_run_needs_is_never_expired(bench: Bench, make: Make) -> None:
    name = make([1], [2], [3], [4], [5])
    first, second, third, fourth, fifth = bench.ids(name)
    bench.verbs.set_ref(bench.verbs.plan_ref(str(name), "audit", "tag", first))
    plan = bench.verbs.plan_expire(str(name), older_than=bench.tomorrow, keep=2)
    assert plan.going == (second, third)
    assert plan.held == {first: "audit points to it", fourth: "among the last of main", fifth: "main points to it"}
    third_at = next(each.committed_at for each in bench.reader.snapshots(name) if each.snapshot_id == third)
    bench.going = (Run("r", RunStatus.RUNNING, started_at=third_at),)
    try:
        assert bench.verbs.plan_expire(str(name), older_than=bench.tomorrow, keep=2).going == (second,)
        with pytest.raises(CommitConflict, match="a run that goes on"):
            bench.verbs.expire(plan)
    finally:
        bench.going = ()
    assert len(bench.ids(name)) == 5


def test_a_tag_that_was_set_after_the_plan_holds_its_snapshot(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    first, _ = bench.ids(name)
    plan = bench.verbs.plan_expire(str(name), older_than=bench.tomorrow)
    bench.verbs.set_ref(bench.verbs.plan_ref(str(name), "keep", "tag", first))
    with pytest.raises(CommitConflict, match="keep"):
        bench.verbs.expire(plan)
    assert len(bench.ids(name)) == 2


def test_nothing_younger_than_five_days_goes_unless_it_is_asked_for(bench: Bench, make: Make) -> None:
    assert bench.verbs.plan_expire(str(make([1], [2]))).going == ()


# ── refs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tag_is_set_moved_and_removed(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    first, second = bench.ids(name)
    for target in (first, second, None):
        bench.verbs.set_ref(bench.verbs.plan_ref(str(name), "audit", "tag", target, max_age_s=3600))
        refs = {ref.name: ref for ref in bench.reader.anatomy.table(name, None).refs}
        assert (refs["audit"].snapshot_id if "audit" in refs else None) == target
        assert target is None or (refs["audit"].kind, refs["audit"].max_age_s) == ("tag", 3600)
    with pytest.raises(NoSuchSnapshot, match="no tag audit"):
        bench.verbs.plan_ref(str(name), "audit", "tag")


def test_a_branch_that_somebody_moved_since_the_plan_is_left_alone(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    first, second = bench.ids(name)
    bench.verbs.set_ref(bench.verbs.plan_ref(str(name), "try", "branch", first))
    plan = bench.verbs.plan_ref(str(name), "try", "branch")
    bench.verbs.set_ref(bench.verbs.plan_ref(str(name), "try", "branch", second))
    with pytest.raises(CommitConflict, match="moved branch try"):
        bench.verbs.set_ref(plan)
    with pytest.raises(UsageError, match="rollback"):
        bench.verbs.plan_ref(str(name), "main", "branch", first)


def test_properties_change_together_and_not_over_somebody_elses_change(bench: Bench, make: Make) -> None:
    name = make([1])
    bench.verbs.set_properties(bench.verbs.plan_properties(str(name), {"a": "1", "b": "2"}))
    plan = bench.verbs.plan_properties(str(name), {"a": "3"}, ("b",))
    assert (plan.before, plan.after) == ({"a": "1", "b": "2"}, {"a": "3"})
    bench.verbs.set_properties(plan)
    now = bench.table(name).metadata.properties
    assert now["a"] == "3" and "b" not in now
    with pytest.raises(CommitConflict, match="changed a, b"):
        bench.verbs.set_properties(plan)


# ── orphans ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_that_nothing_reaches_are_found_and_only_they_are_deleted(bench: Bench, make: Make) -> None:
    name = make([1], [2])
    table, before = bench.table(name), bench.objects(name)
    stray = f"{table.location()}/data/stray.parquet"
    with table.io.new_output(stray).create() as out:
        out.write(b"x" * 100)
    young = bench.verbs.plan_orphans(str(name), older_than=datetime.now(UTC) - timedelta(hours=1))
    assert (young.orphans, young.young) == ((), 1)
    plan = bench.verbs.plan_orphans(str(name))
    assert plan.older_than < bench.tomorrow and plan.orphans == ()
    plan = bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow)
    assert [(each.path, each.bytes) for each in plan.orphans] == [(stray, 100)]
    done = bench.verbs.delete_orphans(plan)
    assert (done.files, done.bytes, done.left) == (1, 100, 0)
    assert bench.objects(name) == before and bench.numbers(name) == [1, 2]


def test_a_file_that_is_reached_again_by_then_is_not_deleted(bench: Bench, make: Make) -> None:
    name = make([1])
    table = bench.table(name)
    stray = f"{table.location()}/data/stray.parquet"
    source = next(iter(table.scan().plan_files())).file.file_path
    with table.io.new_output(stray).create() as out:
        out.write(table.io.new_input(source).open().read())
    plan = bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow)
    table.add_files([stray], check_duplicate_files=False)
    assert bench.verbs.delete_orphans(plan).files == 0
    assert bench.numbers(name) == [1, 1]


def test_nobody_knows_what_a_table_needs_when_a_manifest_file_is_gone(bench: Bench, make: Make) -> None:
    name = make([1])
    table = bench.table(name)
    table.io.delete(table.current_snapshot().manifests(table.io)[0].manifest_path)
    with pytest.raises(TableError, match="is not known"):
        bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow)


# ── missing files ─────────────────────────────────────────────────────────────────────────────────────────────────────


def missing(bench: Bench, name: TableName, at: int | None = None) -> Symptom:
    return next(each for each in bench.verbs.health(str(name), at).symptoms if each.check == "missing files")


def data_files(bench: Bench, name: TableName) -> list[str]:
    """Of the current snapshot, those that were added first come first."""
    table = bench.table(name)
    paths = {task.file.file_path: task.file for task in table.scan().plan_files()}
    added = {each.snapshot_id: place for place, each in enumerate(table.metadata.snapshots)}
    entries = [entry for found in table.current_snapshot().manifests(table.io)
               for entry in found.fetch_manifest_entry(table.io) if entry.data_file.file_path in paths]  # fmt: skip
    return [each.data_file.file_path for each in sorted(entries, key=lambda entry: added[entry.snapshot_id])]


def test_a_table_that_has_all_its_files_is_said_to(bench: Bench, make: Make) -> None:
    found = missing(bench, make([1], [2]))
    said = "none of 2 data, 0 delete and 2 manifest files"
    assert (found.state, found.detail, found.fix) == (FindingState.OK, said, "")
    empty = missing(bench, make())
    assert (empty.state, empty.detail) == (FindingState.OK, "none: it was never written")


def test_delete_files_are_counted_apart_where_none_is_missing(
    bench: Bench, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make([1, 2], [3])
    lake.execute(f"delete from lake.{name} where n = 1")
    assert missing(bench, name).detail == "none of 2 data, 1 delete and 3 manifest files"


def test_a_data_file_that_is_gone_is_named_with_its_rows_and_the_rollback_mends_it(bench: Bench, make: Make) -> None:
    name = make([1, 2], [3], [4, 5, 6])
    _first, second, _third = bench.ids(name)
    gone = data_files(bench, name)[-1]
    bench.table(name).io.delete(gone)
    health = bench.verbs.health(str(name))
    found = missing(bench, name)
    assert health.state is found.state is FindingState.FAIL
    assert found.detail == f"1 of 3 files gone from the store, 1 data file with 3 rows: {gone.rpartition('/')[2]}"
    assert found.fix == f"floe-bench rollback {name} --to {second}"
    assert found.effect == "back to the newest that is whole, of 2 in 3 snapshots"
    plan = bench.undo.plan_rollback(str(name), second)
    bench.undo.apply(plan)
    assert bench.numbers(name) == [1, 2, 3] and missing(bench, name).state is FindingState.OK


def test_where_no_snapshot_is_whole_no_rollback_is_named(bench: Bench, make: Make) -> None:
    name = make([1, 2], [3])
    bench.table(name).io.delete(data_files(bench, name)[0])
    found = missing(bench, name)
    assert (found.state, found.fix) == (FindingState.FAIL, "")
    assert found.effect.startswith("none of its 2 snapshots is whole")


def test_a_file_of_deletes_that_is_gone_is_missing_too(
    bench: Bench, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make([1, 2, 3])
    lake.execute(f"delete from lake.{name} where n = 2")
    table = bench.table(name)
    (task,) = table.scan().plan_files()
    (deletes,) = task.delete_files
    table.io.delete(deletes.file_path)
    found = missing(bench, name)
    assert found.detail.startswith("1 of 2 files gone from the store, 1 delete file with 1 row-level delete: ")
    assert found.fix == f"floe-bench rollback {name} --to {bench.ids(name)[0]}"


@pytest.mark.parametrize("known", [True, False], ids=["read before", "never read"])
def test_a_manifest_file_that_is_gone_is_missing_with_what_it_named(bench: Bench, make: Make, known: bool) -> None:
    name = make([1, 2], [3, 4, 5])
    table = bench.table(name)
    if known:
        assert missing(bench, name).state is FindingState.OK
    newest = table.current_snapshot()
    (gone,) = (each for each in newest.manifests(table.io) if each.added_snapshot_id == newest.snapshot_id)
    table.io.delete(gone.manifest_path)
    found = missing(bench, name)
    assert found.state is FindingState.FAIL
    assert "1 manifest file is gone or unreadable, which led to 1 file with 3 rows" in found.detail
    assert gone.manifest_path.rpartition("/")[2] in found.detail
    assert found.fix == f"floe-bench rollback {name} --to {bench.ids(name)[0]}"


@pytest.mark.parametrize("known", [True, False], ids=["read before", "never read"])
def test_a_list_of_manifest_files_that_is_gone_is_missing_with_all_of_the_snapshot(
    bench: Bench, make: Make, known: bool
) -> None:
    name = make([1, 2], [3, 4, 5])
    table = bench.table(name)
    if known:
        assert missing(bench, name).state is FindingState.OK
    table.io.delete(table.current_snapshot().manifest_list)
    found = missing(bench, name)
    assert found.state is FindingState.FAIL
    assert "the list of its manifest files is gone or unreadable, which led to 2 files with 5 rows" in found.detail
    assert found.fix == f"floe-bench rollback {name} --to {bench.ids(name)[0]}"


def test_an_older_snapshot_lacks_what_the_one_of_now_does_not_need(bench: Bench, make: Make) -> None:
    name = make([1], [2, 3])
    first, second = bench.ids(name)
    gone = data_files(bench, name)[-1]
    bench.table(name).overwrite(pa.table({"n": pa.array([9], pa.int64())}))
    assert [missing(bench, name, each).state for each in (first, second, None)] == [FindingState.OK] * 3
    bench.table(name).io.delete(gone)
    assert [missing(bench, name, each).state for each in (first, None)] == [FindingState.OK] * 2
    found = missing(bench, name, second)
    assert found.detail == f"1 of 2 files gone from the store, 1 data file with 2 rows: {gone.rpartition('/')[2]}"
    assert (found.state, found.fix) == (FindingState.FAIL, "")
    assert found.effect == f"the newest before it that is whole is {first}"
    assert bench.verbs.health(str(name), second).state is FindingState.FAIL


def test_an_older_snapshot_says_of_a_manifest_file_that_is_gone_what_it_named(bench: Bench, make: Make) -> None:
    name = make([1], [2, 3])
    first, second = bench.ids(name)
    table = bench.table(name)
    (gone,) = table.snapshot_by_id(first).manifests(table.io)
    bench.table(name).overwrite(pa.table({"n": pa.array([9], pa.int64())}))
    table.io.delete(gone.manifest_path)
    for each in (first, second):
        found = missing(bench, name, each)
        assert "1 manifest file is gone or unreadable, which led to 1 file with 1 row" in found.detail
        assert (found.fix, found.effect) == ("", "none before it is whole")
    assert missing(bench, name).state is FindingState.OK


def test_a_file_outside_of_the_location_is_not_called_missing(bench: Bench, make: Make) -> None:
    name, other = make([1]), make([2])
    if "s3.session-token" in bench.table(name).io.properties:
        pytest.skip("a key that is lent for one table opens no file of another")
    theirs = data_files(bench, other)[0]
    bench.table(name).add_files([theirs], check_duplicate_files=False)
    found = missing(bench, name)
    assert (found.state, found.detail) == (
        FindingState.OK,
        "none of 1 data, 0 delete and 2 manifest files, 1 file elsewhere not looked for",
    )


def test_a_commit_between_reading_and_listing_is_no_false_alarm(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody rolls back to other files, and takes the ones that were read away, before they are listed."""
    name = make([1], [2])
    doomed = data_files(bench, name)[-1]
    listing, looks = maintenance.lying, list[int]()

    def in_between(table: Any) -> Any:
        looks.append(1)
        if len(looks) == 1:
            bench.table(name).manage_snapshots().rollback_to_snapshot(bench.ids(name)[0]).commit()
            bench.table(name).io.delete(doomed)
        return listing(table)

    monkeypatch.setattr(maintenance, "lying", in_between)
    found = bench.reader.maintainer.survey(name, bench.tomorrow)
    assert found.loss.gone == () and found.loss.snapshot_id == bench.ids(name)[0]
    assert len(looks) == 2


def test_a_listing_that_lags_behind_is_no_alarm(bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    name = make([1], [2])
    listing, looks = maintenance.lying, list[int]()

    def late(table: Any) -> Any:
        looks.append(1)
        return [] if len(looks) == 1 else listing(table)

    monkeypatch.setattr(maintenance, "lying", late)
    assert bench.reader.maintainer.survey(name, bench.tomorrow).loss.gone == ()


# ── health ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_health_tells_what_mends_it_and_after_that_it_is_well(
    bench: Bench, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make(*([n] for n in range(6)))
    told = {each.check: each for each in bench.verbs.health(str(name)).symptoms}
    assert {check for check, each in told.items() if each.state is FindingState.WARN} == {"small files"}
    assert told["small files"].effect == "6 files → about 1, same rows"
    bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert bench.verbs.health(str(name)).state is FindingState.OK
    lake.execute(f"delete from lake.{name.namespace[0]}.{name.name} where n < 3")
    (ill,) = [each for each in bench.verbs.health(str(name)).symptoms if each.state is FindingState.WARN]
    assert (ill.check, ill.detail) == ("row-level deletes", "1 delete file for 1 data file, 50% of the records")
    bench.verbs.compact(bench.verbs.plan_compact(str(name)))
    assert bench.verbs.health(str(name)).state is FindingState.OK


def test_a_table_that_was_never_written_is_well_and_one_that_cannot_be_read_is_not(bench: Bench, make: Make) -> None:
    assert bench.verbs.health(str(make())).state is FindingState.OK
    broken = make([1])
    table = bench.table(broken)
    table.io.delete(table.current_snapshot().manifests(table.io)[0].manifest_path)
    assert bench.verbs.health(str(broken)).state is FindingState.FAIL


# ── with others at work ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.timeout(1200)
def test_compacting_and_expiring_lose_nothing_while_others_write_in_twenty_rounds(bench: Bench, make: Make) -> None:
    name, written, over = make([0], [1]), [0, 1], threading.Event()
    lock, refused, pause_s = threading.Lock(), list[int](), [1.0]

    def write() -> None:
        catalog: Catalog = open_catalog(bench.reader._endpoints)
        while not over.is_set():
            with lock:
                number = len(written)
            try:
                catalog.load_table(name.parts).append(pa.table({"n": [number]}))
            except (CommitFailedException, BadRequestError):  # refused, and not written: it is tried again
                refused.append(number)
                continue
            with lock:
                written.append(number)
            over.wait(pause_s[0])

    writer = threading.Thread(target=write)
    writer.start()
    rounds = compacted = 0
    try:
        # Twenty rounds, and on until both were at it: on a busy machine the one waits for the other.
        while rounds < 20 or compacted < 3 or len(written) < 5:
            rounds += 1
            plan = bench.verbs.plan_compact(str(name))
            if not plan.idle:
                try:
                    bench.verbs.compact(plan)
                    compacted += 1
                except CommitConflict:  # the writer was quicker each time, and nothing happened
                    pause_s[0] *= 2
            bench.verbs.expire(bench.verbs.plan_expire(str(name), older_than=bench.tomorrow, keep=2))
            with lock:
                known = list(written)
            assert set(known) <= set(bench.numbers(name))
    finally:
        over.set()
        writer.join()
    assert bench.numbers(name) == sorted(written)
    # A writer who is refused leaves its data file, manifest file and manifest list.
    assert len(bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow).orphans) <= 3 * len(refused)
