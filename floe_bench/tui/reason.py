"""Why an action is not possible now, in words; empty when it is."""

from __future__ import annotations

from datetime import datetime

from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import Means, RunStatus
from floe_bench.state import BenchState, active_runs
from floe_bench.tui.action import written
from floe_bench.tui.chosen import run_to_repeat, selected_assets, selected_run, selected_snapshot
from floe_bench.tui.failure import failing_check, failure_of
from floe_bench.tui.glance import standing
from floe_bench.tui.plan import failed_plan
from floe_bench.tui.source import source_of, unreadable
from floe_bench.tui.view import LINEAGE, Link, View

_TRUTH = ("catalog", "stack")
"""Problems of what says how things are: while they last, nobody knows."""


def not_ready(state: BenchState, view: View) -> str:
    """Why nothing can run yet; empty when it can."""
    if view.lost is not None and view.lost.doing:
        return f"the engine is starting again: {view.lost.doing}"
    if view.link is Link.BROKEN:
        return "the engine is not there; r tries again"
    if view.link is Link.STOPPING:
        return "the bench is stopping"
    if state.booted is None:
        going = next((each for each in state.phases if not each.over), None)
        return f"still starting: {going.title}" if going else "still starting"
    if not state.booted.ok:
        failed = next((each for each in state.phases if each.error), None)
        return f"the start failed at {failed.title}; r tries again" if failed else "the start failed; r tries again"
    return ""


def in_the_past(view: View) -> str:
    """Why nothing can be changed from here; empty where the bench is as of now."""
    if view.as_of is None:
        return ""
    key = written(view.keys.get("now", ("0",))[0])
    return f"the past cannot be changed; {key} on the bench is now"


def not_now(state: BenchState, view: View) -> str:
    return in_the_past(view) or not_ready(state, view)


def no_earlier(state: BenchState, view: View) -> str:
    if reason := nothing_shown(state, view):
        return reason
    return "nothing earlier is known" if view.as_of is not None and view.as_of.first else ""


def is_now(state: BenchState, view: View) -> str:
    return "" if view.as_of is not None else "this is now"


def nothing_shown(state: BenchState, view: View) -> str:
    """Why there is nothing to look at; what was last known can be looked at while the engine is away."""
    return "" if view.lost is not None else not_ready(state, view)


def stale_since(state: BenchState, view: View) -> datetime | None:
    """Since when what is shown may not be true any more; None while all of it is."""
    if view.lost is not None:
        return view.lost.since
    return next((problem.at for problem in state.problems if problem.about in _TRUTH), None)


def no_asset(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    found = selected_assets(state, view)
    if not found and run_to_repeat(state, view) is not None:
        return ""
    if not found:
        return "nothing to materialize here; select an asset in Assets (1)"
    if all(asset.status is AssetStatus.EXTERNAL for asset in found):
        return f"{found[0].asset} is a source: it is made outside of this project"
    return ""


def nothing_to_step(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    return "" if standing(state) is not None else no_asset(state, view)


def nothing_to_rehearse(state: BenchState, view: View) -> str:
    """One that was begun can be looked at whatever is selected."""
    if reason := not_now(state, view):
        return reason
    return "" if any(run.rehearsal for run in state.runs or ()) else no_asset(state, view)


def nothing_goes(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    run = selected_run(state, view)
    return "" if run is not None and run.status is RunStatus.RUNNING else "no run is at work"


def no_menu(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    return "" if state.assets else "the project has no assets"


def no_retry(state: BenchState, view: View) -> str:
    return not_now(state, view) or failed_plan(state, view).disabled


def no_one_asset(state: BenchState, view: View) -> str:
    if reason := nothing_shown(state, view):
        return reason
    key = view.selection.asset
    if key is None:
        return "select one asset, node or snapshot of ours"
    return "" if key in (state.assets or {}) else f"{key} is not in the project any more"


def no_source(state: BenchState, view: View) -> str:
    if unreadable(state) is not None:
        return no_project(state, view)
    if source_of(state, view) is not None:
        return nothing_shown(state, view)
    if reason := no_one_asset(state, view):
        return reason
    return f"the project does not say where {view.selection.asset} is written"


def no_undo(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    if run_to_repeat(state, view) is not None:
        return ""
    if reason := no_one_asset(state, view):
        return reason
    asset = (state.assets or {})[view.selection.asset or ""]
    if asset.status is AssetStatus.EXTERNAL:
        return f"{asset.asset} is a source: it is made outside of this project"
    if asset.status is AssetStatus.RUNNING:
        return f"a run is just making {asset.asset}"
    return "" if asset.materialized_at is not None else f"{asset.asset} was never made"


def no_width(state: BenchState, view: View) -> str:
    if reason := nothing_shown(state, view):
        return reason
    if view.place == LINEAGE:
        return "the lineage takes all the room there is"
    return "one pane fills the screen" if view.single else ""


def no_project(state: BenchState, view: View) -> str:
    return "" if state.project is not None else "no project is open yet"


def no_run(state: BenchState, view: View) -> str:
    if reason := in_the_past(view):
        return reason
    if view.link is not Link.LIVE:
        return not_ready(state, view) or "the engine is not there"
    run = selected_run(state, view)
    if not active_runs(state):
        return "nothing is running"
    if run is not None and run.ending is not None and run.ending.means is Means.KILLED:
        return f"the process of run {run.run_id[:4]} was killed; it is over in a moment"
    if run is None:
        return "several runs are active; select one in Materializations (2)"
    return f"run {run.run_id[:4]} is over; select a running one" if run.status.over else ""


def no_snapshot(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    if view.table is None:
        return "no table; select an asset or a snapshot"
    if view.table not in state.snapshots:
        return f"the snapshots of {view.table} are not read yet"
    if not state.snapshots[view.table]:
        return f"{view.table} was never written"
    return (
        ""
        if selected_snapshot(state, view)
        else f"this run wrote no snapshot of {view.table}; select one in Snapshots (3)"
    )


def nothing_failed(state: BenchState, view: View) -> str:
    return nothing_shown(state, view) or (
        "" if failure_of(state, view) is not None else "nothing failed in the selection"
    )


def no_bisection(state: BenchState, view: View) -> str:
    if reason := not_now(state, view):
        return reason
    check = failing_check(state, view)
    if check is None:
        return "no check of the selection fails"
    return "a unit test has rows of its own, and no history" if check.kind == "unit_test" else ""


def no_engine(state: BenchState, view: View) -> str:
    if view.link is Link.BROKEN or (state.booted is not None and not state.booted.ok):
        return ""
    return not_ready(state, view)


def no_stack(state: BenchState, view: View) -> str:
    """It can be looked at while it starts, and when its start failed."""
    return "" if view.link is Link.LIVE else not_ready(state, view) or "the engine is not there"


def nothing_selected(state: BenchState, view: View) -> str:
    chosen = view.selection
    return "" if chosen.snapshot_id or chosen.run_id or chosen.assets else "nothing is selected"
