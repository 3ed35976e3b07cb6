"""What a tab of the drawer is. A new tab is one subclass in one small file, named in ``all.py``."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from floe_bench.state import BenchState
from floe_bench.tui.messages import Entered
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render.text import Line
from floe_bench.tui.view import DRAWER, View


class Tab(Watcher):
    tab: ClassVar[str] = ""
    title: ClassVar[str] = ""
    follows: ClassVar[bool] = False
    """Stays at its end while lines come in, until the user scrolls up."""

    def compose(self) -> ComposeResult:
        yield LineList(self._draw, cursor=False, follow=self.follows)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def content(self, state: BenchState, view: View, width: int) -> list[Item]:
        return []

    def draw(self, item: Item, width: int) -> Line:
        line: Line = item.of
        return line

    @classmethod
    def badge(cls, state: BenchState, view: View) -> str:
        """After the title: a count that wants attention."""
        return ""

    def sync(self, state: BenchState, view: View) -> None:
        if view.tab == self.tab:
            self.lines.show(self.content(state, view, max(self.lines.size.width - 2, 20)))

    def _draw(self, item: Item, width: int) -> Line:
        return self.draw(item, width)

    def again(self) -> None:
        known = facts(self)
        self.sync(known.bench_state, known.view)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.post_message(Entered(DRAWER))
