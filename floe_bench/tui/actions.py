"""Every user action, in one table: keys, footer, help, palette and the key reference are drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, active_runs, run_of
from floe_bench.tui.plan import failed_plan
from floe_bench.tui.view import LINEAGE, RUNS, SNAPSHOTS, Link, View


class Doer(Protocol):
    """What the app can do for an action."""

    def show_run_menu(self) -> None: ...
    def retry(self) -> None: ...
    def show_lineage(self) -> None: ...
    def start_filter(self) -> None: ...
    def step_grouping(self) -> None: ...
    def resize(self, by: int) -> None:
        """0 is back to how it was at first."""

    def open_source(self) -> None: ...
    def save_screen(self) -> None: ...
    def step_theme(self) -> None: ...
    def jump(self) -> None: ...
    def ask_cancel(self) -> None: ...
    def look_again(self) -> None: ...
    def show_diff(self) -> None: ...
    def copy(self) -> None: ...
    def go(self, place: str) -> None: ...
    def step_place(self, by: int) -> None: ...
    def show_tab(self, tab: str) -> None: ...
    def step_tab(self, by: int) -> None: ...
    def turn_errors(self) -> None: ...
    def turn_node(self) -> None: ...
    def turn_code(self) -> None: ...
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
        return self.shown or written(self.keys[0])


_WRITTEN = {
    "less_than_sign": "<", "greater_than_sign": ">", "equals_sign": "=", "slash": "/", "colon": ":",
    "question_mark": "?", "escape": "esc", "comma": ",", "full_stop": ".", "minus": "-", "plus": "+", "space": "space",
}  # fmt: skip


def written(key: str) -> str:
    """A key as a person writes it: ``^o`` for ``ctrl+o``."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return _WRITTEN.get(key, key)


def key_of(action: UserAction, view: View) -> str:
    """The key of ``action`` as this user has it."""
    own = view.keys.get(action.name)
    return written(own[0]) if own else action.key


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


