"""What we know now: ``reduce(state, event) -> state``, pure.

A slice that an event does not touch keeps its identity, so whoever draws a slice can compare with ``is``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from floe_bench.dataclass import dataclass
from floe_bench.events import (
    STORAGE,
    AssetsChanged,
    Booted,
    BreakpointsChanged,
    ConsoleChanged,
    Event,
    HistoryRead,
    NodeChanged,
    PhaseEnded,
    PhaseProgressed,
    PhaseStarted,
    ProblemFound,
    ProblemSolved,
    ProjectOpened,
    RunChanged,
    RunsListed,
    SnapshotsRead,
    StackChanged,
    StepChanged,
    TablesChanged,
    ViewsChanged,
)
from floe_bench.model.asset import Asset
from floe_bench.model.console import Console
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.step import Breakpoint, Step, Usual
from floe_bench.model.table import Table
from floe_bench.model.view import LakeView

RUNS_KEPT = 200
"""Older runs, and their nodes, are asked for again when somebody wants them."""

_USUALLY = 10
"""How many runs say what is usual."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the boot. ``duration_s`` is None while it runs; ``error`` is empty when it went well."""

    phase: str
    title: str
    started_at: datetime | None = None
    duration_s: float | None = None
    detail: str = ""
    error: str = ""
    remedy: str = ""

    @property
    def over(self) -> bool:
        return self.duration_s is not None


@dataclass(frozen=True, slots=True, eq=False)
class BenchState:
    """``assets``, ``runs`` and ``tables`` are None until they were told for the first time: unknown is not empty.

    ``runs`` are newest first and carry no nodes; ``nodes`` holds them per run id, in start order. ``snapshots`` are
    oldest first, per table; ``later`` are those that came after the moment that is shown, empty where that is now.
    Mappings keep the order they were told in and are never changed in place.
    """

    project: ProjectOpened | None = None
    phases: tuple[Phase, ...] = ()
    booted: Booted | None = None
    stack: StackStatus | None = None
    console: Console | None = None
    assets: Mapping[str, Asset] | None = None
    runs: tuple[Run, ...] | None = None
    nodes: Mapping[str, Mapping[str, NodeRun]] = field(default_factory=dict)
    tables: Mapping[str, Table] | None = None
    views: Mapping[str, LakeView] = field(default_factory=dict)
    snapshots: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)
    later: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)
    problems: tuple[ProblemFound, ...] = ()
    steps: tuple[Step, ...] = ()
    """Stepped runs, oldest first."""
    breakpoints: tuple[Breakpoint, ...] = ()


def reduce(state: BenchState, event: Event) -> BenchState:
    """What we believe after ``event``; the same object when it changes nothing."""
    reducer = _REDUCERS.get(type(event))
    return state if reducer is None else reducer(state, event)


def run_of(state: BenchState, run_id: str) -> Run | None:
    return next((run for run in state.runs or () if run.run_id == run_id), None)


def nodes_of(state: BenchState, run_id: str) -> Mapping[str, NodeRun]:
    return state.nodes.get(run_id, {})


_ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.CANCELLING)


def active_runs(state: BenchState) -> tuple[Run, ...]:
    """Those that wait or go; a stepped run that stands does neither."""
    return tuple(run for run in state.runs or () if run.status in _ACTIVE)


def silence(state: BenchState) -> ProblemFound | None:
    """What runs wait for, where the stack takes requests and answers none."""
    return next((each for each in state.problems if each.about == STORAGE), None)


def usual_of(state: BenchState, asset: str, *, but: str = "") -> Usual:
    """Medians over the newest runs that made ``asset``; the run ``but`` is left out."""
    made = [
        node
        for run in state.runs or ()
        if run.run_id != but
        for node in state.nodes.get(run.run_id, {}).values()
        if node.asset == asset and not node.is_check and node.status is NodeStatus.SUCCESS
    ][:_USUALLY]
    rows = [node.rows for node in made if node.rows is not None]
    took = [node.duration_s for node in made if node.duration_s is not None]
    return Usual(int(median(rows)) if rows else None, round(median(took), 3) if took else None)


def asset_of_table(state: BenchState, table: str) -> Asset | None:
    return next((asset for asset in (state.assets or {}).values() if asset.table == table), None)


def _phase_started(state: BenchState, event: PhaseStarted) -> BenchState:
    phase = Phase(event.phase, event.title, event.at)
    return replace(state, phases=_put(state.phases, phase, key=lambda each: each.phase))


def _phase_progressed(state: BenchState, event: PhaseProgressed) -> BenchState:
    known = next((each for each in state.phases if each.phase == event.phase), None)
    if known is None:
        return state
    return replace(state, phases=_put(state.phases, replace(known, detail=event.detail), key=lambda each: each.phase))


