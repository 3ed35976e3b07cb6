"""Rewriting manifest files, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.exceptions import CommitStateUnknownException
from pyiceberg.manifest import DataFile, ManifestContent, ManifestEntry
from pyiceberg.table import Transaction
from pyiceberg.transforms import IdentityTransform

from floe_bench.core.maintenance import health
from floe_bench.errors import CommitConflict, TableError, UsageError
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.crowd import among, crowd
from tests.contracts.lakehouse import open_lake
from tests.contracts.odd_tables import Hands, commit
from tests.contracts.upkeep import Upkeep


@pytest.fixture(scope="module")
def bench(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upkeep]:
    bench = Upkeep(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.reader.close()
    bench.duck.close()


@pytest.fixture
def lake(endpoints: Endpoints, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(endpoints, tmp_path) as connection:
        yield connection


@pytest.fixture
def make(bench: Upkeep) -> Callable[..., TableName]:
    """A new table with a snapshot, and so a manifest file, per list of numbers."""

    def made(*contents: list[int], properties: dict[str, str] | None = None) -> TableName:
        name = TableName((f"m{secrets.token_hex(4)}",), "orders")
        bench.session.create_namespace(name.namespace)
        schema = pa.schema([("n", pa.int64())])
        table = bench.session.create_table(name.parts, schema, properties=properties or {})
        for numbers in contents:
            table.append(pa.table({"n": numbers}))
        return name

    return made


Make = Callable[..., TableName]


def told(bench: Upkeep, name: TableName) -> list[tuple[Any, ...]]:
    """All that the current snapshot says of each file, in no order."""
    table = bench.table(name)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    entries = [each for one in snapshot.manifests(table.io) for each in one.fetch_manifest_entry(table.io)]
    return sorted((*_said(each.data_file), each.sequence_number, each.snapshot_id) for each in entries)


def _said(file: DataFile) -> tuple[Any, ...]:
    counts = (file.value_counts, file.null_value_counts, file.lower_bounds, file.upper_bounds)
    sizes = (file.record_count, file.file_size_in_bytes, file.content.value, file.spec_id)
    return (file.file_path, str(file.partition), *sizes, *(sorted(dict(each).items()) for each in counts))


def manifests(bench: Upkeep, name: TableName) -> list[Any]:
    table = bench.table(name)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return snapshot.manifests(table.io)


def rewrite(bench: Upkeep, name: TableName) -> Any:
    return bench.verbs.rewrite_manifests(bench.verbs.plan_manifests(str(name)))


def test_many_manifest_files_become_one_that_says_the_same_of_the_same_files(bench: Upkeep, make: Make) -> None:
    name = make([1, 2], [3], [4, 5])
    before, ids = told(bench, name), bench.ids(name)
    plan = bench.verbs.plan_manifests(str(name))
    assert (plan.manifests, plan.rewritten, plan.after, plan.files) == (3, 3, 1, 3) and plan.bytes > 0
    assert bench.ids(name) == ids
    done = bench.verbs.rewrite_manifests(plan)
    assert (done.before, done.after, done.files, done.rows, done.attempts) == (3, 1, 3, 5, 1)
    assert (done.from_snapshot, done.to_snapshot) == (ids[-1], bench.ids(name)[-1]) and len(bench.ids(name)) == 4
    assert told(bench, name) == before and len(manifests(bench, name)) == 1
    assert bench.numbers(name) == [1, 2, 3, 4, 5]
    assert [bench.duck.count(name, each) for each in (ids[-1], done.to_snapshot)] == [5, 5]
    summary = bench.table(name).current_snapshot().summary  # type: ignore[union-attr]
    assert summary is not None and summary.operation.value == "replace"
    assert [summary.additional_properties[f"manifests-{each}"] for each in ("created", "kept", "replaced")] == [
        "1", "0", "3",
    ]  # fmt: skip
    assert bench.reader.table(name).rows == 5 and bench.reader.table(name).same_as[0] == ids[-1]
    assert bench.verbs.plan_manifests(str(name)).idle
    with pytest.raises(UsageError):
        rewrite(bench, name)


def test_a_rollback_takes_it_back_and_expiring_leaves_nothing_of_the_old_ones(bench: Upkeep, make: Make) -> None:
    name = make([1], [2])
    done = rewrite(bench, name)
    table = bench.table(name)
    table.manage_snapshots().rollback_to_snapshot(done.from_snapshot).commit()
    assert len(manifests(bench, name)) == 2 and bench.numbers(name) == [1, 2]
    rewrite(bench, name)
    bench.verbs.expire(bench.verbs.plan_expire(str(name), older_than=bench.tomorrow))
    assert bench.numbers(name) == [1, 2]
    assert bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow).orphans == ()


def test_each_partitioning_keeps_manifest_files_of_its_own_and_partitions_lie_together(
    bench: Upkeep, make: Make
) -> None:
    name = make([1], [2])
    with bench.table(name).update_spec() as update:
        update.add_field("n", IdentityTransform(), "by_n")
    for numbers in ([7, 8], [7, 9], [8]):
        bench.table(name).append(pa.table({"n": numbers}))
    before = told(bench, name)
    done = rewrite(bench, name)
    assert (done.before, done.after) == (5, 2) and told(bench, name) == before
    assert sorted(each.partition_spec_id for each in manifests(bench, name)) == [0, 1]
    (young,) = [each for each in manifests(bench, name) if each.partition_spec_id == 1]
    table = bench.table(name)
    assert [each.data_file.partition[0] for each in young.fetch_manifest_entry(table.io)] == [7, 7, 8, 8, 9]
    assert table.scan(row_filter="n = 8").count() == 2
    assert bench.duck.count(name, done.to_snapshot) == 7


def test_row_level_deletes_still_hold(bench: Upkeep, make: Make, lake: duckdb.DuckDBPyConnection) -> None:
    name = make([1, 2], [3], [4, 5])
    lake.execute(f"delete from lake.{name.namespace[0]}.{name.name} where n in (2, 5)")
    deletes = [each for each in manifests(bench, name) if each.content != ManifestContent.DATA]
    done = rewrite(bench, name)
    assert done.after == 1 + len(deletes) and bench.numbers(name) == [1, 3, 4]
    assert bench.duck.count(name, done.to_snapshot) == 3


def test_the_tables_own_target_size_counts_and_what_is_large_stays(bench: Upkeep, make: Make) -> None:
    name = make([1], [2], [3], [4])
    size = manifests(bench, name)[0].manifest_length
    with bench.table(name).transaction() as transaction:
        transaction.set_properties({"commit.manifest.target-size-bytes": str(2 * size)})
    plan = bench.verbs.plan_manifests(str(name))
    assert (plan.manifests, plan.after) == (4, 2)
    assert bench.verbs.plan_manifests(str(name), size).idle
    assert bench.verbs.rewrite_manifests(plan).after == 2


def test_what_was_written_otherwise_than_it_should_is_not_committed_and_leaves_nothing(
    bench: Upkeep, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyiceberg.manifest import ManifestWriter

    name = make([1], [2], [3])
    before, objects, write = bench.ids(name), bench.objects(name), ManifestWriter.existing
    dropped: list[ManifestEntry] = []

    def lossy(self: ManifestWriter, entry: ManifestEntry) -> ManifestWriter:
        if dropped:
            return write(self, entry)
        dropped.append(entry)
        return self

    monkeypatch.setattr(ManifestWriter, "existing", lossy)
    with pytest.raises(TableError, match="1 files would be missing"):
        rewrite(bench, name)
    assert (bench.ids(name), bench.objects(name)) == (before, objects)


def test_who_writes_in_the_moment_of_the_commit_stays_and_is_told_of(
    bench: Upkeep, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, send, others = make([1], [2]), Transaction.commit_transaction, [3]

    def late(self: Transaction) -> Any:
        if others:
            number = others.pop()
            bench.table(name).append(pa.table({"n": [number]}))
        return send(self)

    plan = bench.verbs.plan_manifests(str(name))
    monkeypatch.setattr(Transaction, "commit_transaction", late)
    done = bench.verbs.rewrite_manifests(plan)
    assert (done.attempts, done.before, done.files) == (2, 3, 3) and bench.numbers(name) == [1, 2, 3]
    assert bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow).orphans == ()


def test_an_answer_that_was_lost_is_looked_for(bench: Upkeep, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    name, send = make([1], [2]), Transaction.commit_transaction

    def mute(self: Transaction) -> Any:
        send(self)
        monkeypatch.setattr(Transaction, "commit_transaction", send)
        raise CommitStateUnknownException("the answer was lost")

    plan = bench.verbs.plan_manifests(str(name))
    monkeypatch.setattr(Transaction, "commit_transaction", mute)
    done = bench.verbs.rewrite_manifests(plan)
    assert done.to_snapshot == bench.ids(name)[-1] and len(bench.ids(name)) == 3


def test_a_table_that_was_made_anew_or_never_written_or_cannot_be_read_is_left_alone(bench: Upkeep, make: Make) -> None:
    assert bench.verbs.plan_manifests(str(make())).idle
    name = make([1], [2])
    with pytest.raises(CommitConflict, match="anew"):
        bench.verbs.rewrite_manifests(replace(bench.verbs.plan_manifests(str(name)), table_uuid="another"))
    broken = make([1], [2])
    bench.table(broken).io.delete(manifests(bench, broken)[0].manifest_path)
    with pytest.raises(TableError, match="cannot be read"):
        bench.verbs.plan_manifests(str(broken))


def test_a_table_of_the_third_format_whose_rows_have_ids_is_left_alone(
    bench: Upkeep, make: Make, lake: duckdb.DuckDBPyConnection
) -> None:
    name = make([1], [2])
    commit(Hands(bench.session, lake), name, {"action": "upgrade-format-version", "format-version": 3})
    before = bench.ids(name)
    with pytest.raises(TableError, match="format version 3"):
        bench.verbs.plan_manifests(str(name))
    assert bench.ids(name) == before


def test_health_names_it_where_there_are_many(bench: Upkeep, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MANY_MANIFESTS", 3)
    name = make(*([n] for n in range(5)))
    found = {each.check: each for each in bench.verbs.health(str(name)).symptoms}["manifest files"]
    assert found.fix == f"floe-bench rewrite-manifests {name}" and found.effect.startswith("5 → 1, same files")
    rewrite(bench, name)
    found = {each.check: each for each in bench.verbs.health(str(name)).symptoms}["manifest files"]
    assert (found.state.value, found.fix) == ("ok", "")


@pytest.mark.timeout(1200)
def test_rewriting_loses_nothing_while_two_others_write_in_twenty_rounds(
    bench: Upkeep, endpoints: Endpoints, make: Make
) -> None:
    name = make([0], [1])
    rounds = attempts = 0
    with crowd(endpoints, str(name)) as writers:
        while rounds < 20 or attempts == rounds:  # on, until they were in each other's way
            plan = bench.verbs.plan_manifests(str(name))
            if plan.idle:  # nobody wrote since
                continue
            done = among(writers, lambda: rewrite(bench, name))
            rounds, attempts = rounds + 1, attempts + done.attempts
            known = {0, 1, *(each for writer in writers for each in writer.written)}
            assert known <= set(bench.numbers(name))
    written = [each for writer in writers for each in writer.written]
    assert bench.numbers(name) == sorted([0, 1, *written])
    assert all(len(writer.written) >= 2 for writer in writers)  # everybody was at it
    refused = sum(writer.refused for writer in writers)
    assert len(bench.verbs.plan_orphans(str(name), older_than=bench.tomorrow).orphans) <= 3 * refused
