"""Statements in processes of their own, on the real catalog: pages, an end whatever they do, and writing."""

from __future__ import annotations

import os
import resource
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.apart import process as module
from floe_bench.adapters.computes.apart.process import QueryProcesses
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.querying.typed import Typed
from floe_bench.core.querying.verbs import LocalQuerying
from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.errors import Cancelled, QueryFailed, UsageError, WriteRefused
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.stack import Endpoints
from tests.contracts.workbench import PATIENCE_S, children, eventually

LONG = "select count(*) from range(100000000) a, range(100000) b where hash(a.range + b.range) = 1"
BIG = "select i, 'row ' || i as word from range(1_000_000) t(i)"


class Bench:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self.folder, self.reader = folder, RestCatalogReader(endpoints)
        self.duck = DuckDBCompute(endpoints, state_dir=folder)
        self.session: Catalog = open_catalog(endpoints)
        self.typed = Typed(folder / "typed.txt")
        self.verbs = LocalQuerying(
            self, history=folder / "queries.jsonl", tables=self.reader.tables, wrote=self.typed.add
        )
        self.undo = UndoVerbs(
            self, Records(folder / "undo"), assets=lambda: (), changed=lambda: None, typed=self.typed.ids
        )

    def catalog(self) -> Any:
        return self.reader

    def compute(self) -> Any:
        return self.duck

    def orchestrator(self, *, parsed: bool = True) -> Any:
        return self

    def runs(self, limit: int) -> tuple[()]:
        return ()

    def snapshot_links(self) -> dict[int, tuple[str, str]]:
        return {}


@pytest.fixture
def bench(endpoints: Endpoints, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path)
    yield bench
    bench.reader.close()
    bench.duck.close()
    assert not processes(), "a query process outlived its compute"


@pytest.fixture
def orders(bench: Bench) -> str:
    namespace = f"a{secrets.token_hex(4)}"
    bench.session.create_namespace(namespace)
    rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "word": ["a", "b", None]})
    bench.session.create_table((namespace, "orders"), rows.schema).append(rows)
    return f"{namespace}.orders"


def processes() -> list[psutil.Process]:
    return children("apart.program")


def ids(answer: QueryAnswer) -> list[object]:
    return [row[0] for row in answer.rows]


def when_it_works(process: psutil.Process) -> None:
    """It is in the middle of its statement: it takes time of the processor."""
    before = sum(process.cpu_times()[:2])
    assert eventually(lambda: sum(process.cpu_times()[:2]) > before + 0.5)


def asking_long(bench: Bench, cancelled: threading.Event) -> tuple[threading.Thread, list[object]]:
    said: list[object] = []

    def ask() -> None:
        try:
            said.append(bench.verbs.open(LONG, cancelled=cancelled.is_set))
        except (QueryFailed, Cancelled) as error:
            said.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert eventually(lambda: len(processes()) == 1)
    when_it_works(processes()[0])
    return thread, said


def test_an_engine_that_holds_more_files_than_select_can_count_answers_as_ever(bench: Bench) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096 if hard == resource.RLIM_INFINITY else min(4096, hard), hard))
    try:
        with ExitStack() as held:
            for _ in range(1100):
                held.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            page = bench.verbs.open("select 42")
            bench.verbs.close(page.query_id)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert ids(page.answer) == [42]


def test_a_big_result_comes_page_by_page_and_none_is_lost(bench: Bench) -> None:
    page = bench.verbs.open(BIG, limit=1000)
    assert (page.answer.columns, page.answer.truncated, page.answer.types) == (
        ("i", "word"),
        True,
        ("BIGINT", "VARCHAR"),
    )
    second = bench.verbs.more(page.query_id, limit=2)
    assert ids(page.answer) == list(range(1000)) and ids(second.answer) == [1000, 1001] and second.answer.truncated
    rest = bench.verbs.more(page.query_id, limit=2_000_000)
    assert (len(rest.answer.rows), rest.answer.rows[-1]) == (998_998, (999_999, "row 999999"))
    assert not rest.answer.truncated
    with pytest.raises(QueryFailed, match="not open"):
        bench.verbs.more(page.query_id)


def test_several_results_are_open_side_by_side_and_the_oldest_of_many_goes(bench: Bench) -> None:
    pages = [bench.verbs.open(f"select i + {n} from range(100) t(i)", limit=1) for n in range(9)]
    seconds = [ids(bench.verbs.more(page.query_id, limit=1).answer) for page in pages[1:]]
    assert seconds == [[n + 1] for n in range(1, 9)]
    with pytest.raises(QueryFailed):
        bench.verbs.more(pages[0].query_id)
    assert len(processes()) <= 9
    for page in pages:
        bench.verbs.close(page.query_id)
    assert len(processes()) <= 1


def test_a_process_serves_one_statement_after_the_other(bench: Bench, orders: str) -> None:
    assert ids(bench.verbs.open(f"select count(*) from {orders}").answer) == [3]
    (process,) = processes()
    assert ids(bench.verbs.open("select 1").answer) == [1]
    with pytest.raises(QueryFailed, match="nope"):
        bench.verbs.open("select nope")
    assert ids(bench.verbs.open("select 2").answer) == [2]
    assert processes() == [process]


