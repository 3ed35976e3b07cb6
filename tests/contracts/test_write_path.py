"""What a write leaves in the catalog, against a real one: rows, schema, history, and nothing after a failure."""

from __future__ import annotations

import itertools
import multiprocessing
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import duckdb
import pytest
import requests
from lakehouse import lakehouse as lakehouse
from lakehouse import open_lake
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException
from pyiceberg.table import Table

from floe_bench.adapters.dbt.stage import StagedRows
from floe_bench.adapters.dbt.work import Settings
from floe_bench.adapters.iceberg import commit
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.commit import Intent
from floe_bench.adapters.iceberg.layout import Layout, parse_layout
from floe_bench.errors import (
    BenchError,
    CommitConflict,
    CommitUnknown,
    QueryFailed,
    TableError,
    TypeNotSupported,
    UsageError,
)
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.odd_tables import Hands
from tests.contracts.odd_tables import commit as upgrade
from tests.contracts.workbench import PATIENCE_S

_names = itertools.count()


@pytest.fixture(scope="module")
def catalog(lakehouse: Endpoints) -> RestCatalog:
    return open_catalog(lakehouse)


@pytest.fixture(scope="module")
def duck(lakehouse: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(lakehouse, tmp_path_factory.mktemp("state")) as connection:
        yield connection


@pytest.fixture
def table(catalog: RestCatalog) -> TableName:
    """A name that does not exist yet, in a namespace that does not exist yet."""
    return TableName((f"w{uuid.uuid4().hex[:8]}",), "t")


class Bench:
    """Writes results of SQL to one table and reads it back with both engines."""

    def __init__(self, catalog: RestCatalog, duck: duckdb.DuckDBPyConnection, name: TableName) -> None:
        self.catalog, self.duck, self.name = catalog, duck, name

    def rows(self, sql: str, *, required: tuple[str, ...] = (), docs: dict[str, str] | None = None) -> StagedRows:
        stage = f"memory.main.stage_{next(_names)}"
        self.duck.execute(f"create table {stage} as {sql}")
        return StagedRows(self.duck.cursor(), stage, settings(required=required, docs=docs))

    def replace(self, sql: str, **intent: Any) -> commit.Committed:
        return commit.replace(self.catalog, self.name, self.rows(sql), Intent(**intent))

    def append(self, sql: str, **intent: Any) -> commit.Committed:
        return commit.append(self.catalog, self.name, self.rows(sql), Intent(**intent))

    @property
    def now(self) -> Table:
        return self.catalog.load_table(self.name.parts)

    @property
    def columns(self) -> dict[str, tuple[int, str]]:
        return {field.name: (field.field_id, str(field.field_type)) for field in self.now.schema().fields}

    def read(self, snapshot_id: int | None = None) -> list[tuple[Any, ...]]:
        """As DuckDB sees it; PyIceberg must see as many rows."""
        at = f" at (version => {snapshot_id})" if snapshot_id else ""
        found = self.duck.execute(f"select * from lake.{self.name}{at} order by all").fetchall()
        assert self.now.scan(snapshot_id=snapshot_id).to_arrow().num_rows == len(found)
        return found


def settings(*, required: tuple[str, ...] = (), docs: dict[str, str] | None = None) -> Settings:
    return Settings("table", Layout(), frozenset(required), docs or {}, None, {})


@pytest.fixture
def bench(catalog: RestCatalog, duck: duckdb.DuckDBPyConnection, table: TableName) -> Bench:
    return Bench(catalog, duck, table)


HELD = [
    ("true", "boolean", "BOOLEAN"),
    ("1::tinyint", "int", "INTEGER"),
    ("1::smallint", "int", "INTEGER"),
    ("1::integer", "int", "INTEGER"),
    ("1::bigint", "long", "BIGINT"),
    ("255::utinyint", "int", "INTEGER"),
    ("65535::usmallint", "int", "INTEGER"),
    ("4294967295::uinteger", "long", "BIGINT"),
    ("18446744073709551615::ubigint", "decimal(20, 0)", "DECIMAL(20,0)"),
    ("12345678901234567890123456789012345678::hugeint", "decimal(38, 0)", "DECIMAL(38,0)"),
    ("1::uhugeint", "decimal(38, 0)", "DECIMAL(38,0)"),
    ("sum(1)", "decimal(38, 0)", "DECIMAL(38,0)"),
    ("1.5::float", "float", "FLOAT"),
    ("1.5::double", "double", "DOUBLE"),
    ("12.34::decimal(9,2)", "decimal(9, 2)", "DECIMAL(9,2)"),
    ("'ä'", "string", "VARCHAR"),
    ("'\\xAA\\x00'::blob", "binary", "BLOB"),
    ("date '2024-02-29'", "date", "DATE"),
    ("time '12:34:56.789'", "time", "TIME"),
    ("timestamp '2024-02-29 12:34:56.789012'", "timestamp", "TIMESTAMP"),
    ("timestamptz '2024-02-29 12:34:56+02'", "timestamptz", "TIMESTAMP WITH TIME ZONE"),
    ("timestamp_s '2024-02-29 12:34:56'", "timestamp", "TIMESTAMP"),
    ("timestamp_ms '2024-02-29 12:34:56.789'", "timestamp", "TIMESTAMP"),
    ("uuid '2d931510-d99f-494a-8c67-87feb05e1594'", "uuid", "UUID"),
    ("""'{"a": 1}'::json""", "string", "VARCHAR"),
    ("'a'::enum('a', 'b')", "string", "VARCHAR"),
    ("null", "int", "INTEGER"),
    ("[1, null]", "list<int>", "INTEGER[]"),
    ("array_value(1, 2)", "list<int>", "INTEGER[]"),
    ("[['a']]", "list<list<string>>", "VARCHAR[][]"),
    ("[uuid '2d931510-d99f-494a-8c67-87feb05e1594']", "list<string>", "VARCHAR[]"),
]


@pytest.mark.parametrize(("value", "iceberg", "read_as"), HELD, ids=[value for value, *_ in HELD])
def test_a_type_is_stored_and_read_back_as_the_policy_says(
    bench: Bench, value: str, iceberg: str, read_as: str
) -> None:
    bench.replace(f"select {value} as c")
    assert bench.columns["c"][1] == iceberg
    stored = bench.duck.execute(f"select c, typeof(c) from lake.{bench.name}").fetchone()
    assert stored is not None
    assert stored[1] == read_as
    wanted = bench.duck.execute(f"select ({value})::{read_as}").fetchone()
    assert wanted is not None
    assert stored[0] == wanted[0]
    assert bench.now.scan().to_arrow().num_rows == 1


def test_structs_and_maps_keep_their_parts(bench: Bench) -> None:
    bench.replace("select {'a': 1, 'ü x': [{'b': 2.5::double}]} as s, map {'k': 1::tinyint} as m")
    assert bench.read() == [({"a": 1, "ü x": [{"b": 2.5}]}, {"k": 1})]
    assert bench.now.scan().to_arrow().to_pylist() == [{"s": {"a": 1, "ü x": [{"b": 2.5}]}, "m": [("k", 1)]}]


REFUSED = [
    ("timestamp_ns '2024-02-29 12:34:56.123456789'", "TIMESTAMP_NS", '"c"::TIMESTAMP as "c"'),
    ("timetz '12:00:00+02'", "TIME WITH TIME ZONE", '"c"::TIME as "c"'),
    ("interval 1 month", "INTERVAL", '"c"::VARCHAR as "c"'),
    ("'101'::bit", "BIT", '"c"::VARCHAR as "c"'),
    ("union_value(k := 1)", "UNION(k INTEGER)", '"c"::VARCHAR as "c"'),
    ("1::bignum", "BIGNUM", '"c"::DECIMAL(38,0) as "c"'),
    ("[interval 1 day]", "INTERVAL", '"c"::VARCHAR[] as "c"'),
]


@pytest.mark.parametrize(("value", "type_", "cast"), REFUSED, ids=[type_ for _, type_, _ in REFUSED])
def test_a_type_that_would_lose_something_is_refused_with_the_cast_to_write(
    bench: Bench, value: str, type_: str, cast: str
) -> None:
    with pytest.raises(TypeNotSupported) as caught:
        bench.replace(f"select {value} as c")
    assert f'column "c" is {type_}' in caught.value.message
    assert cast in caught.value.remedy
    assert not bench.catalog.table_exists(bench.name.parts)


def test_a_failed_first_write_leaves_no_table(bench: Bench) -> None:
    with pytest.raises((BenchError, duckdb.Error)):
        bench.replace("select 123456789012345678901234567890123456789::hugeint as c")
    assert not bench.catalog.table_exists(bench.name.parts)


def test_a_replace_is_one_snapshot_and_older_ones_stay_readable(bench: Bench) -> None:
    first = bench.replace("select * from range(3) t(a)")
    second = bench.replace("select * from range(10, 12) t(a)")
    assert [s.snapshot_id for s in bench.now.snapshots()] == [first.snapshot_id, second.snapshot_id]
    assert (first.operation, second.operation) == ("append", "overwrite")
    assert bench.read() == [(10,), (11,)]
    assert bench.read(first.snapshot_id) == [(0,), (1,), (2,)]


def test_thirty_replaces_leave_no_dead_manifest(bench: Bench) -> None:
    for number in range(30):
        bench.replace(f"select {number} as a")
    snapshot = bench.now.current_snapshot()
    assert snapshot is not None
    assert len(snapshot.manifests(bench.now.io)) <= 2
    assert bench.read() == [(29,)]


def test_totals_are_right_after_replacing_what_duckdb_deleted_from(bench: Bench) -> None:
    bench.replace("select * from range(5) t(a)")
    bench.duck.execute(f"delete from lake.{bench.name} where a < 2")
    bench.replace("select * from range(7) t(a)")
    snapshot = bench.now.current_snapshot()
    assert snapshot is not None and snapshot.summary is not None
    totals = {key: value for key, value in snapshot.summary.additional_properties.items() if key.startswith("total-")}
    assert (totals["total-records"], totals["total-delete-files"], totals["total-data-files"]) == ("7", "0", "1")
    assert len(bench.read()) == 7


def test_an_empty_result_empties_the_table_and_keeps_its_columns(bench: Bench) -> None:
    bench.replace("select 1 as a, 'x' as b")
    done = bench.replace("select 1 as a, 'x' as b where false")
    assert (done.rows, done.files) == (0, 0)
    assert bench.read() == []
    assert list(bench.columns) == ["a", "b"]


def test_an_empty_first_result_makes_an_empty_table(bench: Bench) -> None:
    done = bench.replace("select 1 as a where false")
    assert bench.read() == []
    assert bench.now.metadata.current_snapshot_id == done.snapshot_id


def test_a_column_keeps_its_id_by_name_over_added_dropped_and_moved_ones(bench: Bench) -> None:
    bench.replace("select 1 as a, 2 as b, 3 as c")
    before = bench.columns
    bench.replace("select 3 as c, 4 as d, 1 as a")
    after = bench.columns
    assert list(after) == ["c", "d", "a"]
    assert (after["a"], after["c"]) == (before["a"], before["c"])
    assert after["d"][0] not in {id_ for id_, _ in before.values()}


def test_a_widened_type_keeps_its_id_and_any_other_type_is_a_new_column(bench: Bench) -> None:
    first = bench.replace("select 1::integer as wide, 1::integer as other, {'a': 1} as nested")
    before = bench.columns
    bench.replace("select 1::bigint as wide, 'x' as other, {'a': 1, 'b': 2} as nested")
    after = bench.columns
    assert after["wide"] == (before["wide"][0], "long")
    assert after["other"][0] != before["other"][0]
    assert after["nested"][0] != before["nested"][0]
    assert bench.read(first.snapshot_id) == [(1, 1, {"a": 1})]


def test_a_column_renamed_by_case_only_is_the_same_column(bench: Bench) -> None:
    bench.replace("select 1 as amount")
    before = bench.columns["amount"]
    bench.replace('select 1 as "AMOUNT"')
    assert bench.columns == {"AMOUNT": before}


@pytest.mark.parametrize("name", ["select", "UPPER", "Größe", "a b", "a.b", 'q"q', "日本", "_x", "1st"])
def test_a_column_may_have_any_name(bench: Bench, name: str) -> None:
    escaped = name.replace('"', '""')
    bench.replace(f'select 1 as "{escaped}", 2 as other')
    done = bench.replace(f'select 5 as "{escaped}", 2 as other')
    assert list(bench.columns) == [name, "other"]
    assert bench.read() == [(5, 2)]
    assert bench.now.scan(snapshot_id=done.snapshot_id).to_arrow().to_pylist() == [{name: 5, "other": 2}]


def test_an_append_adds_rows_and_columns_and_fills_missing_ones_with_null(bench: Bench) -> None:
    bench.replace("select 1 as \"A\", 'x' as b")
    done = bench.append("select 2 as a, 3 as c")
    assert done.operation == "append"
    assert list(bench.columns) == ["A", "b", "c"]
    assert bench.read() == [(1, "x", None), (2, None, 3)]


def test_the_same_rows_in_another_order_are_said_to_be_unchanged(bench: Bench) -> None:
    bench.replace("select * from range(1000) t(a)")
    assert bench.replace("select * from range(1000) t(a) order by a desc").unchanged
    assert not bench.replace("select * from range(1001) t(a)").unchanged
    assert not bench.replace("select a + (a = 7)::int as a from range(1001) t(a)").unchanged


def test_a_duplicated_row_is_a_change(bench: Bench) -> None:
    bench.replace("select unnest([1, 1, 2, 2]) as a")
    assert not bench.replace("select unnest([1, 1, 1, 1, 2, 2]) as a").unchanged
    assert not bench.replace("select unnest([1, 2]) as a").unchanged
    bench.replace("select unnest([1, 1, 2, 2]) as a")
    assert not bench.replace("select unnest([3, 3, 4, 4]) as a").unchanged


def test_an_appended_table_has_the_digest_of_its_whole(bench: Bench) -> None:
    bench.replace("select * from range(3) t(a)")
    bench.append("select * from range(3, 5) t(a)")
    assert bench.replace("select * from range(5) t(a)").unchanged


def test_a_required_column_is_required_in_the_table_and_null_is_refused(bench: Bench) -> None:
    commit.replace(bench.catalog, bench.name, bench.rows("select 1 as id, 2 as b", required=("id",)), Intent())
    assert [field.required for field in bench.now.schema().fields] == [True, False]
    with pytest.raises(QueryFailed, match="1 nulls"):
        bench.rows("select unnest([1, null]) as id", required=("id",))
    bench.replace("select null::int as id, 2 as b")
    assert [field.required for field in bench.now.schema().fields] == [False, False]


def test_an_empty_doc_is_none_so_that_a_rewrite_can_be_read_as_of_its_snapshot(bench: Bench) -> None:
    """To some catalogs both are the same: they keep the schema they have, and not the id that the snapshot names."""
    made = []
    for number in (1, 2, 3):
        rows = bench.rows(f"select {number} as id", docs={"id": ""})
        made.append(commit.replace(bench.catalog, bench.name, rows, Intent()).snapshot_id)
    known = {schema.schema_id for schema in bench.now.metadata.schemas}
    assert {each.schema_id for each in bench.now.snapshots()} <= known
    assert [bench.read(each) for each in made] == [[(1,)], [(2,)], [(3,)]]


def test_a_doc_that_is_emptied_is_gone(bench: Bench) -> None:
    for doc in ("the key", ""):
        commit.replace(bench.catalog, bench.name, bench.rows("select 1 as id", docs={"id": doc}), Intent())
    assert [field.doc for field in bench.now.schema().fields] == [None]
    assert bench.read(bench.now.metadata.current_snapshot_id) == [(1,)]


def test_docs_and_comment_are_kept_when_nothing_is_said_about_them(bench: Bench) -> None:
    rows = bench.rows("select 1 as id, 2 as b", docs={"id": "the key"})
    commit.replace(bench.catalog, bench.name, rows, Intent(comment="all of them", properties={"owner": "me"}))
    bench.replace("select 'x' as id, 2 as b")
    assert [field.doc for field in bench.now.schema().fields] == ["the key", None]
    assert (bench.now.properties["comment"], bench.now.properties["owner"]) == ("all of them", "me")


def test_partitions_and_sort_order_follow_the_configuration(bench: Bench) -> None:
    sql = "select i as a, i % 3 as b, date '2024-01-01' + i::int as d from range(100) t(i)"
    bench.replace(sql, layout=parse_layout("month(d), bucket(4, a)", "b desc"))
    assert [(f.name, str(f.transform)) for f in bench.now.spec().fields] == [
        ("d_month", "month"),
        ("a_bucket", "bucket[4]"),
    ]
    assert len(bench.now.sort_order().fields) == 1
    assert len(bench.read()) == 100
    bench.replace(sql, layout=parse_layout("b", None))
    assert [f.name for f in bench.now.spec().fields] == ["b"]
    assert bench.now.inspect.partitions().num_rows == 3
    bench.replace("select 1 as other", layout=parse_layout(None, None))
    assert bench.now.spec().is_unpartitioned()
    assert bench.read() == [(1,)]


def test_appends_to_a_partitioned_table_land_in_partitions(bench: Bench) -> None:
    layout = parse_layout(["b"], [])
    bench.replace("select i as a, i % 3 as b from range(9) t(i)", layout=layout)
    bench.append("select i as a, i % 4 as b from range(8) t(i)", layout=layout)
    assert bench.now.inspect.partitions().num_rows == 4
    assert len(bench.read()) == 17


@pytest.mark.parametrize("setting", ["week(d)", "bucket(a)", "nosuch"])
def test_a_wrong_partition_is_refused_before_anything_is_written(bench: Bench, setting: str) -> None:
    with pytest.raises(UsageError):
        bench.replace("select 1 as a, current_date as d", layout=parse_layout(setting, None))
    assert not bench.catalog.table_exists(bench.name.parts)


@pytest.mark.parametrize("write", ["replace", "append"])
def test_a_table_of_a_format_that_is_not_written_here_is_left_alone(bench: Bench, write: str) -> None:
    only = bench.replace("select 1 as a").snapshot_id
    third = {"action": "upgrade-format-version", "format-version": 3}
    upgrade(Hands(bench.catalog, bench.duck), bench.name, third)
    with pytest.raises(TableError, match="has format version 3") as caught:
        getattr(bench, write)("select 2 as a")
    assert "connect spark" in caught.value.remedy and bench.now.metadata.current_snapshot_id == only


def test_rows_computed_from_an_older_snapshot_are_not_committed(bench: Bench) -> None:
    base = bench.replace("select 1 as a").snapshot_id
    other = bench.replace("select 2 as a").snapshot_id
    with pytest.raises(CommitConflict) as caught:
        bench.replace("select 3 as a", base=base)
    assert caught.value.retryable
    assert bench.now.metadata.current_snapshot_id == other
    assert bench.read() == [(2,)]


def test_a_lost_answer_is_recognised_and_not_written_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.replace("select 1 as a")
    send, lost = commit._send, []

    def answer_lost(transaction: Any) -> None:
        send(transaction)
        if not lost:
            lost.append(1)
            raise CommitStateUnknownException("the answer was lost")

    monkeypatch.setattr(commit, "_send", answer_lost)
    done = bench.append("select 2 as a")
    assert lost
    assert [s.snapshot_id for s in bench.now.snapshots()][1:] == [done.snapshot_id]
    assert bench.read() == [(1,), (2,)]


def test_a_snapshot_on_another_branch_in_between_is_no_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """SeaweedFS refuses our number as a bad request then, not as a conflict."""
    bench.replace("select 1 as a")
    bench.now.manage_snapshots().create_branch(bench.now.current_snapshot().snapshot_id, "aside").commit()
    send, met = commit._send, []

    def beaten(transaction: Any) -> None:
        if not met:
            met.append(1)
            bench.now.append(bench.now.scan().to_arrow(), branch="aside")
        send(transaction)

    monkeypatch.setattr(commit, "_send", beaten)
    assert bench.append("select 2 as a").attempts == 2
    assert bench.read() == [(1,), (2,)]


def test_a_catalog_that_is_away_after_a_lost_answer_is_asked_until_it_is_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.replace("select 1 as a")
    send, load, away = commit._send, commit._load, [1, 2, 3]

    def answer_lost(transaction: Any) -> None:
        send(transaction)
        monkeypatch.setattr(commit, "_load", not_there)
        raise requests.ReadTimeout("no answer")

    def not_there(catalog: Any, name: TableName) -> Any:
        if away:
            away.pop()
            raise requests.ConnectionError("refused")
        return load(catalog, name)

    monkeypatch.setattr(commit, "_send", answer_lost)
    done = bench.append("select 2 as a")
    assert not away
    assert [s.snapshot_id for s in bench.now.snapshots()][1:] == [done.snapshot_id]
    assert bench.read() == [(1,), (2,)]


def test_an_outcome_that_nobody_can_tell_is_no_conflict_and_costs_no_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.replace("select 1 as a")
    send, load = commit._send, commit._load

    def answer_lost(transaction: Any) -> None:
        send(transaction)
        monkeypatch.setattr(commit, "_load", gone)
        raise requests.ConnectionError("reset")

    def gone(catalog: Any, name: TableName) -> Any:
        raise requests.ConnectionError("refused")

    monkeypatch.setattr(commit, "_send", answer_lost)
    monkeypatch.setattr(commit, "_LONGEST_WAIT_S", 0.0)
    with pytest.raises(CommitUnknown, match="is not known"):
        bench.append("select 2 as a")
    monkeypatch.setattr(commit, "_load", load)
    assert bench.read() == [(1,), (2,)]


def test_a_write_that_never_gets_through_gives_up_and_leaves_no_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.replace("select 1 as a")
    written: list[str] = []
    write_files = commit.write_files

    def remembered(*args: Any, **kwargs: Any) -> Any:
        files = write_files(*args, **kwargs)
        written.extend(file.file_path for file in files)
        return files

    def refused(transaction: Any) -> None:
        raise CommitFailedException("somebody was faster")

    monkeypatch.setattr(commit, "write_files", remembered)
    monkeypatch.setattr(commit, "_send", refused)
    monkeypatch.setattr(commit, "_LONGEST_WAIT_S", 0.0)
    with pytest.raises(CommitConflict):
        bench.replace("select 2 as a")
    assert len(written) == 1
    assert not bench.now.io.new_input(written[0]).exists()
    assert bench.read() == [(1,)]


def test_an_append_meeting_a_replace_loses_no_row(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.replace("select 1 as a")
    send, met = commit._send, []

    def beaten(transaction: Any) -> None:
        if not met:
            met.append(1)
            monkeypatch.setattr(commit, "_send", send)
            bench.replace("select 7 as a, 8 as b")
        send(transaction)

    monkeypatch.setattr(commit, "_send", beaten)
    done = bench.append("select 2 as a")
    assert done.attempts == 2
    assert bench.read() == [(2, None), (7, 8)]


def _race(lakehouse: dict[str, Any], name: TableName, me: int, times: int, state_dir: str) -> None:
    from lakehouse import unpacked

    endpoints = unpacked(lakehouse)
    catalog = open_catalog(endpoints)
    duck = duckdb.connect()
    for number in range(times):
        duck.execute(f"create or replace table r as select {me} as who, {number} as n from range({number + 1})")
        rows, intent = StagedRows(duck.cursor(), "r", settings()), Intent(summary={"by": f"{me}/{number}"})
        written = False
        while not written:
            with suppress(CommitConflict):  # the others were quicker each time, and nothing was written
                commit.replace(catalog, name, rows, intent)
                written = True


def test_four_processes_replacing_six_times_each_make_one_chain_of_24(
    bench: Bench, lakehouse: Endpoints, tmp_path: Any
) -> None:
    from lakehouse import packed

    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_race, args=(packed(lakehouse), bench.name, me, 6, str(tmp_path))) for me in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE_S)
        assert writer.exitcode == 0
    now, chain = bench.now, []
    snapshot = now.current_snapshot()
    while snapshot is not None:
        assert snapshot.summary is not None
        by = snapshot.summary.additional_properties["by"]
        chain.append(by)
        held = now.scan(snapshot_id=snapshot.snapshot_id).to_arrow().num_rows
        assert held == int(by.split("/")[1]) + 1, (snapshot, now.schemas())
        parent = snapshot.parent_snapshot_id
        snapshot = now.snapshot_by_id(parent) if parent is not None else None
    assert sorted(chain) == sorted(f"{me}/{number}" for me in range(4) for number in range(6))
