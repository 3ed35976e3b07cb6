"""Every user action, in one table: keys, footer, help, palette and the key reference are drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import Run
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, active_runs, run_of
from floe_bench.tui.view import RUNS, SNAPSHOTS, Link, View


class Doer(Protocol):
    """What the app can do for an action."""

    def materialize(self, assets: tuple[str, ...] | None) -> None:
        """None is everything."""

    def ask_cancel(self) -> None: ...
    def look_again(self) -> None: ...
    def show_diff(self) -> None: ...
    def copy(self) -> None: ...
    def go(self, place: str) -> None: ...
    def step_place(self, by: int) -> None: ...
    def show_tab(self, tab: str) -> None: ...
    def step_tab(self, by: int) -> None: ...
    def zoom(self) -> None: ...
    def show_help(self) -> None: ...
    def show_palette(self) -> None: ...
    def dismiss(self) -> None: ...
    def leave(self) -> None: ...
    def materialize_selected(self) -> None: ...


Reason = Callable[[BenchState, View], str]


@dataclass(frozen=True, slots=True)
class UserAction:
    """``rank`` orders the footer, 0 keeps it out; ``do`` is None for keys that the focused list handles itself."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    do: Callable[[Doer], None] | None = None
    disabled_reason: Reason = lambda state, view: ""
    rank: int = 0
    shown: str = ""
    """How the keys are written; the first key when empty."""

    @property
    def key(self) -> str:
        return self.shown or self.keys[0]


def selected_run(state: BenchState, view: View) -> Run | None:
    """The run that the selection is about: the run itself, or the only one that is active."""
    chosen = run_of(state, view.selection.run_id) if view.selection.run_id else None
    if chosen is not None and not chosen.status.over:
        return chosen
    active = active_runs(state)
    return active[0] if len(active) == 1 else chosen


def selected_snapshot(state: BenchState, view: View) -> Snapshot | None:
    """The selected snapshot, or the one that the selected run or node committed, or the table's newest."""
    shown = state.snapshots.get(view.table or "", ())
    chosen = view.selection
    if chosen.origin == SNAPSHOTS:
        return next((each for each in shown if each.snapshot_id == chosen.snapshot_id), None)
    if chosen.origin == RUNS:
        return next((each for each in reversed(shown) if each.run_id == chosen.run_id), None)
    return shown[-1] if shown else None


def selected_assets(state: BenchState, view: View) -> tuple[Asset, ...]:
    assets = state.assets or {}
    return tuple(assets[key] for key in view.selection.assets if key in assets)


def run_to_repeat(state: BenchState, view: View) -> Run | None:
    """The selected run, where a run as a whole is selected."""
    chosen = view.selection
    if chosen.origin != RUNS or chosen.node_id is not None or chosen.assets or chosen.run_id is None:
        return None
    return run_of(state, chosen.run_id)


def not_ready(state: BenchState, view: View) -> str:
    """Why nothing can run yet; empty when it can."""
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


