"""What everybody hears, whenever they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import astuple

import pytest

from floe_bench.core.board import Board
from floe_bench.events import (
    AssetsChanged,
    Booted,
    Event,
    Logged,
    NodeChanged,
    PhaseEnded,
    PhaseProgressed,
    PhaseStarted,
    ProblemFound,
    ProblemSolved,
    ProjectOpened,
    RunChanged,
    RunsListed,
    StackChanged,
    TablesChanged,
)
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeStatus, RunStatus
from floe_bench.model.stack import StackState, StackStatus
from floe_bench.state import BenchState, reduce
from tests.builders import NOON, after, asset, node, run, table


def said(text: str, **changes: str) -> Logged:
    return Logged((LogLine(at=NOON, level="info", source="dbt", text=text, **changes),))


R1, R2 = "r1", "r2"
LIFE: tuple[Event, ...] = (
    ProjectOpened("shop", "/shop", "shop"),
    PhaseStarted("object store", "Start", NOON),
    PhaseEnded("object store", 1.5, "127.0.0.1:1"),
    PhaseStarted("dbt", "dbt project", after(2)),
    PhaseEnded("dbt", 1.0, error="broken", remedy="mend it"),
    PhaseStarted("write and read", "Write", after(3)),
    PhaseProgressed("write and read", "1 of 2"),
    StackChanged(StackStatus("embedded", StackState.READY)),
    RunsListed((run(R1, nodes=(node("a"), node("b"))),)),
    AssetsChanged((asset("shop/a"), asset("shop/b"))),
    TablesChanged((table("shop.a"),)),
    ProblemFound("dbt project", "it is broken", "mend it", "models/a.sql:3"),
    ProblemFound("catalog", "away"),
    ProblemSolved("catalog"),
    Booted(False, 4.0),
    RunChanged(run(R2, status=RunStatus.RUNNING, queued_at=after(9), ended_at=None)),
    NodeChanged(R2, node("a", status=NodeStatus.RUNNING)),
    said("hello"),
    NodeChanged(R2, node("a")),
)


def told(*events: Event, board: Board | None = None) -> Board:
    board = board or Board()
    for event in events:
        board.emit(event)
    return board


def heard(board: Board) -> list[Event]:
    """All that is known, without waiting for more."""
    return list(board.events(lambda: True))


def folded(events: Iterable[Event]) -> BenchState:
    state = BenchState()
    for event in events:
        state = reduce(state, event)
    return state


def plain(state: BenchState) -> tuple[object, ...]:
    return tuple(getattr(state, name) for name in BenchState.__slots__)


@pytest.mark.parametrize("length", range(1, len(LIFE) + 1))
def test_whoever_comes_late_ends_up_with_the_same_state(length: int) -> None:
    board = told(*LIFE[:length])
    assert plain(folded(heard(board))) == plain(board.state)


def test_a_replay_has_the_log_lines_too() -> None:
    assert said("hello").lines[0] in [
        line for event in heard(told(*LIFE)) if isinstance(event, Logged) for line in event.lines
    ]


def test_only_the_newest_log_lines_are_kept() -> None:
    board = told(*(said(str(number)) for number in range(700)))
    (found,) = [event for event in heard(board) if isinstance(event, Logged)]
    assert [line.text for line in found.lines] == [str(number) for number in range(200, 700)]


def test_readers_hear_everything_once_and_in_order_from_wherever_they_come() -> None:
    board = Board()
    heard_by: list[list[str]] = [[] for _ in range(4)]

    def read(mine: list[str]) -> None:
        for event in board.events():
            assert isinstance(event, Logged)
            mine.extend(line.text for line in event.lines)

    readers = []
    for number in range(400):
        if number % 100 == 0:
            readers.append(threading.Thread(target=read, args=(heard_by[number // 100],)))
            readers[-1].start()
        board.emit(said(str(number)))
    # A reader that came between two events has both: one as the past, one as news.
    deadline = time.monotonic() + 20
    while any(len(mine) < 400 for mine in heard_by) and time.monotonic() < deadline:
        time.sleep(0.01)
    board.close()
    for reader in readers:
        reader.join(5)
    assert all(mine == [str(number) for number in range(400)] for mine in heard_by)


def test_a_slow_reader_holds_up_nobody_and_loses_nothing() -> None:
    board = told(said("past"))
    slow: Iterator[Event] = board.events()
    assert isinstance(next(slow), Logged)
    start = time.monotonic()
    for number in range(20_000):
        board.emit(said(str(number)))
    assert time.monotonic() - start < 10
    later = [event for _, event in zip(range(20_000), slow, strict=False)]
    assert [event.lines[0].text for event in later if isinstance(event, Logged)] == [str(n) for n in range(20_000)]


def test_a_closed_board_ends_every_reader_also_one_that_comes_later() -> None:
    board = told(LIFE[0])
    reader = board.events()
    assert next(reader) == LIFE[0]
    board.close()
    assert list(reader) == []
    late: list[list[Event]] = []
    thread = threading.Thread(target=lambda: late.append(list(board.events())), daemon=True)
    thread.start()
    thread.join(5)
    assert late == [[LIFE[0]]]


def test_a_reader_that_left_is_forgotten() -> None:
    board = Board()
    heard(board)
    assert board._readers == []


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "event",
    [
        said(f"password {SECRET}"),
        NodeChanged(R1, node(message=f"cannot log in with {SECRET}")),
        RunChanged(run(error=f"died of {SECRET}")),
        RunsListed((run(error=SECRET, nodes=(node(message=SECRET),)),)),
        PhaseEnded("dbt", 1.0, detail=SECRET, error=f"no {SECRET}"),
        ProblemFound("stack", f"no {SECRET}"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_event_carries_a_secret(event: Event) -> None:
    board = Board(lambda text: text.replace(SECRET, "*****"))
    live = board.events()
    board.emit(PhaseStarted("dbt", "dbt project", NOON))
    assert next(live)
    board.emit(event)
    for found in (next(live), *heard(board)):
        assert SECRET not in str(astuple(found))
    assert SECRET not in str(plain(board.state))
