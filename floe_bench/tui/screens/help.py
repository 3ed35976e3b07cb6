"""Every key of the bench, from the table of actions; those of where somebody is come first."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.tui.action import key_of
from floe_bench.tui.actions import ACTIONS, DRAWER_KEYS, GROUPS
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import glyph
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.screens.key_sheet import Entry, KeySheet
from floe_bench.tui.view import DRAWER, LINEAGE, RUNS, View


class HelpScreen(KeySheet):
    def heading(self) -> str:
        return f"Keys in {_here(facts(self).view)}"

    def entries(self) -> Sequence[Entry]:
        known = facts(self)
        state, view = known.bench_state, known.view
        return [
            Entry(
                action.name, key_of(action, view), action.label, action.help, action.group,
                action.disabled_reason(state, view), action.do is not None,
            )
            for group in _order(view)
            for action in ACTIONS
            if action.group == group
        ]  # fmt: skip

    def legend(self) -> Sequence[Line]:
        return _legend()


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
        Span(glyph.AGAIN, Tone.SOFT), Span(" another attempt", Tone.SOFT),
    ]  # fmt: skip
    return [
        Line((Span("Signs", Tone.SOFT, bold=True),)),
        Line(tuple(assets)),
        Line(tuple(snapshots)),
        Line((Span("▌", Tone.LIT), Span(" belongs to the selection", Tone.SOFT))),
    ]
