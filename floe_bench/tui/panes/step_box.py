"""The two boxes about one node of a stepped run: its SQL, and what it did to its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from floe_bench.model.step import StepNode
from floe_bench.state import BenchState, usual_of
from floe_bench.tui.glance import EFFECT, SQL, Comparison, Glance, comparison_of, node_in_view, ran, wanted
from floe_bench.tui.messages import MoreWanted
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import unit
from floe_bench.tui.render.step import compared_lines, effect_lines, sql_lines, sql_title
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.view import View, percent_of

_AHEAD = 10
"""Rows below the last one on the screen, from where on the next page is read."""


class StepBox(Watcher):
    box: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        yield LineList(_draw, cursor=False)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def title(self, node: StepNode, glance: Glance | None) -> str:
        return ""

    def foot(self, node: StepNode) -> str:
        return ""

    def content(self, state: BenchState, node: StepNode, glance: Glance | None, width: int) -> Sequence[Line]:
        return ()

    def sync(self, state: BenchState, view: View) -> None:
        node, stepping = node_in_view(state, view.stepping), view.stepping
        if node is None or stepping is None:
            return
        # What was read of another node, or of an attempt before, says nothing of this one.
        known = stepping.glance if stepping.glance and stepping.glance.of == wanted(state, stepping) else None
        width = max(self.lines.size.width - GUTTER - 1, 20)
        lines = self.content(state, node, known, width)
        self.lines.show([Item(index, line, still=True) for index, line in enumerate(lines)])
        lit = stepping.box == self.box
        self.set_class(lit, "-lit")
        title = Span(self.title(node, known), Tone.LIT if lit else Tone.SOFT, bold=lit)
        foot = self.foot(node)
        self.label((title,), (Span(foot, Tone.SOFT),) if foot else ())


class SqlBox(StepBox):
    box: ClassVar[str] = SQL

    def title(self, node: StepNode, glance: Glance | None) -> str:
        return sql_title(node, glance)

    def foot(self, node: StepNode) -> str:
        return "o open in editor · r retry" if ran(node) else "o open in editor · R look again"

    def content(self, state: BenchState, node: StepNode, glance: Glance | None, width: int) -> Sequence[Line]:
        stepped = next((each for each in state.steps if node in each.nodes), None)
        usual = usual_of(state, node.asset, but=stepped.run_id if stepped else "")
        return sql_lines(node, glance, usual, width)


class EffectBox(StepBox):
    box: ClassVar[str] = EFFECT

    def title(self, node: StepNode, glance: Glance | None) -> str:
        return "What it did to the table" if ran(node) else "What it will do"

    def foot(self, node: StepNode) -> str:
        effect = node.effect
        if effect is None:
            return ""
        return f"{unit.short_snapshot(effect.from_snapshot)} → {unit.short_snapshot(effect.to_snapshot)}"

    def on_mount(self) -> None:
        self.watch(self.lines, "scroll_y", self._look_ahead, init=False)

    def tick(self) -> None:
        if self._comparison() is not None:
            self._changed()

    def content(self, state: BenchState, node: StepNode, glance: Glance | None, width: int) -> Sequence[Line]:
        comparison, view, spent = self._comparison(), facts(self).view, 0.0
        if comparison is not None and comparison.asked_at is not None:
            spent = (facts(self).now() - comparison.asked_at).total_seconds()
        percent = percent_of(view, node.table, node.effect.to_snapshot) if node.effect is not None else None
        compared = compared_lines(comparison, width, spent_s=spent, percent=percent)
        return effect_lines(node, glance, compared, width, counted=_counted(view, node))

    def _comparison(self) -> Comparison | None:
        return comparison_of(facts(self).bench_state, facts(self).view.stepping)

    def _look_ahead(self) -> None:
        """The next page, while there is still something to read below."""
        comparison = self._comparison()
        below = self.lines.max_scroll_y - self.lines.scroll_y
        if comparison is not None and comparison.has_more and below <= _AHEAD:
            self.post_message(MoreWanted())


def _counted(view: View, node: StepNode) -> float | None:
    """How far the engine is with counting; the whole of it is told when the node has ended."""
    told = view.progress
    return told.percent if told is not None and told.table == node.table and told.percent < 100 else None


def _draw(item: Item, width: int) -> Line:
    line: Line = item.of
    return line
