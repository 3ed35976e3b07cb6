"""What happens when the engine goes away: what was last known stays on the screen, and the engine is tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.state import BenchState
from floe_bench.tui.later import later
from floe_bench.tui.view import Link, Lost, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

_WAITS_S = (0.5, 2.0, 5.0, 10.0, 30.0)
"""Before each attempt; the last one again and again: starting an engine that dies costs seconds of a processor."""


class Recovery:
    """``coming`` is what the new engine has said so far; nobody sees it before it is whole."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._number = 0
        self.coming: BenchState | None = None

    def lose(self, trouble: Trouble) -> None:
        """The engine is not there; try again by and by."""
        lost = self._app.view.lost or Lost(self._app.now())
        wait_s = _WAITS_S[min(lost.attempts, len(_WAITS_S) - 1)]
        self.coming = None
        self._number += 1
        number = self._number
        self._app.look(
            link=Link.BROKEN, trouble=trouble, question=None, lost=replace(lost, attempts=lost.attempts + 1, doing="")
        )
        later(self._app, wait_s, lambda: self._again(number))

    def begin(self) -> None:
        """A new engine is being connected to."""
        self._number += 1
        self.coming = BenchState()
        self._app.look(link=Link.CONNECTING, question=None)
        self._say("starting the engine")

    def take(self, state: BenchState) -> None:
        """What the new engine knows by now; the bench is its as soon as it is whole, or has failed to become so."""
        self.coming = state
        if state.booted is not None:
            self.coming = None
            self._app.renew(state)
        elif going := next((phase.title for phase in state.phases if not phase.over), ""):
            self._say(going)

    def _say(self, doing: str) -> None:
        lost = self._app.view.lost
        if lost is not None and lost.doing != doing:
            self._app.look(lost=replace(lost, doing=doing))

    def _again(self, number: int) -> None:
        if number == self._number and self._app.view.link is Link.BROKEN:
            self._app.start()
