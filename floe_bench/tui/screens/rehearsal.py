"""What a rehearsal wrote, before it is published or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from floe_bench.model.rehearsal import Rehearsal, RehearsedDiff
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.render.rehearsal import notes, obstacle, rehearsal_lines, title_of
from floe_bench.tui.screens.sheet import Sheet


class RehearsalScreen(Sheet[str | None]):
    """Answers with ``publish`` or ``discard``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "discard", show=False)]

    def __init__(self, found: Rehearsal, diffs: Sequence[RehearsedDiff]) -> None:
        super().__init__()
        self._found, self._diffs = found, diffs

    def below(self) -> list[Widget]:
        return [LineView()]

    def show(self) -> None:
        publish = "" if obstacle(self._found) else "enter publish · "
        self.label(title_of(self._found), f"{publish}x discard · esc back")
        width = max(self.lines.size.width - 2, 1)
        lines = rehearsal_lines(self._found, self._diffs, width)
        self.lines.show([Item(place, line) for place, line in enumerate(lines)])
        self.query_one(LineView).show(notes(self._found))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.how == "toggle" and not obstacle(self._found):
            self.dismiss("publish")

    def action_discard(self) -> None:
        self.dismiss("discard")
