"""Reading rows, against the real server."""

from __future__ import annotations

import gc
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table as IcebergTable
from pyiceberg.types import StringType

from floe_bench.adapters.computes import reader as module
from floe_bench.adapters.computes.apart import reading_process
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.computes.reader import DuckDBReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import AccessDenied, Cancelled, CatalogUnreachable, QueryFailed, UsageError, WriteRefused
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.secret import Secret
from floe_bench.model.snapshot import RowChange, Sample
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts.workbench import PATIENCE_S, children, eventually

Rows = dict[str, list[object]]


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def compute(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBCompute]:
    compute = DuckDBCompute(endpoints, state_dir=tmp_path_factory.mktemp("compute"))
    yield compute
    compute.close()


@pytest.fixture(scope="module")
def reader(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> DuckDBReader:
    """In this process, where a test can reach into it."""
    return DuckDBReader(endpoints, state_dir=tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture
def name(catalog: Catalog) -> TableName:
    namespace = f"c{secrets.token_hex(4)}"
    catalog.create_namespace(namespace)
    return TableName((namespace,), "orders")


def table_of(catalog: Catalog, name: TableName, *versions: Rows) -> IcebergTable:
    """A table that held each of ``versions`` in turn."""
    data = [pa.table(rows) for rows in versions]
    table = catalog.create_table(name.parts, data[0].schema)
    for number, rows in enumerate(data):
        if number:
            table.delete()
        table.append(rows)
    return table


def ids(table: IcebergTable) -> list[int]:
    """The snapshots at which a version was whole."""
    return [
        found.snapshot_id for found in table.snapshots() if found.summary and found.summary.operation.value == "append"
    ]


def ask(compute: DuckDBCompute | DuckDBReader, sql: str, *, limit: int = 100) -> QueryAnswer:
    return compute.query(sql, limit=limit, cancelled=never)


def compare(
    compute: DuckDBCompute,
    name: TableName,
    before: int | None,
    after: int,
    *,
    key: tuple[str, ...] = (),
    limit: int = 10,
) -> tuple[RowChange, tuple[Sample, ...]]:
    """By name and whole; what each column adds to it is left to the tests of that."""
    change, samples = compute.row_change(name, before, after, key=key, limit=limit, cancelled=never)
    return replace(change, columns={}), samples


# ── query ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tables_are_named_as_in_the_catalog(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    table_of(catalog, name, {"n": [1, 2], "s": ["x", None]})
    answer = ask(compute, f"select * from {name} order by n")
    assert answer.columns == ("n", "s")
    assert answer.types == ("BIGINT", "VARCHAR")
    assert answer.rows == ((1, "x"), (2, None))
    assert not answer.truncated
    assert answer.duration_s > 0
    assert ask(compute, f"select count(*) from lake.{name}").rows == ((2,),)


def test_a_nested_namespace_is_one_quoted_name(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    deep = TableName((name.namespace[0], "inner"), "orders")
    catalog.create_namespace(deep.namespace)
    table_of(catalog, deep, {"n": [1, 2, 3]})
    assert ask(compute, f'select count(*) from "{name.namespace[0]}.inner".orders').rows == ((3,),)
    assert compute.count(deep) == 3


def test_the_limit_cuts_and_says_so(compute: DuckDBCompute) -> None:
    cut = ask(compute, "select * from range(11)", limit=10)
    assert (len(cut.rows), cut.truncated) == (10, True)
    whole = ask(compute, "select * from range(10)", limit=10)
    assert (len(whole.rows), whole.truncated) == (10, False)


def test_what_others_commit_is_seen_by_the_next_call(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    table = table_of(catalog, name, {"n": [1]})
    assert compute.count(name) == 1
    table.append(pa.table({"n": [2, 3]}))
    assert compute.count(name) == 3
    assert ask(compute, f"select max(n) from {name}").rows == ((3,),)


def test_names_resolve_after_listing_and_in_namespaces_made_later(
    compute: DuckDBCompute, catalog: Catalog, name: TableName
) -> None:
    table_of(catalog, name, {"n": [1]})
    with pytest.raises(QueryFailed):
        ask(compute, "select * from nowhere.nothing")
    assert (name.namespace[0], "orders") in {row[1:3] for row in ask(compute, "show all tables", limit=10_000).rows}
    later = TableName((f"later{secrets.token_hex(4)}",), "orders")
    catalog.create_namespace(later.namespace)
    table_of(catalog, later, {"n": [1, 2]})
    assert ask(compute, f"select count(*) from {later}").rows == ((2,),)
    assert ask(compute, f"select count(*) from {name}").rows == ((1,),)


def test_names_resolve_when_the_namespace_first_seen_is_dropped(
    endpoints: Endpoints, catalog: Catalog, name: TableName, tmp_path: Path
) -> None:
    compute = DuckDBCompute(endpoints, state_dir=tmp_path)
    first = "a" * 8 + secrets.token_hex(4)
    catalog.create_namespace(first)
    table_of(catalog, name, {"n": [1]})
    assert ask(compute, f"select count(*) from {name}").rows == ((1,),)
    catalog.drop_namespace(first)
    ask(compute, "show all tables")
    assert ask(compute, f"select count(*) from {name}").rows == ((1,),)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into {t} values (9)",
        "update {t} set n = 9",
        "delete from {t}",
        "merge into {t} using (select 1 as n) s on {t}.n = s.n when matched then delete",
        "create table {ns}.made as select 1 as n",
        "alter table {t} add column m int",
        "drop table {t}",
        "explain analyze insert into {t} values (9)",
        "select * from set_iceberg_table_properties(lake.{t}, {{'a': 'b'}})",
        "copy (select 1) to '{file}'",
        "explain analyze copy (select 1) to '{file}'",
    ],
)
def test_no_statement_writes(
    compute: DuckDBCompute, catalog: Catalog, name: TableName, *, tmp_path: Path, sql: str
) -> None:
    table = table_of(catalog, name, {"n": [1]})
    with pytest.raises(WriteRefused) as caught:
        ask(compute, sql.format(t=name, ns=name.namespace[0], file=tmp_path / "out.csv"))
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []
    after = catalog.load_table(name.parts)
    assert after.metadata == table.refresh().metadata
    assert len(after.snapshots()) == 1
    assert catalog.list_tables(name.namespace) == [name.parts]


def test_even_past_the_guard_the_catalog_is_read_only(
    reader: DuckDBReader, catalog: Catalog, name: TableName, monkeypatch: pytest.MonkeyPatch
) -> None:
    table_of(catalog, name, {"n": [1]})
    monkeypatch.setattr(module, "reading", lambda connection, sql: connection.extract_statements(sql)[0])
    with pytest.raises(WriteRefused, match="read-only"):
        ask(reader, f"insert into {name} values (2)")
    assert reader.count(name) == 1


def test_an_error_is_the_engines_own_message(compute: DuckDBCompute) -> None:
    with pytest.raises(QueryFailed, match='syntax error at or near "selec"'):
        ask(compute, "selec 1")
    with pytest.raises(QueryFailed, match="Conversion Error"):
        ask(compute, "select 'x'::int")


def test_variables_of_this_program_are_no_tables(reader: DuckDBReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "stray", pa.table({"n": [1]}), raising=False)
    with pytest.raises(QueryFailed, match="stray"):
        ask(reader, "select * from stray")


def test_keys_cannot_be_read_back(compute: DuckDBCompute, endpoints: Endpoints) -> None:
    answer = ask(compute, "select * from duckdb_secrets()")
    ours = {row[0] for row in answer.rows if not str(row[0]).startswith("__internal")}
    assert ours == {"lake_catalog"} | ({"lake_s3"} if endpoints.s3_access_key else set())
    lent = [str(row) for row in answer.rows if str(row[0]).startswith("__internal")]
    assert all("secret=redacted" in row and "session_token=redacted" in row for row in lent)
    for key in (endpoints.client_id, endpoints.client_secret):
        assert key.reveal() not in repr(answer)
        with pytest.raises(QueryFailed) as caught:
            ask(compute, f"select '{key.reveal()}' as")
        assert key.reveal() not in str(caught.value)


def test_a_long_query_is_cancelled_and_its_process_lives(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go on for hours; a process that does not hear it is killed in time, which is none of this."""
    monkeypatch.setattr(reading_process, "_PATIENCE_S", PATIENCE_S)
    before = set(readers())
    with closing(DuckDBCompute(endpoints, state_dir=tmp_path)) as compute:
        assert ask(compute, "select 1").rows == ((1,),)
        (mine,) = set(readers()) - before
        spent = sum(mine.cpu_times()[:2])
        with pytest.raises(Cancelled, match=r"cancelled$"):
            compute.query(
                "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3",
                limit=1,
                cancelled=lambda: sum(mine.cpu_times()[:2]) > spent + 0.2,
            )
        assert ask(compute, "select 1").rows == ((1,),)
        assert set(readers()) - before == {mine}


def test_what_was_cancelled_before_is_not_started(compute: DuckDBCompute) -> None:
    with pytest.raises(Cancelled):
        compute.query("select 1", limit=1, cancelled=lambda: True)


def test_cancelling_one_query_leaves_the_others(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    table_of(catalog, name, {"n": list(range(50))})
    flag = threading.Event()

    def long() -> object:
        return compute.query("select count(*) from range(100000000) a, range(100000) b", limit=1, cancelled=flag.is_set)

    with ThreadPoolExecutor(6) as pool:
        cancelled = pool.submit(long)
        counts = [pool.submit(compute.count, name) for _ in range(20)]
        assert {count.result() for count in counts} == {50}
        flag.set()
        with pytest.raises(Cancelled):
            cancelled.result()


def test_more_than_the_memory_limit_is_spilled_and_cleaned_up(endpoints: Endpoints, tmp_path: Path) -> None:
    compute = DuckDBCompute(endpoints, state_dir=tmp_path, memory_limit="150MB")
    stale = tmp_path / "duckdb" / "spill" / "999999999"
    stale.mkdir(parents=True)
    wide = "select count(*) from (select distinct range, md5(range::varchar) from range(4000000))"
    assert ask(compute, wide).rows == ((4_000_000,),)
    assert not stale.exists()


# ── count ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_duckdb_and_pyiceberg_agree_on_counts(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    table = table_of(catalog, name, {"n": list(range(100))})
    table.append(pa.table({"n": list(range(40))}))
    table.delete("n < 10")
    for snapshot in table.snapshots():
        expected = table.scan(snapshot_id=snapshot.snapshot_id).to_arrow().num_rows
        assert compute.count(name, snapshot.snapshot_id) == expected
    assert compute.count(name) == 120


def test_a_table_without_snapshot_has_no_rows(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
    assert compute.count(name) == 0


# ── row change ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_key_rows_are_a_multiset(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    old: Rows = {"n": [1, 1, 2, None, 5], "s": ["a", "a", "b", None, "e"]}
    new: Rows = {"n": [1, 2, 2, None, 5], "s": ["a", "b", "b", None, "x"]}
    first, second = ids(table_of(catalog, name, old, new))

    change, samples = compare(compute, name, first, second)

    assert change == RowChange(added=2, removed=2, changed=0, key=())
    assert set(map(repr, samples)) == {
        repr(Sample("added", {"n": 2, "s": "b"})),
        repr(Sample("added", {"n": 5, "s": "x"})),
        repr(Sample("removed", {"n": 1, "s": "a"})),
        repr(Sample("removed", {"n": 5, "s": "e"})),
    }
    assert compare(compute, name, first, first) == (RowChange(), ())


def test_with_a_key_rows_are_paired(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    old: Rows = {"id": [1, 2, 3, None], "s": ["a", "b", None, "n"]}
    new: Rows = {"id": [1, 2, 4, None], "s": ["a", "B", None, "N"]}
    first, second = ids(table_of(catalog, name, old, new))

    change, samples = compare(compute, name, first, second, key=("id",))

    assert change == RowChange(added=1, removed=1, changed=2, key=("id",))
    assert samples == (
        Sample("added", {"id": 4, "s": None}),
        Sample("removed", {"id": 3, "s": None}),
        Sample("changed", {"id": 2, "s": "B"}, {"id": 2, "s": "b"}),
        Sample("changed", {"id": None, "s": "N"}, {"id": None, "s": "n"}),
    )


def test_a_key_of_several_columns_pairs_rows(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    old: Rows = {"a": [1, 1, 2], "b": ["x", "y", "x"], "v": [1, 2, 3]}
    new: Rows = {"a": [1, 1, 2], "b": ["x", "y", "x"], "v": [1, 20, 3]}
    first, second = ids(table_of(catalog, name, old, new))
    change, _ = compare(compute, name, first, second, key=("a", "b"))
    assert change == RowChange(changed=1, key=("a", "b"))


def test_samples_are_limited_for_each_kind_and_counts_are_not(
    compute: DuckDBCompute, catalog: Catalog, name: TableName
) -> None:
    old: Rows = {"id": list(range(100)), "v": [0] * 100}
    new: Rows = {"id": list(range(50, 150)), "v": [0] * 25 + [1] * 75}
    first, second = ids(table_of(catalog, name, old, new))
    change, samples = compare(compute, name, first, second, key=("id",), limit=3)
    assert change == RowChange(added=50, removed=50, changed=25, key=("id",))
    assert [(sample.change, sample.row["id"]) for sample in samples] == [
        *(("added", number) for number in (100, 101, 102)),
        *(("removed", number) for number in (0, 1, 2)),
        *(("changed", number) for number in (75, 76, 77)),
    ]
    assert compare(compute, name, first, second, key=("id",), limit=0) == (change, ())


@pytest.mark.parametrize("key", [(), ("n",)])
def test_before_the_first_write_every_row_is_added(
    compute: DuckDBCompute, catalog: Catalog, name: TableName, key: tuple[str, ...]
) -> None:
    (only,) = ids(table_of(catalog, name, {"n": [3, 1, 2]}))
    change, samples = compare(compute, name, None, only, key=key, limit=2)
    assert change == RowChange(added=3, key=key)
    assert samples == (Sample("added", {"n": 1}), Sample("added", {"n": 2}))


def test_a_key_that_is_not_unique_is_refused_with_an_example(
    compute: DuckDBCompute, catalog: Catalog, name: TableName
) -> None:
    first, second = ids(table_of(catalog, name, {"id": [1, 2]}, {"id": [1, 7, 7]}))
    with pytest.raises(QueryFailed, match="not unique after: 2 rows have id = 7"):
        compare(compute, name, first, second, key=("id",))


def test_a_key_column_that_is_not_there_is_refused(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    (only,) = ids(table_of(catalog, name, {"id": [1]}))
    with pytest.raises(UsageError, match="'nope'") as caught:
        compare(compute, name, only, only, key=("nope",))
    assert "id" in caught.value.remedy


def test_evolved_schemas_are_compared_over_the_columns_they_share(
    compute: DuckDBCompute, catalog: Catalog, name: TableName
) -> None:
    table = catalog.create_table(name.parts, pa.schema([("id", pa.int64()), ("s", pa.string()), ("gone", pa.string())]))
    table.append(pa.table({"id": [1, 2], "s": ["a", "b"], "gone": ["g", "g"]}))
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column("gone")
        update.add_column("fresh", StringType())
    table.overwrite(pa.table({"id": [1, 2], "s": ["a", "B"], "fresh": ["f", "f"]}))
    first, second = ids(table)
    keyed, samples = compare(compute, name, first, second, key=("id",))
    assert keyed == RowChange(changed=1, key=("id",))
    assert samples == (Sample("changed", {"id": 2, "s": "B"}, {"id": 2, "s": "b"}),)
    whole, _ = compare(compute, name, first, second)
    assert whole == RowChange(added=1, removed=1)


def test_odd_names_and_nested_values_are_compared(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    old: Rows = {'we"ird': [1, 2], "it's": [[1, 2], None], "select": [{"a": 1}, {"a": None}]}
    new: Rows = {'we"ird': [1, 2], "it's": [[1, 3], None], "select": [{"a": 1}, {"a": 4}]}
    first, second = ids(table_of(catalog, name, old, new))
    change, samples = compare(compute, name, first, second, key=('we"ird',))
    assert change.changed == 2
    assert samples[0].row == {'we"ird': 1, "it's": [1, 3], "select": {"a": 1}}
    assert samples[0].before == {'we"ird': 1, "it's": [1, 2], "select": {"a": 1}}
    assert compare(compute, name, first, second)[0] == RowChange(added=2, removed=2)


def test_comparing_can_be_cancelled(compute: DuckDBCompute, catalog: Catalog, name: TableName) -> None:
    (only,) = ids(table_of(catalog, name, {"n": [1]}))
    with pytest.raises(Cancelled):
        compute.row_change(name, None, only, key=(), limit=1, cancelled=lambda: True)


# ── when DuckDB ends its process ──────────────────────────────────────────────────────────────────────────────────────


def damaged(catalog: Catalog, name: TableName, damage: str) -> None:
    table = table_of(catalog, name, {"n": [1]})
    snapshot = table.current_snapshot()
    assert snapshot is not None
    path = snapshot.manifests(table.io)[0].manifest_path
    raw = table.io.new_input(path).open().read()
    table.io.delete(path)
    if damage != "gone":
        with table.io.new_output(path).create(overwrite=True) as out:
            out.write(b"tea" * 50 if damage == "no Avro" else raw[: len(raw) // 2])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("gone", "not in the object store|did not go on|its process was killed"),
        ("no Avro", "magic number"),
        ("cut short", "Cannot read"),
    ],
)
def test_a_damaged_manifest_fails_who_reads_it_and_nobody_else(
    compute: DuckDBCompute,
    catalog: Catalog,
    name: TableName,
    damage: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Over a file that is gone DuckDB waits for itself on SeaweedFS in a container, at rest or running in a circle.
    monkeypatch.setattr(reading_process, "_STILL_S", 15.0)
    give_up_at = time.monotonic() + (45 if damage == "gone" else PATIENCE_S)
    damaged(catalog, name, damage)
    other = TableName(name.namespace, "whole")
    table_of(catalog, other, {"n": list(range(30))})
    with ThreadPoolExecutor(6) as pool:
        counts = [pool.submit(compute.count, other) for _ in range(6)]
        asked = partial(compute.rows, name, None, offset=0, limit=1)
        broken = pool.submit(asked, cancelled=lambda: time.monotonic() > give_up_at)
        counts += [pool.submit(compute.count, other) for _ in range(6)]
        assert {count.result() for count in counts} == {30}
        with pytest.raises((QueryFailed, Cancelled) if damage == "gone" else QueryFailed, match=said):
            broken.result()
    catalog.drop_table(name.parts)


def readers() -> list[psutil.Process]:
    return children("reading_program")


def test_a_call_whose_process_is_killed_is_made_again(endpoints: Endpoints, tmp_path: Path) -> None:
    before = set(readers())
    with closing(DuckDBCompute(endpoints, state_dir=tmp_path)) as compute:
        assert ask(compute, "select 1").rows == ((1,),)
        (mine,) = set(readers()) - before
        with ThreadPoolExecutor(1) as pool:
            spent = sum(mine.cpu_times()[:2])
            long = "select count(*) from range(30000) a, range(30000) b where hash(a.range + b.range) <> 1"
            answer = pool.submit(ask, compute, long)
            assert eventually(lambda: sum(mine.cpu_times()[:2]) > spent + 0.1)
            mine.kill()
            assert answer.result().rows == ((900_000_000,),)
    assert set(readers()) <= before


def test_nothing_is_left_of_a_compute_that_is_closed_or_forgotten(endpoints: Endpoints, tmp_path: Path) -> None:
    before = set(readers())
    compute = DuckDBCompute(endpoints, state_dir=tmp_path)
    ask(compute, "select 1")
    assert set(readers()) - before
    compute.close()
    assert set(readers()) <= before
    with pytest.raises(QueryFailed, match="down"):
        ask(compute, "select 1")
    forgotten = DuckDBCompute(endpoints, state_dir=tmp_path)
    ask(forgotten, "select 1")
    del forgotten
    gc.collect()
    assert set(readers()) <= before


# ── when the catalog is not there ─────────────────────────────────────────────────────────────────────────────────────


def test_it_goes_on_after_a_restart_of_the_stack(tmp_path: Path) -> None:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path)
    try:
        endpoints = stack.up(lambda event: None, never)
        catalog = open_catalog(endpoints)
        catalog.create_namespace("shop")
        table_of(catalog, TableName.parse("shop.orders"), {"n": [1, 2]})
        compute = DuckDBCompute(endpoints, state_dir=tmp_path)
        assert compute.count(TableName.parse("shop.orders")) == 2
        stack.down()
        with pytest.raises((CatalogUnreachable, QueryFailed)):
            compute.count(TableName.parse("shop.orders"))
        stack.up(lambda event: None, never)
        assert compute.count(TableName.parse("shop.orders")) == 2
    finally:
        stack.down()


def test_no_answer_is_retryable_and_shows_no_key(endpoints: Endpoints, tmp_path: Path) -> None:
    nobody = replace(endpoints, catalog_uri="http://127.0.0.1:9", token_uri="http://127.0.0.1:9/v1/oauth/tokens")
    with pytest.raises(CatalogUnreachable) as caught:
        ask(DuckDBCompute(nobody, state_dir=tmp_path), "select 1")
    assert caught.value.retryable
    assert endpoints.client_secret.reveal() not in repr(caught.value.__dict__) + str(caught.value)


def test_wrong_keys_are_refused_without_showing_them(endpoints: Endpoints, tmp_path: Path) -> None:
    wrong = replace(endpoints, client_secret=Secret("not-the-secret-at-all"))
    with pytest.raises(AccessDenied) as caught:
        ask(DuckDBCompute(wrong, state_dir=tmp_path), "select 1")
    assert "not-the-secret-at-all" not in str(caught.value)
    assert caught.value.__cause__ is None
