"""When events that wait are folded into state: soon, in slices, and not while a key is being answered."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from floe_bench.tui.later import later

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

EVERY_S = 0.05
_KEY_S = 0.05
"""After a key, that long: its answer is painted first."""
_LATEST_S = 0.2
"""Whoever holds a key down sees what happens all the same."""


class Tempo:
    """Calls ``fold`` again until it says that nothing waits any more."""

    def __init__(self, app: BenchApp, fold: Callable[[], bool]) -> None:
        self._app, self._fold = app, fold
        self._folded_at = self._keyed_at = 0.0
        self._waits = False

    def keyed(self) -> None:
        self._keyed_at = monotonic()

    def wake(self) -> None:
        """Something waits."""
        if not self._waits:
            self._waits = True
            self._turn()

    def _turn(self) -> None:
        now = monotonic()
        due = max(self._folded_at + EVERY_S, min(self._keyed_at + _KEY_S, self._folded_at + _LATEST_S))
        if due > now:
            later(self._app, due - now, self._turn)
            return
        self._waits = self._fold()
        self._folded_at = monotonic()
        if self._waits:
            later(self._app, EVERY_S / 2, self._turn)
