"""The drawer below the panes: one tab at a time, its names in the border."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from floe_bench.state import BenchState
from floe_bench.tui.messages import Asked
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.panes.watcher import Watcher
from floe_bench.tui.render.text import Span, Tone
from floe_bench.tui.view import DRAWER, View


class Drawer(Watcher):
    place: ClassVar[str] = DRAWER

    def compose(self) -> ComposeResult:
        self._tabs = tuple(kind() for kind in TABS)
        yield from self._tabs

    @property
    def lines(self) -> LineList | None:
        """The list of the tab that is shown."""
        shown = self._shown
        return shown.lines if shown else None

    @property
    def _shown(self) -> Tab | None:
        return next((tab for tab in self._tabs if tab.display), None)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        step = {"open": "next_tab", "shut": "previous_tab"}.get(message.how)
        if step is not None:
            self.post_message(Asked(step))

    def sync(self, state: BenchState, view: View) -> None:
        for tab in self._tabs:
            tab.display = tab.tab == view.tab
        lit = view.place == DRAWER
        self.set_class(lit, "-lit")
        spans = [Span("4 ", Tone.LIT if lit else Tone.SOFT, bold=lit)]
        for index, kind in enumerate(TABS):
            here = kind.tab == view.tab
            tone = Tone.LIT if here and lit else Tone.TEXT if here else Tone.SOFT
            spans += [Span(" · ", Tone.FAINT)] if index else []
            spans.append(Span(kind.title, tone, bold=here, act=f"tab:{kind.tab}"))
            spans.append(Span(kind.badge(state, view), Tone.BAD))
        shown = self._shown
        foot = (shown.foot(state, view) if shown else "") or "← → tab"
        foot += " · z zoom"
        self.label(spans, (Span(foot, Tone.SOFT),))
