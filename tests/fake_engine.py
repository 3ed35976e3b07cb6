"""What stands behind ``connect``, without a process: a ``FakeBench`` that can be there or not."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.errors import BenchError
from floe_bench.events import Booted, Event, PhaseEnded, PhaseStarted, ProjectOpened
from floe_bench.model.project import Project
from floe_bench.model.stack import StackState
from tests.fakes import FakeBench


class FakeEngine:
    """No bench until somebody starts it, none after the last one left it unkept.

    Who comes later is told the boot of then, as history. ``fault`` is raised instead of a start.
    """

    def __init__(
        self, bench: FakeBench | None = None, *, running: bool = False, fault: BenchError | None = None
    ) -> None:
        self.bench = bench or FakeBench()
        self.bench.left = self._leave
        self.running = running
        self.fault = fault
        self.starts = 0
        self.attending = 0
        self._boot: tuple[Event, ...] = ()
        self.projects: list[Project] = []
        self.stacks: list[str | None] = []

    def connect(
        self, project: Project, *, stack: str | None, start: bool, on_event: Callable[[Event], None] | None
    ) -> FakeBench | None:
        self.projects.append(project)
        self.stacks.append(stack)
        if not (self.running or start):
            return None
        if self.fault is not None:
            raise self.fault
        if not self.running:
            self._start(project)
        if on_event is not None:
            for event in self._boot:
                on_event(event)
        self.attending += 1
        return self.bench

    def _start(self, project: Project) -> None:
        self.running = True
        self.starts += 1
        self.bench.boot()
        self._boot = (
            ProjectOpened(project.name, str(project.root), project.namespace),
            PhaseStarted("stack", "Starting weed", self.bench.clock()),
            PhaseEnded("stack", 1.5, detail="port 8333"),
            Booted(True, 1.5),
        )
        self.bench.clock.pass_(1.5)

    def _leave(self) -> None:
        self.attending -= 1
        stopped = self.bench.status().state is StackState.STOPPED
        if stopped or (self.attending == 0 and not self.bench.kept):
            self.running = False
            self.bench.shutdown()
