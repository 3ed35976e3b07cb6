"""Every key of the SQL screen, from its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.sql_actions import SQL_ACTIONS


class SqlHelp(KeySheet):
    KEYS: ClassVar[int] = 11

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, view = known.bench_state, known.view
        return [
            Entry(each.name, each.key, each.label, each.help, reason=each.disabled_reason(state, view))
            for each in SQL_ACTIONS
        ]
