"""A box over the bench: a title, lines to move along, and its keys in the lower border."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.paint import ansi_of, content_of
from floe_bench.tui.render.text import Line, Span, Tone, clean

Answer = TypeVar("Answer")


class Sheet(ModalScreen[Answer]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", show=False)]
    HINT: ClassVar[str] = "esc back"

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield LineList(self._draw)
            yield from self.below()

    def below(self) -> list[Widget]:
        """What stands under the list."""
        return []

    def on_mount(self) -> None:
        self.lines.focus()
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw everything that may have changed."""

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def label(self, title: str, hint: str) -> None:
        box = self.query_one(".sheet")
        box.border_title = content_of((Span(clean(title), Tone.LIT, bold=True),), ansi=ansi_of(self))
        box.border_subtitle = content_of((Span(hint, Tone.SOFT),), ansi=ansi_of(self))

    def line(self, item: Item, width: int) -> Line:
        line: Line = item.of
        return line

    def action_leave(self) -> None:
        self.dismiss(None)

    def _draw(self, item: Item, width: int) -> Line:
        return item.of if isinstance(item.of, Line) else self.line(item, width)
