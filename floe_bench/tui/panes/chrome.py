"""Header, tab line and footer."""

from __future__ import annotations

from textual.app import ComposeResult

from floe_bench.state import BenchState
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import chrome
from floe_bench.tui.view import View


class Header(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        zone = facts(self).zone
        self.query_one(LineView).show((chrome.header(state, view, self.size.width, zone),))


class TabLine(Watcher):
    """Only where one pane is shown at a time."""

    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        tabs = [(each.tab, each.title) for each in TABS]
        self.query_one(LineView).show((chrome.tab_line(state, view, tabs),))


class ProblemLine(Watcher):
    """Only while there is something that the user should know."""

    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        line = chrome.problem_line(state, view, self.size.width or self.app.size.width)
        self.display = line is not None
        self.query_one(LineView).show((line,) if line is not None else ())


class Footer(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((chrome.footer(state, view, self.size.width),))