def _phase_ended(state: BenchState, event: PhaseEnded) -> BenchState:
    known = next((each for each in state.phases if each.phase == event.phase), Phase(event.phase, event.phase))
    ended = replace(known, duration_s=event.duration_s, detail=event.detail, error=event.error, remedy=event.remedy)
    return replace(state, phases=_put(state.phases, ended, key=lambda each: each.phase))


def _runs_listed(state: BenchState, event: RunsListed) -> BenchState:
    nodes = {run.run_id: {node.node_id: node for node in run.nodes} for run in event.runs if run.nodes}
    for run in event.runs:
        if not run.nodes and run.run_id in state.nodes:
            nodes[run.run_id] = dict(state.nodes[run.run_id])
    return replace(state, runs=tuple(replace(run, nodes=()) for run in event.runs)[:RUNS_KEPT], nodes=nodes)


def _run_changed(state: BenchState, event: RunChanged) -> BenchState:
    known = state.runs or ()
    run, nodes = replace(event.run, nodes=()), state.nodes
    if event.run.nodes:
        nodes = {**nodes, run.run_id: {node.node_id: node for node in event.run.nodes}}
    runs = _put(known, run, key=lambda each: each.run_id)
    if len(runs) > len(known):
        runs = tuple(sorted(runs, key=_begun, reverse=True))
        dropped = {each.run_id for each in runs[RUNS_KEPT:]}
        runs = runs[:RUNS_KEPT]
        if dropped & nodes.keys():
            nodes = {run_id: of_run for run_id, of_run in nodes.items() if run_id not in dropped}
    return replace(state, runs=runs, nodes=nodes)


def _node_changed(state: BenchState, event: NodeChanged) -> BenchState:
    known = state.nodes.get(event.run_id, {})
    if known.get(event.node.node_id) == event.node:
        return state
    return replace(state, nodes={**state.nodes, event.run_id: {**known, event.node.node_id: event.node}})


def _assets_changed(state: BenchState, event: AssetsChanged) -> BenchState:
    return replace(state, assets={asset.asset: asset for asset in event.assets})


def _tables_changed(state: BenchState, event: TablesChanged) -> BenchState:
    tables = {table.table: table for table in event.tables}
    gone = state.snapshots.keys() - tables.keys()
    snapshots = state.snapshots
    if gone:
        snapshots = {table: read for table, read in snapshots.items() if table not in gone}
    return replace(state, tables=tables, snapshots=snapshots)


def _snapshots_read(state: BenchState, event: SnapshotsRead) -> BenchState:
    return replace(state, snapshots={**state.snapshots, event.table: event.snapshots})


def _history_read(state: BenchState, event: HistoryRead) -> BenchState:
    return replace(state, snapshots={**state.snapshots, **event.snapshots})


def _problem_found(state: BenchState, event: ProblemFound) -> BenchState:
    return replace(state, problems=_put(state.problems, event, key=lambda each: each.about))


def _problem_solved(state: BenchState, event: ProblemSolved) -> BenchState:
    left = tuple(each for each in state.problems if each.about != event.about)
    return state if len(left) == len(state.problems) else replace(state, problems=left)


def _begun(run: Run) -> datetime:
    return run.queued_at or run.started_at or _LONG_AGO


def _put(items: Iterable[Any], item: Any, *, key: Callable[[Any], str]) -> tuple[Any, ...]:
    """``item`` in the place of the one with its key, or at the end."""
    found = tuple(items)
    for index, each in enumerate(found):
        if key(each) == key(item):
            return (*found[:index], item, *found[index + 1 :])
    return (*found, item)


_REDUCERS: Mapping[type, Callable[[BenchState, Any], BenchState]] = {
    ProjectOpened: lambda state, event: replace(state, project=event),
    PhaseStarted: _phase_started,
    PhaseProgressed: _phase_progressed,
    PhaseEnded: _phase_ended,
    StackChanged: lambda state, event: replace(state, stack=event.status),
    ConsoleChanged: lambda state, event: replace(state, console=event.console),
    AssetsChanged: _assets_changed,
    RunsListed: _runs_listed,
    RunChanged: _run_changed,
    NodeChanged: _node_changed,
    StepChanged: lambda state, event: replace(
        state, steps=_put(state.steps, event.step, key=lambda each: each.step_id)
    ),
    BreakpointsChanged: lambda state, event: replace(state, breakpoints=event.breakpoints),
    TablesChanged: _tables_changed,
    ViewsChanged: lambda state, event: replace(state, views={view.view: view for view in event.views}),
    SnapshotsRead: _snapshots_read,
    HistoryRead: _history_read,
    ProblemFound: _problem_found,
    ProblemSolved: _problem_solved,
    Booted: lambda state, event: replace(state, booted=event),
}
"""``Logged``, ``FilesSaved``, ``ProjectReread``, ``CheckEvaluated``, ``ComparisonProgressed``, ``DriftProgressed`` and
``CarryProgressed`` are missing on purpose: news, not state."""
