"""Log lines as they come."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from floe_bench.model.answer import LogLine
from floe_bench.state import BenchState
from floe_bench.tui.logbook import Logbook
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean
from floe_bench.tui.view import View

_TONES = {"debug": Tone.FAINT, "info": Tone.TEXT, "warn": Tone.WARN, "error": Tone.BAD}
_DRAIN_S = 0.1


class _HasLogbook(Protocol):
    logbook: Logbook


class LogTab(Tab):
    tab: ClassVar[str] = "log"
    title: ClassVar[str] = "Log"
    follows: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._seen = -1

    def on_mount(self) -> None:
        self.set_interval(_DRAIN_S, self._drain)

    def content(self, state: BenchState, view: View, width: int) -> list[Item]:
        book = cast(_HasLogbook, self.app).logbook
        self._seen = book.written
        if not book.written:
            return [Item(("face", index), line) for index, line in enumerate(face.empty("No log lines yet."))]
        return [Item(number, line) for number, line in book.numbered()]

    def draw(self, item: Item, width: int) -> Line:
        return item.of if isinstance(item.of, Line) else self._line(item.of)

    def sync(self, state: BenchState, view: View) -> None:
        """Only the drain draws lines, so that a burst of state costs the log nothing."""
        if view.tab == self.tab and self._seen < 0:
            super().sync(state, view)

    def _drain(self) -> None:
        known = facts(self)
        if known.view.tab == self.tab and cast(_HasLogbook, self.app).logbook.written != self._seen:
            super().sync(known.bench_state, known.view)

    def _line(self, line: LogLine) -> Line:
        at = line.at.astimezone(facts(self).zone).strftime("%H:%M:%S")
        tone = _TONES.get(line.level, Tone.TEXT)
        return Line((
            Span(f"{at} ", Tone.FAINT),
            cell(line.source, 8, Tone.SOFT),
            Span({"warn": "! ", "error": "✗ "}.get(line.level, "  "), tone),
            Span(clean(line.text), tone),
        ))  # fmt: skip