def _no_menu(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    return "" if state.assets else "the project has no assets"


def _no_retry(state: BenchState, view: View) -> str:
    return not_ready(state, view) or failed_plan(state, view).disabled


def _no_one_asset(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    key = view.selection.asset
    if key is None:
        return "select one asset, node or snapshot of ours"
    return "" if key in (state.assets or {}) else f"{key} is not in the project any more"


def _no_source(state: BenchState, view: View) -> str:
    if reason := _no_one_asset(state, view):
        return reason
    asset = (state.assets or {})[view.selection.asset or ""]
    return "" if asset.path else f"the project does not say where {asset.asset} is written"


def _no_width(state: BenchState, view: View) -> str:
    if reason := not_ready(state, view):
        return reason
    if view.place == LINEAGE:
        return "the lineage takes all the room there is"
    return "one pane fills the screen" if view.single else ""


def _no_project(state: BenchState, view: View) -> str:
    return "" if state.project is not None else "no project is open yet"


def _no_run(state: BenchState, view: View) -> str:
    if view.link is not Link.LIVE:
        return not_ready(state, view) or "the engine is not there"
    run = selected_run(state, view)
    if not active_runs(state):
        return "nothing is running"
    if run is not None and run.status is RunStatus.CANCELLING:
        return f"run {run.run_id[:4]} is being cancelled; its process is ended after 10 s, killed after 15 s"
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


_RUN, _LOOK, _MOVE, _DRAWER, _BENCH = "Run", "Look", "Move", "Drawer", "Bench"

ACTIONS: tuple[UserAction, ...] = (
    UserAction(
        "materialize",
        ("m",),
        "materialize",
        "Materialize the selected asset; a group, or what a run did, after a look at what that is.",
        _RUN,
        lambda doer: doer.materialize_selected(),
        _no_asset,
        rank=1,
    ),
    UserAction(
        "run_menu",
        ("M",),
        "choose",
        "Choose what to run: selected, all, stale, changed, failed again, upstream, downstream; with options.",
        _RUN,
        lambda doer: doer.show_run_menu(),
        _no_menu,
        rank=7,
    ),
    UserAction(
        "retry",
        ("R",),
        "retry failed",
        "Run again what failed, or was not reached, in the selected run or the newest that failed.",
        _RUN,
        lambda doer: doer.retry(),
        _no_retry,
        rank=12,
    ),
    UserAction(
        "cancel",
        ("c",),
        "cancel",
        "Cancel the selected run, or the only active one. Asks once, and says what happens if it does not stop.",
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
        "lineage",
        ("l",),
        "lineage",
        "What the selected asset is made from, and what is made from it.",
        _LOOK,
        lambda doer: doer.show_lineage(),
        _no_one_asset,
        rank=8,
    ),
    UserAction(
        "filter",
        ("slash",),
        "filter",
        "Only the assets with these words or fields: status: tag: owner: kind: group: namespace: name: path:, "
        "a comma for or, a minus for not.",
        _LOOK,
        lambda doer: doer.start_filter(),
        not_ready,
        rank=6,
        shown="/",
    ),
    UserAction(
        "grouping",
        ("v",),
        "group by",
        "Assets by group, by namespace, or in one list.",
        _LOOK,
        lambda doer: doer.step_grouping(),
        not_ready,
    ),
    UserAction(
        "open_source",
        ("o",),
        "open source",
        "Open the file of the selected asset in $VISUAL or $EDITOR.",
        _LOOK,
        lambda doer: doer.open_source(),
        _no_source,
        rank=14,
    ),
    UserAction(
        "refresh",
        ("r",),
        "refresh",
        "Look at project, runs and catalog again; after a failed start, try again.",
        _LOOK,
        lambda doer: doer.look_again(),
        _no_engine,
        rank=15,
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
    UserAction(
        "narrower",
        ("less_than_sign",),
        "narrower",
        "Make the pane narrower, the drawer lower; kept per project.",
        _LOOK,
        lambda doer: doer.resize(-1),
        _no_width,
    ),
    UserAction(
        "wider",
        ("greater_than_sign",),
        "wider",
        "Make the pane wider, the drawer higher; kept per project.",
        _LOOK,
        lambda doer: doer.resize(1),
        _no_width,
    ),
    UserAction(
        "first_sizes",
        ("equals_sign",),
        "first sizes",
        "Panes and drawer as they were at first.",
        _LOOK,
        lambda doer: doer.resize(0),
        _no_width,
    ),
    UserAction(
        "jump",
        ("ctrl+o",),
        "jump",
        "Letters on all panes and tabs; a letter goes there.",
        _MOVE,
        lambda doer: doer.jump(),
        not_ready,
    ),
    UserAction("assets", ("1",), "assets", "Go to Assets.", _MOVE, lambda doer: doer.go("assets"), not_ready),
    UserAction("runs", ("2",), "runs", "Go to Materializations.", _MOVE, lambda doer: doer.go("runs"), not_ready),
    UserAction(
        "snapshots", ("3",), "snapshots", "Go to Snapshots.", _MOVE, lambda doer: doer.go("snapshots"), not_ready
    ),
    UserAction(
        "drawer",
        ("4",),
        "log",
        "Go to the drawer.",
        _MOVE,
        lambda doer: doer.go("drawer"),
        rank=11,
    ),
    UserAction("next_place", ("tab",), "next", "Go to the next pane.", _MOVE, lambda doer: doer.step_place(1)),
    UserAction(
        "previous_place", ("shift+tab",), "previous", "Go to the pane before.", _MOVE, lambda doer: doer.step_place(-1)
    ),
    UserAction(
        "previous_tab",
        ("H",),
        "tab before",
        "In the drawer: the tab before.",
        _MOVE,
        lambda doer: doer.step_tab(-1),
        shown="H ← h",
    ),
    UserAction(
        "next_tab",
        ("L",),
        "next tab",
        "In the drawer: the next tab; 4 again goes there too.",
        _MOVE,
        lambda doer: doer.step_tab(1),
        shown="L → l",
    ),
    UserAction(
        "errors_only",
        (),
        "errors only",
        "In the log: warnings and errors only, and back.",
        _DRAWER,
        lambda doer: doer.turn_errors(),
        not_ready,
        shown="e",
    ),
    UserAction(
        "node_only",
        (),
        "this node only",
        "In the log: lines of the selected asset, node or run only, also of old runs; and back.",
        _DRAWER,
        lambda doer: doer.turn_node(),
        not_ready,
        shown="n",
    ),
    UserAction(
        "search_log", (), "search", "In the log: only lines with these words; esc takes it away.", _DRAWER, shown="/"
    ),
    UserAction(
        "code_face",
        (),
        "code",
        "In SQL: compiled, source, or what changed since the run before; in Checks: the SQL of a test, or its rows.",
        _DRAWER,
        lambda doer: doer.turn_code(),
        not_ready,
        shown="s",
    ),
    UserAction(
        "open_check",
        (),
        "failing rows",
        "In Checks: the rows that fail the test now; in Data: one row in full.",
        _DRAWER,
        shown="enter",
    ),
    UserAction("columns", (), "column", "In Data: the column before or after.", _DRAWER, shown="← → h l"),
    UserAction(
        "copy_cell", (), "copy cell", "In Data: copy the cell; Y the row as JSON, C the column.", _DRAWER, shown="y Y C"
    ),
    UserAction("up_down", (), "line", "Line up or down.", _MOVE, shown="↑ ↓ k j"),
    UserAction("pages", (), "page", "Page up or down.", _MOVE, shown="pgup pgdn ^b ^f"),
    UserAction("edges", (), "edge", "First or last line; in the log, G follows it live.", _MOVE, shown="g G"),
    UserAction("open", (), "open", "Open or shut a group or a run.", _MOVE, shown="enter ← → h l"),
    UserAction(
        "theme",
        ("T",),
        "theme",
        "The next theme: dark, light, high contrast, the terminal's own colours; kept per project.",
        _BENCH,
        lambda doer: doer.step_theme(),
    ),
    UserAction(
        "save_screen",
        ("S",),
        "save screen",
        "Save what is on the screen as SVG, in .floe-bench/screens.",
        _BENCH,
        lambda doer: doer.save_screen(),
        _no_project,
    ),
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
        "Answer no, take a message away, clear the filter, leave lineage or zoom.",
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
GROUPS = (_RUN, _LOOK, _MOVE, _DRAWER, _BENCH)
