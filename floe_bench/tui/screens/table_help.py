"""Every key of the table screen, from its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.table_actions import TABLE_ACTIONS


class TableHelp(KeySheet):
    KEYS: ClassVar[int] = 11

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, looking = known.bench_state, known.view.looking
        return [
            Entry(each.name, each.key, each.label, each.help, reason=each.disabled_reason(state, looking))
            for each in TABLE_ACTIONS
        ]
