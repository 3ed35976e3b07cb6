"""The stack: its services, and the log of one of them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from floe_bench.state import BenchState
from floe_bench.tui.composed import Composed
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.service_box import ServiceFacts, ServiceList, ServiceLog
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import stack_chrome
from floe_bench.tui.services import SERVICES
from floe_bench.tui.stack_actions import STACK_ACTIONS
from floe_bench.tui.view import View


class StackHeader(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((stack_chrome.header(state, view.tending, self.size.width),))


class StackFooter(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((stack_chrome.footer(state, view, self.size.width),))


class StackScreen(Composed):
    AUTO_FOCUS: ClassVar[str | None] = "ServiceList LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(action.keys), f"app.stack_act('{action.name}')", action.label, show=False)
            for action in STACK_ACTIONS
        ),
        Binding("y", "app.stack_act('yes')", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield StackHeader()
        yield ServiceList()
        yield ServiceFacts()
        yield ServiceLog()
        yield StackFooter()

    def on_mount(self) -> None:
        self.watch(self.app, "view", self._arrange, init=False)
        self._arrange()

    def _arrange(self) -> None:
        tending = facts(self).view.tending
        if not self.children or tending is None:
            return
        box = self.query_one(ServiceList) if tending.box == SERVICES else self.query_one(ServiceLog)
        if self.focused is not box.lines and self.is_current:
            self.set_focus(box.lines)
