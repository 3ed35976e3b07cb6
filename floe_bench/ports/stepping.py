"""Runs that can be stepped: the verbs of the bench, and what they need of an orchestrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Protocol, runtime_checkable

from floe_bench.dataclass import dataclass
from floe_bench.model.code import Code
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Breakpoint, Outlook, Step, StepCheck, StepNode


class Stepping(Protocol):
    """Verbs that make a run go return at once, the run going; ``wait`` tells when it stands.

    ``step_id`` may be the start of one; empty means the newest that is not over, else the newest.
    """

    def start(self, request: RunRequest) -> Step:
        """A run that stands before its first node. Raises NothingSelected, ParseFailed."""

    def status(self, step_id: str = "") -> Step:
        """Raises NoSuchStep."""

    def steps(self) -> tuple[Step, ...]:
        """Newest first."""

    def next(self, step_id: str = "") -> Step:
        """Run one node. Raises StepRefused when it goes already or is over."""

    def proceed(self, step_id: str = "") -> Step:
        """Run to the next breakpoint or the end. Raises StepRefused."""

    def retry(self, step_id: str = "") -> Step:
        """Run the node that ran last once more, from the project's files as they are now. Raises StepRefused."""

    def skip(self, step_id: str = "") -> Step:
        """Leave the next node out; a failed one counts as left out. What reads it reads its table as it is."""

    def pause(self, run_id: str = "") -> Step:
        """Stop at the next node boundary. A stepped run, or an ordinary one, which becomes a stepped one then."""

    def abort(self, step_id: str = "") -> Step:
        """End it: the node at work is cancelled, what was made stays."""

    def wait(self, step_id: str = "") -> Step:
        """Until it stands or is over."""

    def outlook(self, step_id: str, asset: str) -> Outlook:
        """Of a node of that run: the SQL it would run now, what it would read."""

    def breakpoints(self) -> tuple[Breakpoint, ...]: ...

    def set_breakpoint(self, wanted: Breakpoint) -> tuple[Breakpoint, ...]:
        """In the place of one with the same asset and condition. Raises UsageError, NoSuchNode."""

    def clear_breakpoint(self, asset: str) -> tuple[Breakpoint, ...]:
        """Every one of that asset."""


class CancellableStepping(Stepping, Protocol):
    """One whose reads end with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def outlook(self, step_id: str, asset: str, cancelled: Callable[[], bool] | None = None) -> Outlook: ...


@dataclass(frozen=True, slots=True)
class Selected:
    """What a request stands for, in no order."""

    assets: tuple[str, ...]
    checks: tuple[StepCheck, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one node went. ``error`` is empty when the asset was made; ``checks_s`` are seconds by the test's node id."""

    error: str = ""
    rows: int | None = None
    duration_s: float | None = None
    snapshot_id: int | None = None
    checks_passed: int = 0
    checks_failed: int = 0
    checks_warned: int = 0
    checks_s: Mapping[str, float] = field(default_factory=dict)


class Walker(Protocol):
    """Executes nodes of one stepped run, one at a time."""

    def run(self, node: StepNode, *, cancelled: Callable[[], bool]) -> Outcome:
        """Raises Cancelled: nothing of the node was committed after that; StepBroken: the process died."""


class Stepper(Protocol):
    """Between two nodes nothing of a stepped run is open: no process, no connection, no lock."""

    def select(self, request: RunRequest, *, cancelled: Callable[[], bool]) -> Selected:
        """Raises NothingSelected, ParseFailed."""

    def open(self, step: Step) -> None:
        """Make the run known, started and stopped."""

    def walk(self, step: Step, *, cancelled: Callable[[], bool]) -> AbstractContextManager[Walker]:
        """Waits for the run that is at work. Raises Cancelled."""

    def stopped(self, step: Step) -> None:
        """Write into the orchestrator's log where it stands and why."""

    def left_out(self, step: Step, nodes: Sequence[StepNode]) -> None:
        """Write into the orchestrator's log which nodes do not run, and why."""

    def close(self, step: Step) -> None:
        """The run is over, as ``step.state`` says."""

    def compile(self, step: Step, node: StepNode, *, cancelled: Callable[[], bool]) -> Code:
        """From the files as they are now; ``previous`` is what ran last. Raises ParseFailed."""

    def pause(self, run_id: str) -> RunRequest:
        """Let an ordinary run end before its next asset; what it was asked for. Raises StepRefused, NoSuchRun."""


@runtime_checkable
class CanStep(Protocol):
    def stepper(self) -> Stepper: ...
