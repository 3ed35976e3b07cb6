"""What each user action does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.state import active_runs
from floe_bench.tui.asking import quoted
from floe_bench.tui.chosen import selected_run, selected_snapshot
from floe_bench.tui.desk import resized
from floe_bench.tui.failure import failure_of
from floe_bench.tui.inspection import next_face
from floe_bench.tui.launch import Launch
from floe_bench.tui.outside import Outside
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.rehearsing import Rehearsing
from floe_bench.tui.request import copied
from floe_bench.tui.since import SinceWhen
from floe_bench.tui.source import Source
from floe_bench.tui.taking_back import TakingBack
from floe_bench.tui.theme import THEMES
from floe_bench.tui.view import (
    ASSETS,
    DRAWER,
    GROUPINGS,
    LINEAGE,
    PLACES,
    RUNS,
    SHARES_DEFAULT,
    Link,
    Notice,
    Question,
    Selection,
)

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp


class Hands:
    """The ``Doer`` of the table of actions: reads state and view, and tells the app and its bridge what to do."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._launch = Launch(app)
        self._outside = Outside(app)
        self._taking_back = TakingBack(app)
        self._rehearsing = Rehearsing(app)
        self.since = SinceWhen(app, app.comparing.begin)

    def answer(self, name: str) -> None:
        """``y`` is the key of copy: while a question waits it says yes, like the key that asked."""
        question = self._app.view.question
        self._app.look(question=None)
        if question is None or name not in (question.action, "copy"):
            return
        if question.action == "cancel":
            self._launch.cancel(question.subject)
        elif question.action == "quit":
            self._stop()

    def materialize_selected(self) -> None:
        self._launch.selected()

    def show_run_menu(self) -> None:
        self._launch.menu()

    def step(self) -> None:
        self._app.stepper.begin()

    def move_in_time(self, by: int) -> None:
        self._app.cursor.move(by)

    def choose_moment(self) -> None:
        self._app.cursor.choose()

    def go_to_now(self) -> None:
        self._app.cursor.go(None)

    def show_tables(self) -> None:
        self._app.explorer.begin()

    def show_sql(self) -> None:
        table = self._app.view.table
        self._app.asker.begin("" if self._app.view.asking or not table else f"select * from {quoted(table)}")

    def show_stack(self) -> None:
        self._app.keeper.begin()

    def rehearse(self) -> None:
        self._rehearsing.begin()

    def take_rehearsal(self, answer: object) -> None:
        self._rehearsing.take(answer)

    def pause_run(self) -> None:
        run = selected_run(self._app.bench_state, self._app.view)
        if run is not None:
            self._app.stepper.pause_run(run.run_id)

    def open(self, source: Source, *, then: Callable[[], None]) -> None:
        self._outside.open(source, then=then)

    def retry(self) -> None:
        self._launch.again()

    def ask_cancel(self) -> None:
        self._launch.ask_cancel()

    def ask_undo(self, *, downstream: bool) -> None:
        self._taking_back.ask(downstream=downstream)

    def ask_redo(self) -> None:
        self._taking_back.ask_redo()

    def take_plan(self, answer: object) -> None:
        self._taking_back.take(answer)

    def show_lineage(self) -> None:
        self._app.look(lineage=self._app.view.selection.asset, place=LINEAGE)

    def start_filter(self) -> None:
        self._app.look(filtering=True, place=ASSETS)

    def step_grouping(self) -> None:
        view = self._app.view
        self._app.look(grouping=GROUPINGS[(GROUPINGS.index(view.grouping) + 1) % len(GROUPINGS)], place=ASSETS)

    def resize(self, by: int) -> None:
        view = self._app.view
        shares = resized(view.shares, PLACES.index(view.place), by) if by else SHARES_DEFAULT
        if shares == view.shares and by:
            self._app.say("no further", "warn")
        self._app.look(shares=shares)

    def open_source(self) -> None:
        self._outside.open_source()

    def open_console(self) -> None:
        self._outside.open_console()

    def save_screen(self) -> None:
        self._outside.save_screen()

    def step_theme(self) -> None:
        themes = tuple(THEMES)
        now = themes.index(self._app.theme) if self._app.theme in themes else -1
        self._app.choose_theme(themes[(now + 1) % len(themes)])
        self._app.say(f"theme {self._app.theme}", "ok")

    def jump(self) -> None:
        from floe_bench.tui.screens.jump import JumpScreen

        self._app.push_screen(JumpScreen(self._app.screen), lambda name: self._app.perform(name) if name else None)

    def look_again(self) -> None:
        state = self._app.bench_state
        if self._app.view.link is Link.BROKEN or (state.booted is not None and not state.booted.ok):
            self._app.start()
            return
        self._app.say("looking again …")
        self._app.bridge.do("refresh", lambda client: client.refresh())
        self._app.read_again()

    def show_diff(self) -> None:
        snapshot, table = selected_snapshot(self._app.bench_state, self._app.view), self._app.view.table
        if snapshot is None or table is None:
            return
        self._app.comparing.begin(table, snapshot.snapshot_id)

    def show_error(self) -> None:
        """A node that made something: its SQL; a check: its rows; a Python asset has only what it said."""
        found = failure_of(self._app.bench_state, self._app.view)
        if found is None:
            return
        run_id, node = found
        selection = Selection(RUNS, (node.asset,) if node.asset else (), run_id=run_id, node_id=node.node_id)
        drawing, tab = replace(self._app.view.drawing, code="compiled"), "sql"
        if node.is_check:
            drawing, tab = replace(drawing, check=(run_id, node.node_id), check_code=False), "checks"
        elif node.kind == "python":
            drawing, tab = replace(drawing, node_only=True), "log"
        self._app.look(selection=selection, drawing=drawing, tab=tab, place=DRAWER)

    def ask_since(self) -> None:
        self.since.begin()

    def copy(self) -> None:
        text = copied(self._app.view.selection)
        self._app.copy_to_clipboard(text)
        self._app.say(f"copied {text}", "ok")

    def go(self, place: str) -> None:
        if place == DRAWER and self._app.view.place == DRAWER:
            self.step_tab(1)
        self._app.look(place=place)

    def step_place(self, by: int) -> None:
        here = self._app.view.place
        self.go(PLACES[(PLACES.index(here if here in PLACES else ASSETS) + by) % len(PLACES)])

    def show_tab(self, tab: str) -> None:
        self._app.look(tab=tab, place=DRAWER)

    def step_tab(self, by: int) -> None:
        names = [tab.tab for tab in TABS]
        self._app.look(tab=names[(names.index(self._app.view.tab) + by) % len(names)])

    def turn_errors(self) -> None:
        self._turn(errors_only=not self._app.view.drawing.errors_only)

    def turn_node(self) -> None:
        self._turn(node_only=not self._app.view.drawing.node_only)

    def turn_code(self) -> None:
        """In the tab that shows code; from any other one, go there."""
        view = self._app.view
        if view.tab == "checks" and view.place == DRAWER:
            self._turn(check_code=not view.drawing.check_code)
        elif view.tab == "sql":
            self._turn(code=next_face(view.inspection, view.drawing.code))
        else:
            self.show_tab("sql")

    def _turn(self, **changed: object) -> None:
        drawing = replace(self._app.view.drawing, **changed)  # type: ignore[arg-type]
        self._app.look(drawing=drawing)

    def zoom(self) -> None:
        self._app.look(zoomed=not self._app.view.zoomed)

    def show_help(self) -> None:
        from floe_bench.tui.screens.help import HelpScreen

        self._app.push_screen(HelpScreen(), lambda name: self._app.perform(name) if name else None)

    def show_palette(self) -> None:
        self._app.action_command_palette()

    def dismiss(self) -> None:
        """One thing at a time, the innermost first; a message goes along with it, for it is over in seconds anyway."""
        view = self._app.view
        if view.notice is not None:
            self._app.look(notice=None)
        if view.tab == "diff" and self._app.comparing.give_up():
            self._app.say("the comparison was given up")
        elif view.place == LINEAGE:
            self._app.look(place=ASSETS)
        elif view.zoomed:
            self._app.look(zoomed=False)
        elif view.place == DRAWER:
            self._app.look(place=view.selection.origin)
        else:
            self._app.look(filter="")

    def leave(self) -> None:
        """Quit; a second time while stopping does not wait."""
        if self._app.view.link is Link.STOPPING:
            self._app.exit()
            return
        ours = [run for run in active_runs(self._app.live) if run.launched_by == "app"]
        kept = self._app.bench_state.stack is not None and self._app.bench_state.stack.kept
        if ours and not kept and self._app.view.link is Link.LIVE:
            text = f"Run {ours[0].run_id[:4]} is still going and would be cancelled. Quit?"
            self._app.look(question=Question("quit", text, "quit"), notice=None)
            return
        self._stop()

    def _stop(self) -> None:
        self._app.look(link=Link.STOPPING, notice=Notice("stopping … q again does not wait", "warn"))
        self._app.bridge.close()
