"""Starting and stopping runs: what the user asked for, through preview and question, to the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.model.run import Means, Run, RunRequest, RunStatus
from floe_bench.state import run_of
from floe_bench.tui.chosen import run_to_repeat, selected_run
from floe_bench.tui.plan import Plan, failed_plan, plans, repeat_plan, selected_plan
from floe_bench.tui.view import Question

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp


class Launch:
    """More than one asset is never made without having been shown first."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def selected(self) -> None:
        state, view = self._app.bench_state, self._app.view
        run = run_to_repeat(state, view)
        self.plan(selected_plan(state, view) if run is None else repeat_plan(state, run))

    def again(self) -> None:
        self.plan(failed_plan(self._app.bench_state, self._app.view))

    def menu(self) -> None:
        from floe_bench.tui.screens.run_menu import RunMenu

        chosen = plans(self._app.bench_state, self._app.view)
        self._app.push_screen(RunMenu(chosen), self._preview)

    def plan(self, plan: Plan) -> None:
        """One asset at once, more after a look at them."""
        if plan.known and len(plan.assets) == 1 and not plan.exclude and not plan.full_refresh:
            self._submit(RunRequest(select=plan.select, launched_by="app", repeats=plan.repeats))
        else:
            self._preview(plan)

    def _preview(self, plan: Plan | None) -> None:
        from floe_bench.tui.screens.preview import PreviewScreen

        if plan is not None:
            self._app.push_screen(PreviewScreen(plan), self._submit)

    def _submit(self, request: RunRequest | None) -> None:
        if request is None:
            return
        said = request.select or "everything"
        self._app.say(f"materialize {said} …")
        self._app.bridge.do("materialize", lambda client: f"run {client.submit(request)[:4]} is queued: {said}")

    def ask_cancel(self) -> None:
        run = selected_run(self._app.bench_state, self._app.view)
        if run is None:
            return
        if run.status is RunStatus.CANCELLING:
            self._cancel_harder(run)
            return
        what = f"run {run.run_id[:4]} ({run.selection or 'all'})"
        if run.status is RunStatus.QUEUED:
            text = f"Take {what} out of the queue?"
        else:
            text = f"Cancel {what}? dbt ends its node, after 10 s its process is ended, after 15 s killed."
        self._app.look(question=Question("cancel", text, "cancel it", run.run_id), notice=None)

    def cancel(self, run_id: str) -> None:
        run = run_of(self._app.bench_state, run_id)
        waiting = run is not None and run.status is RunStatus.QUEUED
        said = "" if waiting else ": dbt is asked to end its node; c again does not wait for that"
        self._app.say(f"cancelling run {run_id[:4]}{said}", "warn")
        self._app.bridge.do("cancel", lambda client: client.cancel(run_id))

    def _cancel_harder(self, run: Run) -> None:
        """It was asked to end and has not yet: the next step is not waited for."""
        kill = run.ending is not None and run.ending.means is Means.ENDED
        self._app.say(f"{'killing' if kill else 'ending'} the process of run {run.run_id[:4]}", "warn")
        self._app.bridge.do("cancel", lambda client: client.cancel(run.run_id))
