"""Where to stop at one asset."""

from __future__ import annotations

from textual import on

from floe_bench.model.step import Breakpoint, Condition, StepNode
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.screens.sheet import Sheet

_CHOICES = (
    (Condition.ALWAYS, 0.0, "before it"),
    (Condition.ROWS, 0.0, "after it, if any row changed"),
    (Condition.ROWS, 100.0, "after it, if more than 100 rows changed"),
    (Condition.CHECKS, 0.0, "after it, if a check failed"),
    (Condition.SCHEMA, 0.0, "after it, if its schema changed"),
    (Condition.SLOWER, 2.0, "after it, if it took more than twice the usual"),
)


class ConditionMenu(Sheet[Breakpoint | None]):
    """Answers with the breakpoint that was chosen. Other numbers: ``floe-bench step break``."""

    def __init__(self, node: StepNode) -> None:
        super().__init__(classes="-low")
        self._node = node

    def show(self) -> None:
        self.label(f"Stop at {self._node.name}", "enter · esc back · other numbers: floe-bench step break")
        self.lines.show(
            [
                Item(index, (Breakpoint(self._node.asset, condition, threshold), words))
                for index, (condition, threshold, words) in enumerate(_CHOICES)
            ]
        )

    def line(self, item: Item, width: int) -> Line:
        return Line((Span("● ", Tone.BAD), Span(item.of[1])))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.item is not None and message.how != "shut":
            self.dismiss(message.item.of[0])
