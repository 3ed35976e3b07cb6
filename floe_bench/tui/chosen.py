"""What the selection is about: the run, snapshot and assets that an action means."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun, NodeStatus, Run
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, active_runs, nodes_of, run_of
from floe_bench.tui.view import RUNS, SNAPSHOTS, View


def selected_run(state: BenchState, view: View) -> Run | None:
    """The run that the selection is about: the run itself, or the only one that is active."""
    chosen = run_of(state, view.selection.run_id) if view.selection.run_id else None
    if chosen is not None and not chosen.status.over:
        return chosen
    active = active_runs(state)
    return active[0] if len(active) == 1 else chosen


def selected_snapshot(state: BenchState, view: View) -> Snapshot | None:
    """The selected snapshot, or the one that the selected run or node committed, or the table's current one."""
    shown = state.snapshots.get(view.table or "", ())
    chosen = view.selection
    if chosen.origin == SNAPSHOTS:
        return next((each for each in shown if each.snapshot_id == chosen.snapshot_id), None)
    if chosen.origin == RUNS:
        return next((each for each in reversed(shown) if each.run_id == chosen.run_id), None)
    return current_of(shown)


def current_of(shown: Sequence[Snapshot]) -> Snapshot | None:
    """Where main is; the newest where there is no main."""
    return next((each for each in reversed(shown) if "main" in each.refs), shown[-1] if shown else None)


def selected_assets(state: BenchState, view: View) -> tuple[Asset, ...]:
    assets = state.assets or {}
    return tuple(assets[key] for key in view.selection.assets if key in assets)


def run_to_repeat(state: BenchState, view: View) -> Run | None:
    """The selected run, where a run as a whole is selected."""
    chosen = view.selection
    if chosen.origin != RUNS or chosen.node_id is not None or chosen.assets or chosen.run_id is None:
        return None
    return run_of(state, chosen.run_id)


def last_try(state: BenchState, view: View, node_id: str | None) -> NodeRun | None:
    """What became of a node in the selected run, or else in the newest run that got to it."""
    if node_id is None:
        return None
    runs = [view.selection.run_id] if view.selection.run_id is not None else []
    runs += [run.run_id for run in state.runs or ()]
    found = (nodes_of(state, each).get(node_id) for each in runs)
    return next((node for node in found if node is not None and node.status is not NodeStatus.SKIPPED), None)
