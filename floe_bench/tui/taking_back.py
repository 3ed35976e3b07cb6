"""Undo and redo: what the user asked for, through a look at the plan, to the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.model.undo import UndoKind, UndoPlan
from floe_bench.tui.chosen import run_to_repeat
from floe_bench.tui.render.unit import plural
from floe_bench.tui.view import Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

PLAN = "undo plan"
"""Key of the numbered read of a plan."""


class TakingBack:
    """Nothing is moved that was not shown first."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def ask(self, *, downstream: bool) -> None:
        """Of the selected run, else of the selected asset."""
        run = run_to_repeat(self._app.bench_state, self._app.view)
        asset = self._app.view.selection.asset
        self._app.say("looking what an undo would do …")
        if run is not None:
            run_id = run.run_id
            self._app.bridge.read(PLAN, lambda client: client.undo.plan(run_id=run_id, downstream=downstream))
        else:
            self._app.bridge.read(PLAN, lambda client: client.undo.plan(asset=asset, downstream=downstream))

    def ask_redo(self) -> None:
        self._app.say("looking what a redo would do …")
        self._app.bridge.read(PLAN, lambda client: client.undo.plan_redo())

    def take(self, answer: object) -> None:
        from floe_bench.tui.screens.undo import UndoScreen

        self._app.look(notice=None)
        if isinstance(answer, Trouble):
            said = f"{answer.message} → {answer.remedy}" if answer.remedy else answer.message
            self._app.say(said, "warn")
        elif isinstance(answer, UndoPlan) and self._looked_at():
            self._app.push_screen(UndoScreen(answer), self._carry_out)

    def _looked_at(self) -> bool:
        """The bench, a table, a stepped run or a query: not where something else was opened over them meanwhile."""
        from floe_bench.tui.screens.sql import SqlScreen
        from floe_bench.tui.screens.step import StepScreen
        from floe_bench.tui.screens.tables import TableScreen

        return len(self._app.screen_stack) == 1 or isinstance(self._app.screen, StepScreen | TableScreen | SqlScreen)

    def _carry_out(self, plan: UndoPlan | None) -> None:
        if plan is None:
            return
        done = "taken back; ^r brings it forward" if plan.kind is UndoKind.UNDO else "brought forward"
        self._app.say(f"{plan.kind} of {plural(len(plan.tables), 'table')} …")
        self._app.bridge.do(
            str(plan.kind),
            lambda client: f"undo {client.undo.apply(plan).undo_id}: {plural(len(plan.tables), 'table')} {done}",
        )