def test_a_statement_that_is_cancelled_ends_and_its_process_serves_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", PATIENCE_S)  # on a busy machine it takes its time to hear
    cancelled = threading.Event()
    thread, said = asking_long(bench, cancelled)
    (process,) = processes()
    cancelled.set()
    thread.join(PATIENCE_S)
    assert isinstance(said[0], Cancelled)
    assert ids(bench.verbs.open("select 1").answer) == [1] and processes() == [process]


def test_a_statement_that_is_cancelled_before_its_process_is_ready_ends_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", PATIENCE_S)
    looks = iter([False])  # the first is before the statement is sent
    with pytest.raises(Cancelled, match=r"cancelled$"):
        bench.verbs.open(LONG, cancelled=lambda: next(looks, True))
    assert ids(bench.verbs.open("select 1").answer) == [1]


def test_one_that_does_not_hear_is_killed_and_the_others_go_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.2)
    other = bench.verbs.open(BIG, limit=1)
    known = set(processes())
    cancelled = threading.Event()
    said: list[object] = []

    def ask() -> None:
        try:
            bench.verbs.open(LONG, cancelled=cancelled.is_set)
        except Cancelled as error:
            said.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert eventually(lambda: set(processes()) - known)
    (deaf,) = set(processes()) - known
    when_it_works(deaf)
    deaf.send_signal(signal.SIGSTOP)
    cancelled.set()
    thread.join(PATIENCE_S)
    assert "killed" in str(said[0]) and not deaf.is_running()
    assert ids(bench.verbs.more(other.query_id, limit=1).answer) == [1]


def test_a_process_that_dies_is_said_and_the_next_statement_has_another(bench: Bench) -> None:
    thread, said = asking_long(bench, threading.Event())
    processes()[0].kill()
    thread.join(PATIENCE_S)
    assert isinstance(said[0], QueryFailed) and "killed by signal 9" in str(said[0])
    assert ids(bench.verbs.open("select 1").answer) == [1]


def test_it_ends_when_whoever_started_it_is_gone(bench: Bench) -> None:
    page = bench.verbs.open(BIG, limit=1)
    (process,) = processes()
    held = next(each for each in bench.duck.apart._busy if each.pid == process.pid)
    assert held._child.stdin is not None
    held._child.stdin.close()  # as the kernel does for an engine that was killed
    assert held._child.wait(PATIENCE_S) == 0
    with pytest.raises(QueryFailed):
        bench.verbs.more(page.query_id)


def test_no_secret_is_in_its_arguments_or_environment(bench: Bench, endpoints: Endpoints) -> None:
    bench.verbs.open(BIG, limit=1)
    (process,) = processes()
    told = " ".join([*process.cmdline(), *process.environ().values()])
    assert endpoints.client_secret.reveal() not in told
    with pytest.raises(QueryFailed) as caught:
        bench.verbs.open(f"select '{endpoints.client_secret.reveal()}' from nowhere.at_all")
    assert endpoints.client_secret.reveal() not in str(caught.value)


def test_the_past_is_asked_in_a_process_too(bench: Bench, orders: str) -> None:
    namespace, name = orders.split(".")
    table = bench.session.load_table((namespace, name))
    first = table.metadata.snapshots[0].snapshot_id
    table.append(pa.table({"id": pa.array([4], pa.int64()), "word": ["d"]}))
    page = bench.verbs.open(f"select id from {orders} order by 1", at=str(first), limit=2)
    assert ids(page.answer) == [1, 2] and page.answer.snapshots == {orders: first}
    assert ids(bench.verbs.more(page.query_id).answer) == [3]
    assert ids(bench.verbs.open(f"select count(*) from {orders}").answer) == [4]


def test_what_explains_shows_times(bench: Bench, orders: str) -> None:
    plan = bench.verbs.open(f"explain analyze select count(*) from {orders}").answer.plan
    assert "ms  in all" in plan and "ICEBERG_SCAN  3 rows" in plan


# Writing


def test_nothing_is_written_unless_it_is_asked_for(bench: Bench, orders: str) -> None:
    for sql in (f"delete from {orders}", f"insert into {orders} values (9, 'x')", f"drop table {orders}"):
        with pytest.raises(WriteRefused):
            bench.verbs.open(sql)
    assert ids(bench.verbs.open(f"select count(*) from {orders}").answer) == [3]


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("insert into {} values (9, 'x')", [1, 2, 3, 9]),
        ("update {} set id = id + 10 where word is null", [1, 2, 13]),
        ("delete from {} where id = 2", [1, 3]),
        ("merge into {} t using (select 3 as id) s on t.id = s.id when matched then delete", [1, 2]),
    ],
)
def test_rows_are_changed_in_the_catalog_and_a_rollback_takes_that_back(
    bench: Bench, orders: str, sql: str, left: list[int]
) -> None:
    before = bench.reader.snapshots(_name(orders))[-1].snapshot_id
    page = bench.verbs.open(sql.format(orders), write=True)
    (written,) = page.written
    assert (written.table, written.before) == (orders, before)
    assert written.after == bench.reader.table(_name(orders)).snapshot_id != before
    count = f"select id from {orders} order by 1"
    assert ids(bench.verbs.open(count).answer) == left
    bench.undo.apply(bench.undo.plan_rollback(orders, before))
    assert ids(bench.verbs.open(count).answer) == [1, 2, 3]


