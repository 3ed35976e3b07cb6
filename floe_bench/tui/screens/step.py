"""Stepping through a run: the order, the SQL of one node, what it did to its table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from floe_bench.state import BenchState
from floe_bench.tui.composed import Composed
from floe_bench.tui.glance import EFFECT, ORDER, SQL, step_of
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.step_box import EffectBox, SqlBox
from floe_bench.tui.panes.step_order import StepOrder
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import step_chrome
from floe_bench.tui.render.step import step_header
from floe_bench.tui.step_actions import STEP_ACTIONS
from floe_bench.tui.view import View


class StepHeader(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        step = step_of(state, view.stepping)
        self.query_one(LineView).show((step_header(state, step, self.size.width),))


class StepFooter(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((step_chrome.footer(state, view, self.size.width),))


class StepScreen(Composed):
    AUTO_FOCUS: ClassVar[str | None] = "OrderList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(action.keys), f"app.step_act('{action.name}')", action.label, show=False)
            for action in STEP_ACTIONS
        ),
        Binding("y", "app.step_act('yes')", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield StepHeader()
        with Horizontal(id="step"):
            yield StepOrder()
            with Vertical(id="about"):
                yield SqlBox()
                yield EffectBox()
        yield StepFooter()

    def on_mount(self) -> None:
        self.watch(self.app, "view", self._arrange, init=False)
        self._arrange()

    def _arrange(self) -> None:
        if not self.children:
            return
        view = facts(self).view
        box = view.stepping.box if view.stepping else ORDER
        self.set_class(view.narrow, "-narrow")
        # Where there is no room for both, the one that has the keys is shown.
        self.query_one(SqlBox).display = not view.narrow or box != EFFECT
        self.query_one(EffectBox).display = not view.narrow or box == EFFECT
        boxes = {ORDER: self.query_one(StepOrder).lines, SQL: self.query_one(SqlBox).lines}
        wanted = boxes.get(box) or self.query_one(EffectBox).lines
        if self.focused is not wanted and self.is_current:
            self.set_focus(wanted)
