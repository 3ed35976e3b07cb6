"""Choosing the moment that the whole bench is shown as of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.past.moment import Moment
from floe_bench.tui.render.moment import moment_line
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.screens.typed_sheet import TypedSheet


class TimeSheet(TypedSheet):
    """Answers with a time, what was typed, or ``NOW``."""

    NOW: ClassVar[str] = "now"
    HEADING: ClassVar[str] = "The whole bench as of"
    PLACEHOLDER: ClassVar[str] = "a time (2026-01-31 14:00) or a snapshot id"
    HINT: ClassVar[str] = "enter · ↓ commits and runs · esc back"

    def __init__(self, offered: Sequence[Moment]) -> None:
        now = Item(self.NOW, Line((Span("now", Tone.LIT), Span("   as everything is", Tone.FAINT))))
        super().__init__([now, *(Item(_typed(each), each) for each in offered)])

    def line(self, item: Item, width: int) -> Line:
        known = facts(self)
        return moment_line(item.of, known.now(), known.zone)


def _typed(moment: Moment) -> str:
    """Several tables may be written at one time."""
    return str(moment.snapshot.snapshot_id) if moment.snapshot is not None else moment.at.isoformat()
