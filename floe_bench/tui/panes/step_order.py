"""The order of a stepped run, with its cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from floe_bench.state import BenchState, nodes_of
from floe_bench.tui.glance import ORDER, node_in_view, step_of
from floe_bench.tui.messages import NodeChosen
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render.step import check_lines, order_foot, order_lines
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.view import View

_SOME, _FEW = 6, 2
"""Checks of the node that is looked at that are listed one by one, with room and without."""


class OrderList(LineList):
    """Here ``k`` skips."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("k", "app.step_act('skip')", show=False)]


class StepOrder(Watcher):
    _looked_at: str | None = None

    def compose(self) -> ComposeResult:
        yield OrderList(self._draw)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def sync(self, state: BenchState, view: View) -> None:
        step, looked_at = step_of(state, view.stepping), node_in_view(state, view.stepping)
        if step is None or looked_at is None:
            return
        width, items = max(self.lines.size.width - GUTTER, 20), list[Item]()
        for number, node in enumerate(step.nodes, 1):
            items.append(Item(node.asset, (number, node)))
            if node.asset == looked_at.asset:
                lines = check_lines(node, nodes_of(state, step.run_id), width, _FEW if view.narrow else _SOME)
                items += (Item((node.asset, "checks", at), line, still=True) for at, line in enumerate(lines))
        self.lines.show(items)
        if looked_at.asset != self._looked_at:
            # Only then: the message that tells where somebody moved the cursor may still be on its way.
            self._looked_at = looked_at.asset
            self.lines.put_cursor(looked_at.asset)
        lit = view.stepping is not None and view.stepping.box == ORDER
        self.set_class(lit, "-lit")
        title = Span("Order", Tone.LIT if lit else Tone.SOFT, bold=lit)
        self.label((title,), (Span(order_foot(step), Tone.SOFT),))

    def _draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        state, view = facts(self).bench_state, facts(self).view
        step = step_of(state, view.stepping)
        number, node = item.of
        return order_lines(step, node, number, width - GUTTER, state.breakpoints) if step is not None else Line(())

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.item is None or message.item.still or not self.lines.has_focus:
            return
        key = message.item.key
        if key == self._looked_at or message.item != self.lines.current:
            return  # a cursor that went along with the run is no choice of the user's: it goes on going along
        self._looked_at = str(key)
        self.post_message(NodeChosen(self._looked_at))
