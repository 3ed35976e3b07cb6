"""What a tab of the drawer is. A new tab is one subclass in one small file, named in ``all.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from floe_bench.state import BenchState
from floe_bench.tui.inspection import Inspection, Want
from floe_bench.tui.messages import Entered
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone
from floe_bench.tui.view import DRAWER, View


class Tab(Watcher):
    tab: ClassVar[str] = ""
    title: ClassVar[str] = ""
    follows: ClassVar[bool] = False
    """Stays at its end while lines come in, until the user scrolls up."""
    cursor: ClassVar[bool] = False
    """A line at a time is under the cursor; else the lines scroll."""

    def compose(self) -> ComposeResult:
        yield LineView()
        yield LineList(self._draw, cursor=self.cursor, follow=self.follows)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    @classmethod
    def want(cls, state: BenchState, view: View) -> Want | None:
        """What must be read to fill it; None when state has everything."""
        return None

    def head(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        """Stays while the lines below it scroll."""
        return ()

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        return []

    def draw(self, item: Item, width: int) -> Line:
        line: Line = item.of
        return line

    def foot(self, state: BenchState, view: View) -> str:
        """Its own keys, in the border."""
        return ""

    @classmethod
    def badge(cls, state: BenchState, view: View) -> str:
        """After the title: a count that wants attention."""
        return ""

    def sync(self, state: BenchState, view: View) -> None:
        if view.tab == self.tab:
            room = max((self.lines.size.width or self.size.width) - 2, 20)
            self.query_one(LineView).show([_indented(line) for line in self.head(state, view, room)])
            self.lines.show(self.content(state, view, room))

    def tick(self) -> None:
        """Only what is being read shows how long it takes."""
        known = facts(self)
        inspection = known.view.inspection
        if known.view.tab == self.tab and inspection is not None and inspection.asked_at is not None:
            self.again()

    def waiting(self, inspection: Inspection | None, what: str, width: int) -> Sequence[Line] | None:
        """Loading, with time, or broken; None when there is an answer."""
        if inspection is None:
            return self.waiting_for(what)
        if inspection.trouble is not None and inspection.empty:
            return face.broken(inspection.trouble, width, retry="try again")
        if inspection.empty:
            return (BLANK, self.spinning(inspection, what))
        return None

    def spinning(self, inspection: Inspection, what: str) -> Line:
        spent = (facts(self).now() - inspection.asked_at).total_seconds() if inspection.asked_at else 0.0
        took = f" {unit.seconds(spent)}" if spent >= 0.1 else ""
        return Line((Span("◐ ", Tone.WARN), Span(f"{what} …", Tone.SOFT), Span(took, Tone.FAINT)))

    def again(self) -> None:
        known = facts(self)
        self.sync(known.bench_state, known.view)

    def _draw(self, item: Item, width: int) -> Line:
        return self.draw(item, width)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.post_message(Entered(DRAWER))


def still(lines: Sequence[Line], kind: str = "face") -> list[Item]:
    """Lines that are not selectable."""
    return [Item((kind, index), line, still=True) for index, line in enumerate(lines)]


def _indented(line: Line) -> Line:
    return Line((Span("  "), *line.left), line.right)
