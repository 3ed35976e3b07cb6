"""A scroll bar that is drawn again when its thumb lies elsewhere: in a long list a line further it does not."""

from __future__ import annotations

from math import ceil

from textual.geometry import Region
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar

_PARTS = 8
"""Of a cell, that the thumb's ends are drawn to."""


class Thumb(ScrollBar):
    window_virtual_size: Reactive[int] = Reactive(100, repaint=False)
    window_size: Reactive[int] = Reactive(0, repaint=False)
    position: Reactive[float] = Reactive(0, repaint=False)

    _lies = (0, 0)

    def watch_window_virtual_size(self) -> None:
        self._look()

    def watch_window_size(self) -> None:
        self._look()

    def watch_position(self) -> None:
        self._look()

    def _look(self) -> None:
        before, lies = self._lies, thumb(self.window_virtual_size, self.window_size, self.position)
        if lies != before:
            self._lies = lies
            top = min(before[0], lies[0]) // _PARTS
            end = ceil(max(sum(before), sum(lies)) / _PARTS)
            self.refresh(Region(0, top, self.size.width, end - top + 1))


def thumb(lines: int, window: int, position: float) -> tuple[int, int]:
    """Where it begins and how long it is, in eighths of a cell of a bar as high as the window; (0, 0) without one."""
    if not 0 < window < lines:
        return 0, 0
    length = max(1.0, window * window / lines)
    start = (window - length) * position / (lines - window)
    return int(start * _PARTS), ceil(length * _PARTS)
