"""The node journal: written by a run, followed by the engine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.adapters.orchestrators.dagster.journal import FILE, JournalReader, JournalWriter, announce, worker_of
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, NodeStatus
from tests.builders import NOON, node

LINE = LogLine(at=NOON, level="info", source="dbt", text="1 of 3 START é", run_id="r1", node_id="model.shop.a")


def everything(folder: Path) -> list[NodeRun | LogLine]:
    return list(JournalReader(folder).read())


def test_what_is_written_is_read_in_order_and_equal(tmp_path: Path) -> None:
    started = node("a", status=NodeStatus.RUNNING, duration_s=None)
    ended = node("a", rows=3, snapshot_id=8841000000000000001, message="two\nlines", compiled_path="/x/a.sql")
    with JournalWriter(tmp_path) as journal:
        journal.node(started)
        journal.log(LINE)
        journal.node(ended)
    assert everything(tmp_path) == [started, LINE, ended]


def test_each_read_returns_what_is_new(tmp_path: Path) -> None:
    reader = JournalReader(tmp_path)
    assert list(reader.read()) == []
    with JournalWriter(tmp_path) as journal:
        journal.node(node("a"))
        assert [each.name for each in reader.read() if isinstance(each, NodeRun)] == ["a"]
        assert list(reader.read()) == []
        journal.node(node("b"))
        assert [each.name for each in reader.read() if isinstance(each, NodeRun)] == ["b"]
    assert list(reader.nodes) == ["model.shop.a", "model.shop.b"]


def test_a_node_that_starts_after_it_had_ended_is_another_attempt(tmp_path: Path) -> None:
    started, ended = node("a", status=NodeStatus.RUNNING, duration_s=None), node("a", status=NodeStatus.FAILED)
    with JournalWriter(tmp_path) as journal:
        for each in (started, ended, started, ended):
            journal.node(each)
    assert [each.attempt for each in everything(tmp_path) if isinstance(each, NodeRun)] == [1, 1, 2, 2]


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as journal:
        journal.node(node("a"))
        journal.node(replace(node("b"), message="é" * 10))
    whole = (tmp_path / FILE).read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        (tmp_path / FILE).write_bytes(whole[:cut])
        reader = JournalReader(tmp_path)
        assert [each.name for each in reader.read() if isinstance(each, NodeRun)] == ["a"]
        (tmp_path / FILE).write_bytes(whole)
        assert [each.name for each in reader.read() if isinstance(each, NodeRun)] == ["b"]


def test_it_grew_when_there_is_something_that_was_not_looked_at_yet(tmp_path: Path) -> None:
    reader = JournalReader(tmp_path)
    assert not reader.grew()
    with JournalWriter(tmp_path) as journal:
        journal.node(node("a"))
    assert reader.grew()
    list(reader.read())
    assert not reader.grew()
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"node": ')
    assert reader.grew()
    list(reader.read())
    assert not reader.grew(), "half a line is looked at once"


def test_a_killed_writers_half_line_costs_that_line_and_not_what_comes_after(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as journal:
        journal.node(node("a"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"node": {"node_id": "model.sh')
    reader = JournalReader(tmp_path)
    assert len(list(reader.read())) == 1
    with JournalWriter(tmp_path) as journal:
        journal.log(LINE)
    assert list(reader.read()) == [LINE]
    assert everything(tmp_path) == [node("a"), LINE]


@pytest.mark.parametrize("damaged", [b"\0\0\0\0", b"\xff\xfe", b'{"node": {"no": 1}}', b"[]", b'{"log": 3}'])
def test_a_damaged_line_is_passed_over(tmp_path: Path, damaged: bytes) -> None:
    with JournalWriter(tmp_path) as journal:
        journal.node(node("a"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(damaged + b"\n")
    with JournalWriter(tmp_path) as journal:
        journal.node(node("b"))
    assert [each.name for each in everything(tmp_path) if isinstance(each, NodeRun)] == ["a", "b"]


def test_a_killed_writer_loses_nothing_that_it_said(tmp_path: Path) -> None:
    def write_and_die() -> None:
        with JournalWriter(tmp_path) as journal:
            for number in range(100):
                journal.node(node(f"m{number}"))
            os.kill(os.getpid(), signal.SIGKILL)

    child = multiprocessing.get_context("fork").Process(target=write_and_die)
    child.start()
    child.join(20)
    assert child.exitcode == -signal.SIGKILL
    assert len(everything(tmp_path)) == 100


def test_the_worker_is_known_by_id_and_birth(tmp_path: Path) -> None:
    import psutil

    assert worker_of(tmp_path) is None
    announce(tmp_path)
    assert worker_of(tmp_path) == (os.getpid(), psutil.Process().create_time())
