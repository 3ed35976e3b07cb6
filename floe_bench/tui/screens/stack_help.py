"""Every key of the stack screen, from its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.stack_actions import STACK_ACTIONS


class StackHelp(KeySheet):
    KEYS: ClassVar[int] = 11

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, view = known.bench_state, known.view
        return [
            Entry(each.name, each.key, each.label, each.help, reason=each.disabled_reason(state, view))
            for each in STACK_ACTIONS
        ]
