"""Every key, from the table of actions; those of where somebody is come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from floe_bench.tui.action import UserAction, key_of
from floe_bench.tui.actions import ACTIONS, DRAWER_KEYS, GROUPS
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.paint import ansi_of, content_of
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import glyph
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, wrap
from floe_bench.tui.view import DRAWER, LINEAGE, RUNS, View

_KEYS = 17


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,f1,enter", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            yield LineList(self._draw, cursor=False)

    def on_mount(self) -> None:
        self.watch(self.app, "bench_state", self._show, init=False)
        self.call_after_refresh(self._show)
        box = self.query_one("#help")
        title = (Span("Keys", Tone.LIT, bold=True), Span(f" in {_here(facts(self).view)}", Tone.SOFT))
        box.border_title = content_of(title, ansi=ansi_of(self))
        box.border_subtitle = content_of((Span("esc back", Tone.SOFT),), ansi=ansi_of(self))
        self.query_one(LineList).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        lines: list[Line] = []
        for group in _order(facts(self).view):
            lines += [BLANK] if lines else []
            lines.append(Line((Span(group, Tone.SOFT, bold=True),)))
            for action in (each for each in ACTIONS if each.group == group):
                lines += self._lines(action)
        lines += [BLANK, *_legend()]
        self.query_one(LineList).show([Item(index, line) for index, line in enumerate(lines)])

    def _lines(self, action: UserAction) -> list[Line]:
        known = facts(self)
        reason = action.disabled_reason(known.bench_state, known.view)
        key = cell(key_of(action, known.view), _KEYS, Tone.FAINT if reason else Tone.LIT, bold=not reason)
        room = max(self.query_one(LineList).size.width - GUTTER - _KEYS - 3, 30)
        tone = Tone.SOFT if reason else Tone.TEXT
        said = [Span(each, tone) for each in wrap(action.help, room)]
        said += [Span(each, Tone.WARN) for each in wrap(f"not now: {reason}", room)] if reason else []
        pad = Span(" " * (_KEYS + 2))
        return [Line((Span("  "), key, said[0])), *(Line((pad, each)) for each in said[1:])]

    def _draw(self, item: Item, width: int) -> Line:
        line: Line = item.of
        return line


_NAMES = {RUNS: "Materializations", LINEAGE: "the lineage"}


def _here(view: View) -> str:
    if view.place == DRAWER:
        return next((tab.title for tab in TABS if tab.tab == view.tab), "the drawer")
    return _NAMES.get(view.place, view.place.capitalize())


def _order(view: View) -> Sequence[str]:
    """What belongs to where somebody is comes first."""
    return (DRAWER_KEYS, *(group for group in GROUPS if group != DRAWER_KEYS)) if view.place == DRAWER else GROUPS


def _legend() -> list[Line]:
    assets = [part for mark in glyph.ASSET.values() for part in (mark.span, Span(f" {mark.word}  ", Tone.SOFT))]
    snapshots = [
        Span(glyph.CURRENT, Tone.OK), Span(" current  ", Tone.SOFT),
        Span(glyph.OLDER, Tone.SOFT), Span(" older  ", Tone.SOFT),
        Span(glyph.FOREIGN, Tone.WARN), Span(" not by us  ", Tone.SOFT),
        Span(glyph.CRITICAL, Tone.WARN), Span(" critical path  ", Tone.SOFT),
        Span("▌", Tone.LIT), Span(" belongs to the selection", Tone.SOFT),
    ]  # fmt: skip
    return [
        Line((Span("Signs", Tone.SOFT, bold=True),)),
        Line((Span("  "), *assets)),
        Line((Span("  "), *snapshots)),
    ]
