"""A bench client that plays a script: what is now, then what the test tells it to say.

It answers every read from plain data and records every verb, and keeps the promises of ``BenchClient``: the stream ends
quietly after ``close``, and with ``EngineError`` when the engine is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event as Flag

from floe_bench.errors import BenchError, EngineError, NoSuchTable
from floe_bench.events import Event
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.finding import Finding
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackState, StackStatus
from floe_bench.model.table import Table


@dataclass
class ScriptedClient:
    replay: Iterable[Event] = ()
    tables_read: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)
    diffs: Mapping[int, Diff] = field(default_factory=dict)
    failing: Mapping[str, BenchError] = field(default_factory=dict)
    """Verb -> what it raises."""
    gates: dict[str, list[Flag]] = field(default_factory=dict)
    """Table -> a flag per read, in order: the read answers when its flag is set."""

    def __post_init__(self) -> None:
        self._queue: SimpleQueue[Event | BenchError | None] = SimpleQueue()
        self.submitted: list[RunRequest] = []
        self.cancelled: list[str] = []
        self.reads: list[str] = []
        self.refreshed = 0
        self.closed = Flag()

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
            waiting.pop(0).wait(timeout=10)
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
    ) -> Diff:
        self._fail("diff")
        assert to_snapshot is not None
        return self.diffs[to_snapshot]

    def submit(self, request: RunRequest) -> str:
        self._fail("submit")
        self.submitted.append(request)
        return f"{len(self.submitted):04x}aaaa-new"

    def cancel(self, run_id: str) -> None:
        self._fail("cancel")
        self.cancelled.append(run_id)

    def refresh(self) -> None:
        self._fail("refresh")
        self.refreshed += 1

    def status(self) -> StackStatus:
        return StackStatus("embedded", StackState.READY)

    def keep(self, kept: bool) -> StackStatus:
        return StackStatus("embedded", StackState.READY, kept=kept)

    def shutdown(self) -> None:
        self.close()

    def reset(self) -> tuple[str, ...]:
        return ()

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
        return ()

    def doctor(self) -> tuple[Finding, ...]:
        return ()

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        return ""

    def _fail(self, verb: str) -> None:
        if verb in self.failing:
            raise self.failing[verb]
