"""A list that draws only the lines it shows: 10,000 lines cost what 30 do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from floe_bench.tui.composed import Composed
from floe_bench.tui.panes.paint import ansi_of, strip_of
from floe_bench.tui.panes.thumb import Thumb
from floe_bench.tui.render.text import Line, Span, Tone, fit
from floe_bench.tui.theme import Palette, cursor_style

GUTTER = 2


class Item(NamedTuple):
    """One line. ``key`` survives a redraw, ``of`` is whatever the drawer needs, ``still`` lines are not selectable."""

    key: Hashable
    of: Any
    still: bool = False


class Look(NamedTuple):
    """What one line on the screen shows; ``line`` is None below the last item."""

    line: Line | None
    palette: Palette
    marked: bool = False
    under: bool = False
    lit: bool = False


Draw = Callable[[Item, int], Line]
Standing = tuple[int, int, int, Palette, bool]
"""Scroll position, cursor, width, colours and focus."""


class LineList(ScrollView, can_focus=True):
    """Cursor by key, marks by key. Says where the cursor rests and what was opened; knows nothing else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup,ctrl+b,ctrl+u", "page(-1)", show=False),
        Binding("pagedown,ctrl+f,ctrl+d", "page(1)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter,space", "open('toggle')", show=False),
        Binding("left,h", "open('shut')", show=False),
        Binding("right,l", "open('open')", show=False),
    ]

    class Moved(Message):
        def __init__(self, lines: LineList, item: Item | None) -> None:
            super().__init__()
            self.lines = lines
            self.item = item

        @property
        def control(self) -> LineList:
            return self.lines

    class Opened(Message):
        """``how`` is toggle, open or shut; ``item`` is None in a list without a cursor."""

        def __init__(self, lines: LineList, item: Item | None, how: str) -> None:
            super().__init__()
            self.lines = lines
            self.item = item
            self.how = how

        @property
        def control(self) -> LineList:
            return self.lines

    def __init__(self, draw: Draw, *, id: str | None = None, cursor: bool = True, follow: bool = False) -> None:
        super().__init__(id=id)
        self._draw_item = draw
        self._items: Sequence[Item] = ()
        self._marks: frozenset[Hashable] = frozenset()
        self._cursor = -1
        self._telling = False
        self._has_cursor = cursor
        self._follow = follow
        self._drawn: dict[int, Look] = {}
        self._ready: tuple[Standing | None, dict[int, Look]] = (None, {})
        """What ``renew`` found, to be drawn next unless something moved since."""
        self._ground = Style.null()

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    @property
    def current(self) -> Item | None:
        return self._items[self._cursor] if 0 <= self._cursor < len(self._items) else None

    @property
    def at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def show(self, items: Sequence[Item], marks: frozenset[Hashable] = frozenset()) -> None:
        """Replace the lines; the cursor stays on its key, or near where it was."""
        before, marked = self.current, marks != self._marks
        follow = self._follow and self.at_end
        self._items, self._marks = items, marks
        self._grow(len(items))
        if self._has_cursor:
            self._keep_cursor(before)
        if marked and not self.has_focus:
            self._reveal_mark()
        if follow:
            self.scroll_to(y=max(0, len(items) - self.size.height), animate=False, force=True, immediate=True)
        self.renew()

    def renew(self, *lines: int) -> None:
        """Draw again what looks different now, of ``lines`` of the screen or of all: a frame costs what has changed."""
        width, height = self.scrollable_content_region.size
        palette = ansi_of(self)
        looked_at = (y for y in lines if 0 <= y < height) if lines else range(height)
        looks = {y: self._look_of(y, width, palette) for y in looked_at}
        self._ready = (self._standing(width, palette), looks)
        changed = [y for y, look in looks.items() if self._drawn.get(y) != look]
        if changed:
            self.refresh(*(Region(0, top, width, height) for top, height in _bands(changed)))

    def _grow(self, lines: int) -> None:
        """Another number of lines moves the scroll bar only; the screen is laid out anew when one comes or goes."""
        if lines != self.virtual_size.height:
            self.set_reactive(LineList.virtual_size, Size(0, lines))
            self._refresh_scrollbars()
            self.vertical_scrollbar.window_virtual_size = lines
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """As Textual makes it, of another kind."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = Thumb(vertical=True, name="vertical", thickness=self.scrollbar_size_vertical)
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar

    def put_cursor(self, key: Hashable) -> None:
        for index, item in enumerate(self._items):
            if item.key == key:
                self._move_to(index)
                return

    def reveal(self, index: int) -> None:
        """Scroll so that the line stands in the upper third, unless it is on the screen."""
        top, height = self.scroll_offset.y, self.size.height
        if height and not top <= index < top + height:
            self.scroll_to(y=max(0, index - height // 3), animate=False, force=True, immediate=True)

    def go_to_mark(self) -> None:
        """Put the cursor on the first marked line, unless it is on one."""
        if self.current is not None and self.current.key in self._marks:
            return
        for index, item in enumerate(self._items):
            if item.key in self._marks:
                self._move_to(index)
                return

    def action_move(self, by: int) -> None:
        if not self._has_cursor:
            self.scroll_relative(y=by, animate=False, immediate=True)
            return
        self._move_to(self._next(self._cursor, by))

    def action_page(self, by: int) -> None:
        rows = max(1, self.size.height - 1)
        if not self._has_cursor:
            self.scroll_relative(y=by * rows, animate=False, immediate=True)
            return
        wanted = min(max(self._cursor + by * rows, 0), len(self._items) - 1)
        self._move_to(self._near(wanted, by))

    def action_edge(self, by: int) -> None:
        if not self._has_cursor:
            self.scroll_to(y=0 if by < 0 else self.max_scroll_y, animate=False, immediate=True)
            return
        self._move_to(self._near(0 if by < 0 else len(self._items) - 1, -by))

    def action_open(self, how: str) -> None:
        self.post_message(self.Opened(self, self.current, how))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._ground = self.rich_style  # found by walking up the tree: once for all lines
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        palette = ansi_of(self)
        standing, looks = self._ready
        ready = looks.get(y) if standing == self._standing(width, palette) else None
        look = self._drawn[y] = ready or self._look_of(y, width, palette)
        if look.line is None:
            return Strip.blank(width, self._ground)
        spans = [_gutter(look), *fit(look.line, width - GUTTER)]
        if look.marked:
            spans = [span._replace(bold=True) for span in spans]
        if look.lit and look.palette is Palette.ANSI:
            spans = [span._replace(tone=Tone.TEXT) for span in spans]  # reversed colours would be a patchwork
        over = cursor_style(look.palette, look.lit) if look.under else None
        return strip_of(spans, self._ground, ansi=look.palette, over=over)

    def _standing(self, width: int, palette: Palette) -> Standing:
        return round(self.scroll_y), self._cursor, width, palette, self.has_focus

    def _look_of(self, y: int, width: int, palette: Palette) -> Look:
        index = round(self.scroll_y) + y
        if index >= len(self._items):
            return Look(None, palette)
        item = self._items[index]
        under = self._has_cursor and index == self._cursor
        line = self._draw_item(item, width - GUTTER)
        return Look(line, palette, item.key in self._marks, under, under and self.has_focus)

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if not self._has_cursor or not 0 <= index < len(self._items) or self._items[index].still:
            return
        again = index == self._cursor
        self._move_to(index)
        if again or event.x <= GUTTER + 1:
            self.action_open("toggle")

    def on_resize(self) -> None:
        if self.current is not None:
            self.reveal(self._cursor)

    def on_focus(self) -> None:
        self.post_message(self.Moved(self, self.current))
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _keep_cursor(self, before: Item | None) -> None:
        """On its key, where it was on the screen; but at the top of a list nobody is in, it stays with the newest."""
        if before is not None and not (self._cursor == 0 and not self.has_focus):
            if self._cursor < len(self._items) and self._items[self._cursor].key == before.key:
                return
            found = next((index for index, item in enumerate(self._items) if item.key == before.key), None)
            if found is not None:
                moved, self._cursor = found - self._cursor, found
                if self.scroll_offset.y or found >= self.size.height:
                    self.scroll_to(y=max(0, self.scroll_offset.y + moved), animate=False, force=True, immediate=True)
                return
        nearest = self._near(max(0, min(self._cursor, len(self._items) - 1)), 1) if self._items else -1
        self._cursor = nearest if 0 <= nearest < len(self._items) and not self._items[nearest].still else -1
        if self.current != before:
            self.post_message(self.Moved(self, self.current))

    def _next(self, start: int, by: int) -> int:
        index = start + by
        while 0 <= index < len(self._items):
            if not self._items[index].still:
                return index
            index += by
        return start

    def _near(self, index: int, by: int) -> int:
        """The selectable line at ``index``, or the nearest one, looking in the direction of ``by`` first."""
        if not 0 <= index < len(self._items) or not self._items[index].still:
            return index
        found = self._next(index, by)
        return found if found != index else self._next(index, -by)

    def _move_to(self, index: int) -> None:
        if not 0 <= index < len(self._items):
            return
        before, self._cursor = self._cursor, index
        top = self.scroll_offset.y
        self._keep_in_sight(index)
        if self.scroll_offset.y == top:  # else all of it is drawn
            self.renew(before - top, index - top)
        if self.has_focus and isinstance(self.screen, Composed):
            self.screen.paint(self)
        if index != before and not self._telling:
            self._telling = True
            self.call_after_refresh(self._tell)

    def _keep_in_sight(self, index: int) -> None:
        """With the heading right above it; a list without a height yet scrolls nowhere."""
        if not self.size.height:
            return
        above = index - 1 if index and self._items[index - 1].still else index
        self.scroll_to_region(
            Region(0, above, 1, index - above + 1), animate=False, force=True, immediate=True, x_axis=False
        )

    def _tell(self) -> None:
        """Once it is seen where the cursor is: what follows from it takes longer, and of many moves the last counts."""
        self._telling = False
        self.post_message(self.Moved(self, self.current))

    def _reveal_mark(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if not self._marks or any(item.key in self._marks for item in self._items[top : top + height]):
            return
        place = next((index for index, item in enumerate(self._items) if item.key in self._marks), None)
        if place is not None and height:
            self.scroll_to(y=max(0, place - 1), animate=False, force=True, immediate=True)


def _bands(lines: Sequence[int]) -> list[tuple[int, int]]:
    """Lines that lie together as (first, how many): what is drawn at once is drawn faster."""
    bands: list[tuple[int, int]] = []
    for line in sorted(lines):
        if bands and line == sum(bands[-1]):
            bands[-1] = (bands[-1][0], bands[-1][1] + 1)
        else:
            bands.append((line, 1))
    return bands


def _gutter(look: Look) -> Span:
    if look.marked:
        return Span("▌ ", Tone.LIT)
    return Span("› " if look.lit else "  ", Tone.LIT)
