"""The selected snapshot against its parent."""

from __future__ import annotations

from typing import ClassVar

from floe_bench.state import BenchState
from floe_bench.tui.messages import MoreWanted
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.diff import comparing_lines, diff_lines
from floe_bench.tui.view import View, percent_of

_AHEAD = 10
"""Rows below the last one on the screen, from where on the next page is read."""


class DiffTab(Tab):
    tab: ClassVar[str] = "diff"
    title: ClassVar[str] = "Diff"

    def on_mount(self) -> None:
        self.watch(self.lines, "scroll_y", self._look_ahead, init=False)

    def content(self, state: BenchState, view: View, width: int) -> list[Item]:
        asked = view.diff
        if asked is None:
            lines = face.empty("Nothing was compared yet.", ("d", "compares the selected snapshot with its parent"))
        elif asked.trouble is not None and asked.diff is None:
            lines = face.broken(asked.trouble, width)
        elif asked.diff is None:
            spent = (facts(self).now() - asked.asked_at).total_seconds() if asked.asked_at else 0.0
            what = f"comparing {unit.short_snapshot(asked.to_snapshot)} of {asked.table} with its parent"
            lines = comparing_lines(what, spent, percent_of(view, asked.table, asked.to_snapshot))
        else:
            read = state.snapshots.get(asked.table, ())
            made_by = next((each for each in read if each.snapshot_id == asked.to_snapshot), None)
            lines = diff_lines(asked.diff, made_by, width)
            if asked.trouble is not None:
                lines = [*lines, *face.broken(asked.trouble, width)]
        return [Item(index, line) for index, line in enumerate(lines)]

    def tick(self) -> None:
        known = facts(self)
        if known.view.tab == self.tab and known.view.diff is not None and known.view.diff.pending:
            self.again()

    def _look_ahead(self) -> None:
        """The next page, while there is still something to read below."""
        asked = facts(self).view.diff
        if asked is not None and asked.has_more and self.lines.max_scroll_y - self.lines.scroll_y <= _AHEAD:
            self.post_message(MoreWanted())
