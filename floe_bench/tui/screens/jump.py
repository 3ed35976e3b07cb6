"""Letters on panes and tabs; one of them goes there."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen

from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.view import PLACES

_BEFORE_TABS = 4
"""Cells of the drawer's border before its first tab, less one, so that a letter stands before its word."""
_LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpScreen(ModalScreen[str | None]):
    """Answers with the name of an action: a place, or ``tab:NAME``."""

    def __init__(self, under: Screen[object]) -> None:
        super().__init__()
        self._targets = targets(under)

    def compose(self) -> ComposeResult:
        for letter, (_, place) in self._targets.items():
            label = LineView()
            label.add_class("letter")
            label.show((Line((Span(f" {letter} ", Tone.ALERT, bold=True),)),))
            label.styles.offset = (place.x, place.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        name, _ = self._targets.get(event.key, ("", None))
        self.dismiss(name or None)

    def on_click(self) -> None:
        self.dismiss(None)


def targets(under: Screen[object]) -> dict[str, tuple[str, Offset]]:
    """Letter -> where it goes, and where it stands. The first letter of the name where it is free."""
    found: list[tuple[str, str, Offset]] = []
    for pane in under.query(Pane):
        if pane.display and pane.place in PLACES and pane.region:
            found.append((pane.place, pane.title, pane.region.offset + Offset(1, 0)))
    drawer = under.query_one(Drawer)
    if drawer.display and drawer.region:
        known = facts(under)
        x = _BEFORE_TABS
        for kind in TABS:
            found.append((f"tab:{kind.tab}", kind.title, drawer.region.offset + Offset(x, 0)))
            x += len(kind.title) + len(kind.badge(known.bench_state, known.view)) + len(" · ")
    letters: dict[str, tuple[str, Offset]] = {}
    for name, title, place in found:
        wanted = (*title.lower(), *_LETTERS)
        letters[next(each for each in wanted if each in _LETTERS and each not in letters)] = (name, place)
    return letters
