"""The columns of a grid on the screen: which one is looked at, and from which on they are shown."""

from __future__ import annotations

from floe_bench.model.answer import QueryAnswer
from floe_bench.tui.render import grid


class Columns:
    """Widths are kept while pages come in."""

    def __init__(self) -> None:
        self.current = 0
        self._first = 0
        self._of: object = None
        self.widths: tuple[int, ...] = ()

    def settle(self, of: object, answer: QueryAnswer, width: int, *, keep: bool = False) -> None:
        """``of`` something else: from its first column on, unless that is the same to ``keep``."""
        if of != self._of:
            if not keep:
                self.current = self._first = 0
            self._of, self.widths = of, grid.widths_of(answer)
            self.current = min(self.current, max(len(answer.columns) - 1, 0))
        if self.widths:
            self._first = grid.shown_columns(self.widths, self._first, self.current, width).first

    def shown(self, width: int) -> grid.Shown:
        return grid.shown_columns(self.widths, self._first, self.current, width)

    def step(self, by: int, answer: QueryAnswer) -> None:
        self.current = min(max(self.current + by, 0), len(answer.columns) - 1)
