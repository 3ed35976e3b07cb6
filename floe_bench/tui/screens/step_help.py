"""Every key of the step screen, from its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.step_actions import STEP_ACTIONS


class StepHelp(KeySheet):
    KEYS: ClassVar[int] = 9

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, stepping = known.bench_state, known.view.stepping
        return [
            Entry(each.name, each.key, each.label, each.help, reason=each.disabled_reason(state, stepping))
            for each in STEP_ACTIONS
        ]
