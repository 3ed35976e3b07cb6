"""A result as a plot."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from floe_bench.model.answer import QueryAnswer
from floe_bench.tui.messages import Copied
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.plotting import Plot, next_axis, next_value, points_of
from floe_bench.tui.render import unit
from floe_bench.tui.render.plot import plot_lines
from floe_bench.tui.render.text import Line, clean
from floe_bench.tui.screens.sheet import Sheet


class PlotSheet(Sheet[None]):
    """Of the rows that are there; it says when there are more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "axis", show=False),
        Binding("y", "copy", show=False),
    ]
    HINT: ClassVar[str] = "← → column · x over · y copy · esc back"

    def __init__(self, answer: QueryAnswer, plot: Plot) -> None:
        super().__init__(classes="-plot")
        self._answer, self._plot = answer, plot
        self._drawn: list[Line] = []

    def show(self) -> None:
        if not self.is_attached:
            return
        found = points_of(self._answer, self._plot)
        width, height = self.lines.size.width - GUTTER - 2, self.lines.size.height
        self._drawn = plot_lines(found, width, height)
        self.lines.show([Item(place, line, still=True) for place, line in enumerate(self._drawn)])
        self.label(self._title(found.left_out), self.HINT)

    def _title(self, left_out: int) -> str:
        answer, plot = self._answer, self._plot
        over = "the order of the rows" if plot.x is None else answer.columns[plot.x]
        rows = unit.plural(len(answer.rows), "row")
        about = [f"the first {rows}" if answer.truncated else rows]
        if left_out:
            about.append(f"{unit.count(left_out)} without a number")
        return f"{clean(answer.columns[plot.y])} over {clean(over)} · {', '.join(about)}"

    def action_axis(self) -> None:
        self._plot = next_axis(self._answer, self._plot, 1)
        self.show()

    def action_copy(self) -> None:
        text = "\n".join("".join(span.text for span in line.left) for line in self._drawn)
        self.post_message(Copied(text, "the plot"))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.how in ("open", "shut"):
            self._plot = next_value(self._answer, self._plot, 1 if message.how == "open" else -1)
            self.show()
