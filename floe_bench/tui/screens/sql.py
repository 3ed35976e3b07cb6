"""Asking the lakehouse: an editor, and what came of each statement."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from floe_bench.state import BenchState
from floe_bench.tui.asking import EDITOR, RESULTS
from floe_bench.tui.composed import Composed
from floe_bench.tui.panes.editor_box import EditorBox
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.result_box import ResultBox
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import sql_chrome
from floe_bench.tui.sql_actions import SQL_ACTIONS
from floe_bench.tui.view import View


class SqlHeader(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((sql_chrome.header(view.asking, self.size.width),))


class SqlFooter(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((sql_chrome.footer(state, view, self.size.width),))


class SqlScreen(Composed):
    AUTO_FOCUS: ClassVar[str | None] = "Editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"app.ask_act('{action.name}')", action.label, show=False, priority=len(key) > 1 and key != "tab")
        for action in SQL_ACTIONS
        for key in action.keys
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield SqlHeader()
        yield EditorBox()
        yield ResultBox()
        yield SqlFooter()

    @property
    def box(self) -> EditorBox:
        return self.query_one(EditorBox)

    @property
    def results(self) -> ResultBox:
        return self.query_one(ResultBox)

    def on_mount(self) -> None:
        if self._text:
            self.box.put(self._text)
        self.watch(self.app, "view", self._arrange, init=False)
        self._arrange()

    def _arrange(self) -> None:
        view = facts(self).view
        if not self.children or view.asking is None:
            return
        # Where there is little room, most of it is for what is looked at.
        self.set_class(view.narrow and view.asking.box == RESULTS, "-reading")
        # A question is answered with a letter, which the editor would take.
        typing = view.asking.box == EDITOR and view.question is None
        wanted: Widget = self.box.editor if typing else self.query_one(ResultBox).lines
        if self.focused is not wanted and self.is_current:
            self.set_focus(wanted)
