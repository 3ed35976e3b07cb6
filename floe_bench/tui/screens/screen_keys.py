"""Every key of a screen over the bench, from the table of its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic

from floe_bench.tui.action import ScreenAction, V
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.view import View


class ScreenKeys(KeySheet, Generic[V]):
    """``about`` is what of the view the actions are about."""

    KEYS = 11

    def __init__(self, actions: Sequence[ScreenAction[Any, V]], about: Callable[[View], V]) -> None:
        super().__init__()
        self._actions, self._about = actions, about

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, about = known.bench_state, self._about(known.view)
        return [
            Entry(each.name, each.key, each.label, each.help, reason=each.disabled_reason(state, about))
            for each in self._actions
        ]
