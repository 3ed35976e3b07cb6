"""Rehearsals from plain data: a test says what each has written, and what comes of publishing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from floe_bench.errors import BenchError, NoSuchRehearsal
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.model.run import RunRequest
from tests.builders import NOON


@dataclass
class FakeRehearsing:
    submit: Callable[[RunRequest], str]
    known: dict[str, Rehearsal] = field(default_factory=dict)
    writes: tuple[Rehearsed, ...] = ()
    """What the next one will have written."""
    diffs: tuple[RehearsedDiff, ...] = ()
    fault: BenchError | None = None
    """Why publishing is refused."""

    def start(self, request: RunRequest) -> Rehearsal:
        rehearsal_id = f"{0xAB120000 + len(self.known):08x}"
        run_id = self.submit(request)
        made = Rehearsal(rehearsal_id, run_id, NOON, request, RehearsalState.READY, self.writes)
        self.known[rehearsal_id] = made
        return made

    def status(self, rehearsal_id: str = "") -> Rehearsal:
        found = [each for each in self.known.values() if each.rehearsal_id.startswith(rehearsal_id)]
        if not found:
            raise NoSuchRehearsal("there is no such rehearsal", remedy="floe-bench rehearse list")
        return found[-1]

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        return tuple(replace(each, tables=()) for each in reversed(self.known.values()))

    def diff(self, rehearsal_id: str = "", limit: int = 20) -> tuple[RehearsedDiff, ...]:
        self.status(rehearsal_id)
        return self.diffs

    def publish(self, rehearsal_id: str = "") -> Rehearsal:
        if self.fault is not None:
            raise self.fault
        return self._become(rehearsal_id, RehearsalState.PUBLISHED)

    def discard(self, rehearsal_id: str = "") -> Rehearsal:
        return self._become(rehearsal_id, RehearsalState.DISCARDED)

    def _become(self, rehearsal_id: str, state: RehearsalState) -> Rehearsal:
        found = self.status(rehearsal_id).now(state)
        self.known[found.rehearsal_id] = found
        return found
