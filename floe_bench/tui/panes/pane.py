"""A bordered list with its title, count, keys and faces. A new pane is one subclass in one small file."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget

from floe_bench.state import BenchState
from floe_bench.tui.messages import Entered, Selected
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.reason import stale_since
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone
from floe_bench.tui.view import Selection, View


class Pane(Watcher):
    """Subclasses answer pure questions about state; the base draws and sends messages up."""

    place: ClassVar[str] = ""
    title: ClassVar[str] = ""
    digit: ClassVar[int] = 0

    def compose(self) -> ComposeResult:
        yield LineList(self._draw)
        yield LineView()

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def focused_by(self, view: View) -> Widget:
        """What gets the focus when somebody goes to this pane."""
        return self.lines

    @property
    def room(self) -> int:
        """Cells for text in a line."""
        return max(self.lines.size.width - GUTTER - 1, 16)

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        """What to say instead of a list: loading, empty, broken. None when there is something to list."""
        return None

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        return ()

    def marks(self, state: BenchState, view: View) -> frozenset[Hashable]:
        return frozenset()

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        return BLANK

    def about(self, state: BenchState, view: View) -> tuple[Span, ...]:
        """After the title, in the border."""
        return ()

    def foot(self, state: BenchState, view: View) -> str:
        """In the lower border: count and the pane's own keys."""
        return ""

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        """A few lines below the list, about the line under the cursor."""
        return ()

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        """What the line under the cursor selects."""
        return None

    def opened(self, item: Item, how: str) -> None:
        """Enter, or an arrow, on a line."""

    def sync(self, state: BenchState, view: View) -> None:
        face = self.face(state, view)
        if face is None:
            self.lines.show(self.items(state, view), self.marks(state, view))
        else:
            self.lines.show([Item(("face", index), line, still=True) for index, line in enumerate(face)])
        room = self.size.height // 2
        detail = tuple(self.detail(state, view))[:room] if face is None else ()
        self.query_one(LineView).show(detail)
        self._label(state, view)
        self.set_class(view.place == self.place, "-lit")

    def tick(self) -> None:
        self.lines.renew()

    def _label(self, state: BenchState, view: View) -> None:
        known = facts(self)
        lit = view.place == self.place
        name = Span(
            f"{self.digit} {self.title}" if self.digit else self.title, Tone.LIT if lit else Tone.SOFT, bold=lit
        )
        since = stale_since(state, view)
        # Before what the title is about: a long name is cut, and this is not to be missed.
        old = (Span(f"  last known {unit.clock(since, known.now(), known.zone)}", Tone.WARN),) if since else ()
        self.set_class(since is not None, "-stale")
        foot = self.foot(state, view)
        self.label((name, *old, *self.about(state, view)), (Span(foot, Tone.SOFT),) if foot else ())

    def _draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        return self.draw(item, width, facts(self).bench_state)

    def under_cursor(self) -> Selection | None:
        """What the cursor is on, told or not; None where somebody is elsewhere, or on a line that selects nothing."""
        item = self.lines.current
        if not self.lines.has_focus or item is None or isinstance(item.of, Line):
            return None
        return self.chosen(item, facts(self).bench_state)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        known = facts(self)
        stands = message.item == self.lines.current
        if not self.lines.has_focus and (known.view.selection.origin != self.place or not stands):
            return
        if message.item is not None and not isinstance(message.item.of, Line):
            selection = self.chosen(message.item, known.bench_state)
            if selection is not None:
                self.post_message(Selected(selection))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.item is not None and not isinstance(message.item.of, Line):
            self.opened(message.item, message.how)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.post_message(Entered(self.place))
