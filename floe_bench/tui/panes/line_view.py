"""A few lines that are not a list: header, footer, detail, boot."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from floe_bench.tui.panes.paint import ansi_of, strip_of
from floe_bench.tui.render.text import Line, fit


class LineView(Widget):
    """Draws the lines it was given; as high as they are unless its style says otherwise."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        shown = tuple(lines)
        if shown == self._lines:
            return
        grown = len(shown) != len(self._lines)
        self._lines = shown
        self.refresh(layout=grown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        return strip_of(fit(self._lines[y], width), self.rich_style, ansi=ansi_of(self))
