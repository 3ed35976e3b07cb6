"""A run that can be stepped: its order, where it stands, and where it shall stop."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.run import RunRequest
from floe_bench.model.snapshot import RowChange


class StepState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    SUCCESS = "success"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def over(self) -> bool:
        return self in (StepState.SUCCESS, StepState.FAILED, StepState.ABORTED)


class Place(StrEnum):
    """What became of one asset in the order."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It was not made, or a check of it failed."""
    SKIPPED = "skipped"
    """By the user: what reads it reads the table as it was."""
    BLOCKED = "blocked"
    """Something that it reads failed; an ordinary run would not have made it either."""


class StopKind(StrEnum):
    START = "start"
    NEXT = "next"
    BREAKPOINT = "breakpoint"
    FAILED = "failed"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"


class Condition(StrEnum):
    """When a breakpoint stops: before the asset, or after it if something is so."""

    ALWAYS = "always"
    ROWS = "rows"
    CHECKS = "checks"
    SCHEMA = "schema"
    SLOWER = "slower"


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """``asset`` is a key, or ``*`` for every asset. ``threshold`` is of ROWS (more rows) and SLOWER (times usual)."""

    asset: str
    condition: Condition = Condition.ALWAYS
    threshold: float = 0.0

    @property
    def words(self) -> str:
        match self.condition:
            case Condition.ROWS:
                return f"rows changed > {self.threshold:g}"
            case Condition.CHECKS:
                return "check failed"
            case Condition.SCHEMA:
                return "schema changed"
            case Condition.SLOWER:
                return f"slower than {self.threshold:g} times usual"
        return "always"


@dataclass(frozen=True, slots=True)
class StepCheck:
    """A test, and the assets of the selection that it reads. ``duration_s`` is of the last time that it ran."""

    node_id: str
    name: str
    asset: str | None = None
    reads: tuple[str, ...] = ()
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of the last runs that made the asset; None when there were none."""

    rows: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What one node did to its table. ``from_snapshot`` is None before the first write.

    ``rows`` is None, and ``schema_changes`` 0, where counting was given up or failed.
    """

    from_snapshot: int | None
    to_snapshot: int
    rows: RowChange | None = field(default_factory=RowChange)
    schema_changes: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """A table that a node reads: the snapshot it has at that time, and the one that was read the last time."""

    table: str
    snapshot_id: int | None
    last_snapshot_id: int | None = None

    @property
    def newer(self) -> bool:
        return self.snapshot_id != self.last_snapshot_id


@dataclass(frozen=True, slots=True)
class StepNode:
    """One asset in the order, with the tests that run right after it. ``attempts`` counts how often it was run."""

    asset: str
    node_id: str
    name: str
    kind: str
    table: str
    upstream: tuple[str, ...] = ()
    checks: tuple[StepCheck, ...] = ()
    place: Place = Place.WAITING
    attempts: int = 0
    rows: int | None = None
    duration_s: float | None = None
    checks_passed: int = 0
    checks_failed: int = 0
    checks_warned: int = 0
    inputs: tuple[Input, ...] = ()
    """As they were when it ran last; empty before it ran."""
    effect: Effect | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why and where. ``before``: the asset has not run yet; else it has just run."""

    kind: StopKind
    asset: str | None
    before: bool
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One stepped run. ``stop`` is None while it runs and when it is over."""

    step_id: str
    run_id: str
    state: StepState
    request: RunRequest
    nodes: tuple[StepNode, ...]
    stop: Stop | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    after_run_id: str | None = None
    """The ordinary run that was paused, and whose rest this is."""

    @property
    def at(self) -> str | None:
        """The asset that ran last, or runs."""
        ran = [node.asset for node in self.nodes if node.place not in (Place.WAITING, Place.BLOCKED)]
        return ran[-1] if ran else None

    @property
    def next(self) -> str | None:
        return next((node.asset for node in self.nodes if node.place is Place.WAITING), None)

    def node(self, asset: str) -> StepNode:
        return next(node for node in self.nodes if node.asset == asset)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a node before it runs. ``sql`` is compiled from the files as they are now."""

    asset: str
    sql: str = ""
    previous_sql: str | None = None
    previous_run_id: str | None = None
    source: str = ""
    path: str = ""
    inputs: tuple[Input, ...] = ()
    usual: Usual = field(default_factory=Usual)
    error: str = ""
    """Why it could not be compiled; empty when it could."""
