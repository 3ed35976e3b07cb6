"""What each user action does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.model.run import RunRequest
from floe_bench.state import active_runs
from floe_bench.tui.actions import run_to_repeat, selected_assets, selected_run, selected_snapshot
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.request import copied, selection_of
from floe_bench.tui.screens.help import HelpScreen
from floe_bench.tui.view import DRAWER, PLACES, DiffFace, Link, Notice, Question

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

DIFF = "diff"
"""Key of the numbered read of a diff."""


class Hands:
    """The ``Doer`` of the table of actions: reads state and view, and tells the app and its bridge what to do."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def answer(self, name: str) -> None:
        """``y`` is the key of copy: while a question waits it says yes, like the key that asked."""
        question = self._app.view.question
        self._app.look(question=None)
        if question is None or name not in (question.action, "copy"):
            return
        if question.action == "cancel":
            run_id = question.subject
            self._app.say(f"cancelling run {run_id[:4]} …")
            self._app.bridge.do("cancel", lambda client: client.cancel(run_id))
        elif question.action == "quit":
            self._stop()

    def materialize_selected(self) -> None:
        run = run_to_repeat(self._app.bench_state, self._app.view)
        if run is not None:
            self._submit(RunRequest(run.selection or None, run.exclude or None, run.full_refresh, "app"))
            return
        self.materialize(tuple(asset.asset for asset in selected_assets(self._app.bench_state, self._app.view)))

    def materialize(self, assets: tuple[str, ...] | None) -> None:
        known = self._app.bench_state.assets or {}
        select = None if assets is None else selection_of(known[key] for key in assets)
        self._submit(RunRequest(select=select, launched_by="app"))

    def _submit(self, request: RunRequest) -> None:
        said = request.select or "everything"
        self._app.say(f"materialize {said} …")
        self._app.bridge.do("materialize", lambda client: f"run {client.submit(request)[:4]} is queued: {said}")

    def ask_cancel(self) -> None:
        run = selected_run(self._app.bench_state, self._app.view)
        if run is not None:
            text = f"Cancel run {run.run_id[:4]} ({run.selection or 'all'})?"
            self._app.look(question=Question("cancel", text, "cancel it", run.run_id), notice=None)

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
        to_snapshot = snapshot.snapshot_id
        self._app.look(diff=DiffFace(table, to_snapshot), tab="diff")
        if self._app.view.single:
            self._app.look(place=DRAWER)
        self._app.bridge.read(DIFF, lambda client: client.diff(table, to_snapshot=to_snapshot))

    def copy(self) -> None:
        text = copied(self._app.view.selection)
        self._app.copy_to_clipboard(text)
        self._app.say(f"copied {text}", "ok")

    def go(self, place: str) -> None:
        if place == DRAWER and self._app.view.place == DRAWER:
            self.step_tab(1)
        self._app.look(place=place)

    def step_place(self, by: int) -> None:
        self.go(PLACES[(PLACES.index(self._app.view.place) + by) % len(PLACES)])

    def show_tab(self, tab: str) -> None:
        self._app.look(tab=tab, place=DRAWER)

    def step_tab(self, by: int) -> None:
        names = [tab.tab for tab in TABS]
        self._app.look(tab=names[(names.index(self._app.view.tab) + by) % len(names)])

    def zoom(self) -> None:
        self._app.look(zoomed=not self._app.view.zoomed)

    def show_help(self) -> None:
        self._app.push_screen(HelpScreen())

    def show_palette(self) -> None:
        self._app.action_command_palette()

    def dismiss(self) -> None:
        self._app.look(notice=None, zoomed=False)

    def leave(self) -> None:
        """Quit; a second time while stopping does not wait."""
        if self._app.view.link is Link.STOPPING:
            self._app.exit()
            return
        ours = [run for run in active_runs(self._app.bench_state) if run.launched_by == "app"]
        kept = self._app.bench_state.stack is not None and self._app.bench_state.stack.kept
        if ours and not kept and self._app.view.link is Link.LIVE:
            text = f"Run {ours[0].run_id[:4]} is still going and would be cancelled. Quit?"
            self._app.look(question=Question("quit", text, "quit"), notice=None)
            return
        self._stop()

    def _stop(self) -> None:
        self._app.look(link=Link.STOPPING, notice=Notice("stopping … q again does not wait", "warn"))
        self._app.bridge.close()
