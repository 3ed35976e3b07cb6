"""A bench client that plays a script: what is now, then what the test tells it to say.

It answers every read from plain data and records every verb, and keeps the promises of ``BenchClient``: the stream ends
quietly after ``close``, and with ``EngineError`` when the engine is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event as Flag
from typing import Any

from floe_bench.errors import BenchError, Cancelled, EngineError, NoSuchNode, NoSuchTable
from floe_bench.events import Event
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding
from floe_bench.model.reset import Reset
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackState, StackStatus
from floe_bench.model.table import Table
from floe_bench.model.undo import Undo, UndoPlan, UndoState
from tests.fake_checks import FakeChecks
from tests.fake_console import FakeConsole
from tests.fake_rehearsing import FakeRehearsing
from tests.fake_stepping import FakeStepping
from tests.fake_views import FakeViews


@dataclass
class ScriptedUndo:
    """Answers with ``plan``, or raises it; keeps what it was asked and what it was told to carry out."""

    plan_made: UndoPlan | BenchError | None = None
    asked: list[tuple[str | None, str | None, bool] | str] = field(default_factory=list)
    applied: list[UndoPlan] = field(default_factory=list)

    def plan(self, asset: str | None = None, run_id: str | None = None, downstream: bool = False) -> UndoPlan:
        self.asked.append((asset, run_id, downstream))
        return self._answer()

    def plan_rollback(self, table: str, snapshot_id: int) -> UndoPlan:
        self.asked.append(f"{table} to {snapshot_id}")
        return self._answer()

    def plan_redo(self, undo_id: str | None = None) -> UndoPlan:
        self.asked.append("redo")
        return self._answer()

    def apply(self, plan: UndoPlan) -> Undo:
        self.applied.append(plan)
        return Undo("3f2a91bc", datetime(2026, 11, 22, 14, 2, 16, tzinfo=UTC), plan, UndoState.UNDONE)

    def history(self, limit: int = 50) -> tuple[Undo, ...]:
        return ()

    def _answer(self) -> UndoPlan:
        if isinstance(self.plan_made, BenchError):
            raise self.plan_made
        assert self.plan_made is not None
        return self.plan_made


@dataclass
class ScriptedPast:
    """Fills ``ports.past.PastVerbs``, but for the tables that only commands ask for."""

    client: ScriptedClient
    read: list[tuple[str, ...]] = field(default_factory=list)

    def snapshots(self, tables: tuple[str, ...] = ()) -> Mapping[str, tuple[Snapshot, ...]]:
        self.client._fail("past")
        self.client._wait("past", None)
        self.read.append(tables)
        return {table: found for table, found in self.client.tables_read.items() if not tables or table in tables}

    def tables(self, at: str) -> tuple[Table, ...]:
        raise AssertionError("the screen works out what there was")


@dataclass
class ScriptedClient:
    replay: Iterable[Event] = ()
    tables_read: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)
    diffs: Mapping[int, Diff] = field(default_factory=dict)
    failing: Mapping[str, BenchError] = field(default_factory=dict)
    """Verb -> what it raises."""
    gates: dict[str, list[Flag]] = field(default_factory=dict)
    """Table -> a flag per read, in order: the read answers when its flag is set."""

    contents: Mapping[str, QueryAnswer] = field(default_factory=dict)
    """Table -> its rows, at every snapshot."""
    codes: Mapping[str, Code] = field(default_factory=dict)
    """Node id -> its code."""
    failing_now: Mapping[str, QueryAnswer] = field(default_factory=dict)
    """Test -> what fails it."""
    undoing: ScriptedUndo = field(default_factory=lambda: ScriptedUndo())
    kept_log: tuple[LogLine, ...] = ()
    held: dict[str, Flag] = field(default_factory=dict)
    """Verb -> it answers when that is set."""

    def __post_init__(self) -> None:
        self._queue: SimpleQueue[Event | BenchError | None] = SimpleQueue()
        self.submitted: list[RunRequest] = []
        self.cancelled: list[str] = []
        self.reads: list[str] = []
        self.refreshed = 0
        self.pages: list[tuple[str, int | None, int]] = []
        self.gave_up: list[str] = []
        self.closed = Flag()
        self.console = FakeConsole(self.tell)
        self.stepping = FakeStepping(self.tell)
        self.rehearsing = FakeRehearsing(self.submit)
        self.checks = FakeChecks(self.tell)
        self.anatomy: Any = None
        self.views = FakeViews()
        self.maintenance: Any = None
        self.reshaping: Any = None
        self.picking: Any = None
        self.saving: Any = None
        self.profile: Any = None
        self.services: Any = None
        self.carrying: Any = None
        self.past = ScriptedPast(self)
        self.connected: list[tuple[str, bool]] = []

    def tell(self, *events: Event) -> None:
        for event in events:
            self._queue.put(event)

    def go_away(self) -> None:
        self._queue.put(EngineError("The engine went away.", remedy="floe-bench logs engine"))

    def events(self) -> Iterator[Event]:
        yield from self.replay
        while (said := self._queue.get()) is not None:
            if isinstance(said, BenchError):
                raise said
            yield said

    def close(self) -> None:
        self._queue.put(None)
        self.closed.set()

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        self._fail("snapshots")
        self.reads.append(table)
        answer = self.tables_read.get(table)
        waiting = self.gates.get(table)
        if waiting:
            waiting.pop(0).wait(timeout=300)
        if answer is None:
            raise NoSuchTable(f"There is no table {table}.", remedy="floe-bench tables")
        return answer

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Diff:
        self._fail("diff")
        self._wait("diff", cancelled)
        assert to_snapshot is not None
        found = self.diffs[to_snapshot]
        return replace(found, samples=found.samples[offset : offset + limit])

    def submit(self, request: RunRequest) -> str:
        self._fail("submit")
        self.submitted.append(request)
        return f"{len(self.submitted):04x}aaaa-new"

    def cancel(self, run_id: str) -> None:
        self._fail("cancel")
        self.cancelled.append(run_id)

    @property
    def undo(self) -> ScriptedUndo:
        return self.undoing

    def refresh(self) -> None:
        self._fail("refresh")
        self.refreshed += 1

    def status(self) -> StackStatus:
        return self.services.now if self.services is not None else StackStatus("embedded", StackState.READY)

    def keep(self, kept: bool) -> StackStatus:
        return StackStatus("embedded", StackState.READY, kept=kept)

    def shutdown(self) -> None:
        self.close()

    def reset(self) -> Reset:
        return Reset(())

    def assets(self) -> tuple[Asset, ...]:
        return ()

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        return ()

    def run(self, run_id: str) -> Run:
        raise AssertionError("the screen learns of runs from events")

    def tables(self) -> tuple[Table, ...]:
        return ()

    def query(self, sql: str, limit: int = 1000) -> QueryAnswer:
        return QueryAnswer((), (), ())

    def logs(self, source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        return tuple(line for line in self.kept_log if source in (line.run_id, line.source))

    def rows(
        self,
        table: str,
        snapshot_id: int | None = None,
        offset: int = 0,
        limit: int = 100,
        cancelled: Callable[[], bool] | None = None,
    ) -> QueryAnswer:
        self._fail("rows")
        self.pages.append((table, snapshot_id, offset))
        self._wait("rows", cancelled)
        whole = self.contents[table]
        page = whole.rows[offset : offset + limit]
        return replace(whole, rows=page, truncated=offset + limit < len(whole.rows))

    def code(self, run_id: str | None, node_id: str, cancelled: Callable[[], bool] | None = None) -> Code:
        self._fail("code")
        self._wait("code", cancelled)
        if node_id not in self.codes:
            raise NoSuchNode(f"there is no node '{node_id}'", remedy="floe-bench assets")
        return replace(self.codes[node_id], run_id=run_id or self.codes[node_id].run_id)

    def failing_rows(
        self, run_id: str | None, node_id: str, limit: int = 50, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer:
        self._fail("failing_rows")
        self._wait("failing_rows", cancelled)
        whole = self.failing_now[node_id]
        return replace(whole, rows=whole.rows[:limit], truncated=limit < len(whole.rows))

    def _wait(self, verb: str, cancelled: Callable[[], bool] | None) -> None:
        """Until the test lets the verb answer, or nobody waits any more."""
        flag = self.held.get(verb)
        while flag is not None and not flag.wait(timeout=0.02):
            if cancelled is not None and cancelled():
                self.gave_up.append(verb)
                raise Cancelled("cancelled")

    def doctor(self) -> tuple[Finding, ...]:
        return ()

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        self.connected.append((tool, show_secrets))
        return f"settings of {tool}"

    def _fail(self, verb: str) -> None:
        if verb in self.failing:
            raise self.failing[verb]
