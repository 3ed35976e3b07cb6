"""Rehearsals: started over the selection, looked at, published or thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.model.rehearsal import Rehearsal, RehearsalState
from floe_bench.model.run import RunRequest
from floe_bench.tui.chosen import run_to_repeat
from floe_bench.tui.inspection import RehearsalLook
from floe_bench.tui.plan import repeat_plan, selected_plan
from floe_bench.tui.render.unit import plural
from floe_bench.tui.view import Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

REHEARSAL = "rehearsal"
"""Key of the numbered read."""
_SAMPLES = 8


class Rehearsing:
    """Nothing is published that was not shown first."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def begin(self) -> None:
        """Look at the one that is not over, else start one over the selection."""
        state, view = self._app.bench_state, self._app.view
        run = run_to_repeat(state, view)
        plan = selected_plan(state, view) if run is None else repeat_plan(state, run)
        request = RunRequest(plan.select, plan.exclude or None, plan.full_refresh, "app")
        self._app.say("looking at the rehearsal …")
        self._app.bridge.read(REHEARSAL, lambda client: _look(client, request))

    def take(self, answer: object) -> None:
        self._app.look(notice=None)
        if isinstance(answer, Trouble):
            self._app.say(f"{answer.message} → {answer.remedy}" if answer.remedy else answer.message, "warn")
        elif isinstance(answer, RehearsalLook):
            self._show(answer)

    def _show(self, look: RehearsalLook) -> None:
        from floe_bench.tui.screens.rehearsal import RehearsalScreen

        found = look.found
        if look.begun:
            self._app.say("rehearsing on branches: nobody else sees it; P looks at it when its run is over", "ok")
        elif found.state is RehearsalState.RUNNING:
            self._app.say(f"rehearsal {found.rehearsal_id[:4]} still runs; P looks at it when its run is over", "warn")
        elif len(self._app.screen_stack) == 1:
            self._app.push_screen(
                RehearsalScreen(found, look.diffs), lambda word: self._carry_out(found, word) if word else None
            )

    def _carry_out(self, found: Rehearsal, word: str) -> None:
        self._app.say(f"{word}ing …")
        tables = plural(len(found.tables), "table")

        def carry_out(client: BenchClient) -> str:
            if word == "publish":
                client.rehearsing.publish(found.rehearsal_id)
                return f"{tables} published; u on its run takes them back"
            client.rehearsing.discard(found.rehearsal_id)
            return f"rehearsal {found.rehearsal_id[:4]} discarded"

        self._app.bridge.do(word, carry_out)


def _look(client: BenchClient, request: RunRequest) -> RehearsalLook:
    going = next((each for each in client.rehearsing.rehearsals() if not each.state.over), None)
    if going is None:
        return RehearsalLook(client.rehearsing.start(request), begun=True)
    found = client.rehearsing.status(going.rehearsal_id)
    if found.state is RehearsalState.RUNNING:
        return RehearsalLook(found)
    return RehearsalLook(found, client.rehearsing.diff(found.rehearsal_id, _SAMPLES))
