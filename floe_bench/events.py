"""Everything that can happen, as frozen values in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset
from floe_bench.model.bisection import Evaluation
from floe_bench.model.console import Console
from floe_bench.model.drift import Reading
from floe_bench.model.run import NodeRun, Run
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.step import Breakpoint, Step
from floe_bench.model.table import Table
from floe_bench.model.view import LakeView


@dataclass(frozen=True, slots=True)
class ProjectOpened:
    name: str
    root: str
    namespace: str


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """One step of the boot. ``phase`` is its stable name, ``title`` the words for a person."""

    phase: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PhaseProgressed:
    """How far a long phase is, in words; each replaces the one before."""

    phase: str
    detail: str


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """``error`` is empty when it went well; ``detail`` is worth showing (a port, a count)."""

    phase: str
    duration_s: float
    detail: str = ""
    error: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class StackChanged:
    status: StackStatus


@dataclass(frozen=True, slots=True)
class ConsoleChanged:
    """The orchestrator's own web interface started, answers, or ended."""

    console: Console


@dataclass(frozen=True, slots=True)
class AssetsChanged:
    """The whole set, in dependency order within groups."""

    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class FilesSaved:
    """Files of the project, as paths from its root, were saved, added or deleted; it is being read again."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectReread:
    """It could be read. ``added``, ``changed`` and ``removed`` are keys of assets. Not state: ``AssetsChanged`` is."""

    files: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class RunsListed:
    """The most recent runs, newest first, with their nodes: what a client that just came needs."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run was queued, started, is being cancelled or ended. ``run.nodes`` is empty: nodes come one by one."""

    run: Run


@dataclass(frozen=True, slots=True)
class NodeChanged:
    run_id: str
    node: NodeRun


@dataclass(frozen=True, slots=True)
class StepChanged:
    """A stepped run was started, goes, stands or is over."""

    step: Step


@dataclass(frozen=True, slots=True)
class BreakpointsChanged:
    """The whole set."""

    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True, slots=True)
class CheckEvaluated:
    """A bisection evaluated its check at one of ``moments`` moments. Not state."""

    check: str
    evaluation: Evaluation
    moments: int


@dataclass(frozen=True, slots=True)
class ComparisonProgressed:
    """How far a diff is that was asked for with this ``to_snapshot``. Not state."""

    table: str
    to_snapshot: int | None
    percent: float


@dataclass(frozen=True, slots=True)
class DriftProgressed:
    """A column that is followed over ``snapshots`` of a table was read at one more of them. Not state."""

    table: str
    column: str
    reading: Reading
    snapshots: int


@dataclass(frozen=True, slots=True)
class CarryProgressed:
    """Table ``number`` of ``tables`` of another stack is on its way: ``rows`` of it are written, or being compared.

    Not state.
    """

    source: str
    table: str
    number: int
    tables: int
    rows: int
    comparing: bool = False


@dataclass(frozen=True, slots=True)
class TablesChanged:
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class ViewsChanged:
    """The whole set, by name."""

    views: tuple[LakeView, ...]


@dataclass(frozen=True, slots=True)
class SnapshotsRead:
    """Every snapshot of one table, oldest first."""

    table: str
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """As ``SnapshotsRead``, of several tables at once."""

    snapshots: Mapping[str, tuple[Snapshot, ...]]


@dataclass(frozen=True, slots=True)
class Logged:
    """Log lines, coalesced; not state."""

    lines: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something the user should know. ``about`` is stable (``dbt project``, ``catalog``): a later one replaces it."""

    about: str
    message: str
    remedy: str = ""
    where: str = ""
    at: datetime | None = None
    """Since when, where that matters."""


STORAGE = "storage"
"""What the problem is about while a run waits for a stack that takes requests and answers none; ``at`` says since."""


@dataclass(frozen=True, slots=True)
class ProblemSolved:
    about: str


@dataclass(frozen=True, slots=True)
class Booted:
    """The bench is whole: stack, project and orchestrator answer. ``ok`` is False when a phase failed."""

    ok: bool
    duration_s: float


Event = (
    ProjectOpened
    | PhaseStarted
    | PhaseProgressed
    | PhaseEnded
    | StackChanged
    | ConsoleChanged
    | AssetsChanged
    | FilesSaved
    | ProjectReread
    | RunsListed
    | RunChanged
    | NodeChanged
    | StepChanged
    | BreakpointsChanged
    | CheckEvaluated
    | ComparisonProgressed
    | DriftProgressed
    | CarryProgressed
    | TablesChanged
    | ViewsChanged
    | SnapshotsRead
    | HistoryRead
    | Logged
    | ProblemFound
    | ProblemSolved
    | Booted
)
