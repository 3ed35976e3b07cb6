"""The selected snapshot against its parent."""

from __future__ import annotations

from typing import ClassVar

from floe_bench.state import BenchState
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.diff import diff_lines
from floe_bench.tui.view import View


class DiffTab(Tab):
    tab: ClassVar[str] = "diff"
    title: ClassVar[str] = "Diff"

    def content(self, state: BenchState, view: View, width: int) -> list[Item]:
        asked = view.diff
        if asked is None:
            lines = face.empty("Nothing was compared yet.", ("d", "compares the selected snapshot with its parent"))
        elif asked.trouble is not None:
            lines = face.broken(asked.trouble, width)
        elif asked.diff is None:
            lines = face.loading(f"comparing {unit.short_snapshot(asked.to_snapshot)} of {asked.table} with its parent")
        else:
            read = state.snapshots.get(asked.table, ())
            made_by = next((each for each in read if each.snapshot_id == asked.to_snapshot), None)
            lines = diff_lines(asked.diff, made_by, width)
        return [Item(index, line) for index, line in enumerate(lines)]
