"""Letters on panes and tabs; one of them goes there."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen

from floe_bench.tui.panes.chrome import TabLine
from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render.chrome import tab_line
from floe_bench.tui.render.text import Line, Span, Tone, width_of
from floe_bench.tui.view import PLACES

_BEFORE_TITLE = 5
"""Cells of a border before its title's first word: corner, line, blank, digit, blank."""
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
            label.show((Line((Span(letter, Tone.ALERT, bold=True),)),))
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
    """Letter -> where it goes, and where it stands: on itself in the name it is in, else on the first letter."""
    found = [*_in_tab_line(under), *_in_panes(under), *_in_drawer(under)]
    letters: dict[str, tuple[str, Offset]] = {}
    for name, title, place in found:
        if any(name == known for known, _ in letters.values()):
            continue
        wanted = (*title.lower(), *_LETTERS)
        letter = next(each for each in wanted if each in _LETTERS and each not in letters)
        letters[letter] = (name, place + Offset(max(title.lower().find(letter), 0), 0))
    return letters


_Target = tuple[str, str, Offset]
"""The name of an action, the word for it on the screen, and where that begins."""


def _in_tab_line(under: Screen[object]) -> Iterator[_Target]:
    line = under.query_one(TabLine)
    known, x = facts(under), 0
    if not line.display:
        return
    for span in tab_line(known.bench_state, known.view, [(each.tab, each.title) for each in TABS]).left:
        word = span.text.strip(" 1234")
        if span.act:
            yield span.act, word, line.region.offset + Offset(x + span.text.find(word), 0)
        x += width_of((span,))


def _in_panes(under: Screen[object]) -> Iterator[_Target]:
    for pane in under.query(Pane):
        if pane.display and pane.place in PLACES and pane.region:
            yield pane.place, pane.title, pane.region.offset + Offset(_BEFORE_TITLE, 0)


def _in_drawer(under: Screen[object]) -> Iterator[_Target]:
    drawer, known = under.query_one(Drawer), facts(under)
    x = _BEFORE_TITLE
    for kind in TABS if drawer.display and drawer.region else ():
        yield f"tab:{kind.tab}", kind.title, drawer.region.offset + Offset(x, 0)
        x += len(kind.title) + len(kind.badge(known.bench_state, known.view)) + len(" · ")