WRITES = ["insert into {} values (9, 'z')", "update {} set word = 'q' where id = 1", "delete from {} where id = 2"]


@pytest.mark.parametrize("sql", WRITES, ids=lambda sql: sql.split()[0])
def test_what_a_statement_wrote_is_ones_own_and_goes_back_without_being_called_somebody_elses(
    bench: Bench, orders: str, sql: str
) -> None:
    before = bench.reader.table(_name(orders)).snapshot_id
    assert before is not None
    (written,) = bench.verbs.open(sql.format(orders), write=True).written
    plan = bench.undo.plan_rollback(orders, before)
    assert plan.others == () and written.after in {each.snapshot_id for each in plan.typed}
    assert Typed(bench.folder / "typed.txt").ids() == bench.typed.ids(), "the next engine knows it, too"
    bench.undo.apply(plan)
    assert ids(bench.verbs.open(f"select id from {orders} order by 1").answer) == [1, 2, 3]


def test_what_somebody_else_wrote_on_top_of_it_is_still_somebody_elses(bench: Bench, orders: str) -> None:
    before = bench.reader.table(_name(orders)).snapshot_id
    assert before is not None
    bench.verbs.open(WRITES[0].format(orders), write=True)
    table = bench.session.load_table(_name(orders).parts)
    table.append(pa.table({"id": pa.array([7], pa.int64()), "word": ["x"]}))
    plan = bench.undo.plan_rollback(orders, before)
    assert [each.snapshot_id for each in plan.others] == [table.metadata.current_snapshot_id]
    assert plan.typed and not any(each.typed for each in plan.others)


def test_what_a_rollback_could_not_take_back_is_refused(bench: Bench, orders: str) -> None:
    namespace = orders.split(".")[0]
    for sql in (
        f"drop table {orders}",
        f"create table {namespace}.t (a int)",
        f"alter table {orders} drop column word",
    ):
        with pytest.raises(WriteRefused, match="INSERT, UPDATE, DELETE"):
            bench.verbs.open(sql, write=True)
    with pytest.raises(WriteRefused, match="past"):
        bench.verbs.open(f"delete from {orders}", at="main", write=True)
    with pytest.raises(UsageError):
        bench.verbs.open(f"delete from {orders}; delete from {orders}", write=True)
    assert ids(bench.verbs.open(f"select count(*) from {orders}", write=True).answer) == [3]


def test_explaining_a_change_changes_nothing(bench: Bench, orders: str) -> None:
    plan = bench.verbs.open(f"explain delete from {orders} where id = 2", write=True)
    assert "DELETE" in plan.answer.rows[0][-1] and plan.written == ()
    with pytest.raises(WriteRefused, match="a DELETE statement"):
        bench.verbs.open(f"explain analyze delete from {orders}", write=True)
    assert ids(bench.verbs.open(f"select id from {orders} order by 1").answer) == [1, 2, 3]


# What was asked, and what can be


def test_what_was_asked_is_kept_with_the_project_each_once_and_newest_first(bench: Bench, orders: str) -> None:
    for sql in ("select 1", "select 2", "select 1 "):
        bench.verbs.open(sql)
    with pytest.raises(QueryFailed):
        bench.verbs.open("select nope")
    again = LocalQuerying(bench, history=bench.folder / "queries.jsonl", tables=bench.reader.tables)
    found = again.asked()
    assert [each.sql.strip() for each in found] == ["select nope", "select 1", "select 2"]
    assert "nope" in found[0].error and not found[1].error
    assert (bench.folder / "queries.jsonl").stat().st_mode & 0o077 == 0
    with (bench.folder / "queries.jsonl").open("ab") as file:
        file.write(b"not json\n")
    assert len(again.asked(limit=2)) == 2


def test_words_are_those_of_the_catalog_and_of_duckdb(bench: Bench, orders: str) -> None:
    words = bench.verbs.words()
    assert orders in words.tables and "date_trunc" in words.functions and "select" in words.keywords
    assert bench.verbs.words((orders, "no.such")).columns == {orders: ("id", "word")}
    assert len(processes()) == 1  # made ready for the first statement


def test_a_closed_compute_starts_nothing(endpoints: Endpoints, tmp_path: Path) -> None:
    apart = QueryProcesses(endpoints, state_dir=tmp_path, memory_limit=None)
    apart.close()
    with pytest.raises(QueryFailed):
        apart.ask("select 1", None, write=False, limit=1, cancelled=lambda: False)


def _name(table: str) -> Any:
    from floe_bench.model.table import TableName

    return TableName.parse(table)