def _no_asset(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    found = selected_assets(state, view)
    if not found and run_to_repeat(state, view) is not None:
        return ""
    if not found:
        return "nothing to materialize here; select an asset in Assets (1)"
    if all(asset.status is AssetStatus.EXTERNAL for asset in found):
        return f"{found[0].asset} is a source: it is made outside of this project"
    return ""


def _nothing_at_all(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    return "" if state.assets else "the project has no assets"


def _no_run(state: BenchState, view: View) -> str:
    if view.link is not Link.LIVE:
        return not_ready(state, view) or "the engine is not there"
    run = selected_run(state, view)
    if not active_runs(state):
        return "nothing is running"
    if run is None:
        return "several runs are active; select one in Materializations (2)"
    return f"run {run.run_id[:4]} is over; select a running one" if run.status.over else ""


def _no_snapshot(state: BenchState, view: View) -> str:
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


def _no_engine(state: BenchState, view: View) -> str:
    if view.link is Link.BROKEN or (state.booted is not None and not state.booted.ok):
        return ""
    return not_ready(state, view)


def _nothing_selected(state: BenchState, view: View) -> str:
    chosen = view.selection
    return "" if chosen.snapshot_id or chosen.run_id or chosen.assets else "nothing is selected"


_RUN, _LOOK, _MOVE, _BENCH = "Run", "Look", "Move", "Bench"

ACTIONS: tuple[UserAction, ...] = (
    UserAction(
        "materialize",
        ("m",),
        "materialize",
        "Materialize the selected asset or group; on a run, what that run did.",
        _RUN,
        lambda doer: doer.materialize_selected(),
        _no_asset,
        rank=1,
    ),
    UserAction(
        "materialize_all",
        ("M",),
        "all",
        "Materialize everything.",
        _RUN,
        lambda doer: doer.materialize(None),
        _nothing_at_all,
        rank=6,
    ),
    UserAction(
        "cancel",
        ("c",),
        "cancel",
        "Cancel the selected run, or the only active one. Asks once.",
        _RUN,
        lambda doer: doer.ask_cancel(),
        _no_run,
        rank=5,
    ),
    UserAction(
        "diff",
        ("d",),
        "diff",
        "Compare the selected snapshot with its parent: schema, rows, files.",
        _LOOK,
        lambda doer: doer.show_diff(),
        _no_snapshot,
        rank=2,
    ),
    UserAction(
        "refresh",
        ("r",),
        "refresh",
        "Look at project, runs and catalog again; after a failed start, try again.",
        _LOOK,
        lambda doer: doer.look_again(),
        _no_engine,
        rank=7,
    ),
    UserAction(
        "copy",
        ("y",),
        "copy",
        "Copy the id of the selection: asset key, run id or snapshot id.",
        _LOOK,
        lambda doer: doer.copy(),
        _nothing_selected,
        rank=9,
    ),
    UserAction(
        "zoom",
        ("z",),
        "zoom",
        "One pane at a time, and back.",
        _LOOK,
        lambda doer: doer.zoom(),
        not_ready,
        rank=10,
    ),
    UserAction("assets", ("1",), "assets", "Go to Assets.", _MOVE, lambda doer: doer.go("assets"), not_ready),
    UserAction("runs", ("2",), "runs", "Go to Materializations.", _MOVE, lambda doer: doer.go("runs"), not_ready),
    UserAction(
        "snapshots", ("3",), "snapshots", "Go to Snapshots.", _MOVE, lambda doer: doer.go("snapshots"), not_ready
    ),
    UserAction(
        "drawer", ("4",), "log", "Go to the drawer: log, checks, diff.", _MOVE, lambda doer: doer.go("drawer"), rank=11
    ),
    UserAction("next_place", ("tab",), "next", "Go to the next pane.", _MOVE, lambda doer: doer.step_place(1)),
    UserAction(
        "previous_place", ("shift+tab",), "previous", "Go to the pane before.", _MOVE, lambda doer: doer.step_place(-1)
    ),
    UserAction(
        "previous_tab",
        (),
        "tab before",
        "In the drawer: the tab before.",
        _MOVE,
        lambda doer: doer.step_tab(-1),
        shown="← h",
    ),
    UserAction(
        "next_tab",
        (),
        "next tab",
        "In the drawer: the next tab; 4 again goes there too.",
        _MOVE,
        lambda doer: doer.step_tab(1),
        shown="→ l",
    ),
    UserAction("up_down", (), "line", "Line up or down.", _MOVE, shown="↑ ↓ k j"),
    UserAction("pages", (), "page", "Page up or down.", _MOVE, shown="pgup pgdn ^b ^f"),
    UserAction("edges", (), "edge", "First or last line; in the log, G follows it live.", _MOVE, shown="g G"),
    UserAction("open", (), "open", "Open or shut a group or a run.", _MOVE, shown="enter ← → h l"),
    UserAction(
        "help",
        ("question_mark", "f1"),
        "help",
        "This screen.",
        _BENCH,
        lambda doer: doer.show_help(),
        rank=3,
        shown="?",
    ),
    UserAction(
        "palette",
        ("colon", "ctrl+p"),
        "commands",
        "Every action by name.",
        _BENCH,
        lambda doer: doer.show_palette(),
        rank=8,
        shown=":",
    ),
    UserAction(
        "dismiss",
        ("escape",),
        "back",
        "Answer no, or take a message away.",
        _BENCH,
        lambda doer: doer.dismiss(),
        shown="esc",
    ),
    UserAction(
        "quit",
        ("q", "ctrl+q", "ctrl+c"),
        "quit",
        "Leave; asks when a run of yours would be cancelled.",
        _BENCH,
        lambda doer: doer.leave(),
        rank=4,
    ),
)

BY_NAME = {action.name: action for action in ACTIONS}
GROUPS = (_RUN, _LOOK, _MOVE, _BENCH)
