"""What was carried from one stack to another, table by table."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from floe_bench.model.carry import Carriage
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import unit
from floe_bench.tui.render.service import carried_lines, carrying_lines
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, wrap
from floe_bench.tui.screens.sheet import Sheet


class CarryingSheet(Sheet[bool | None]):
    """How far it is; answers True when somebody ends it."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(classes="-low")
        self._source, self._target = source, target

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield LineList(self._draw, cursor=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.app, "view", self.show, init=False)

    def show(self) -> None:
        self.label(f"Carrying the tables of {self._source} to {self._target}", "esc ends it; what came is whole")
        lines = carrying_lines(facts(self).view.carrying, self._source, self.lines.size.width - GUTTER - 1)
        self.lines.show([Item(at, line, still=True) for at, line in enumerate(lines)])

    def action_leave(self) -> None:
        self.dismiss(True)


class CarriageSheet(Sheet[None]):
    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield LineList(self._draw, cursor=False)

    def __init__(self, carriage: Carriage) -> None:
        super().__init__()
        self._carriage = carriage

    def show(self) -> None:
        found = self._carriage
        self.label(f"Carried from {found.source} to {found.target}", "all rows were compared · esc back")
        # What did not come is what somebody has to see.
        tables = sorted(found.tables, key=lambda each: not each.fault)
        left = unit.plural(sum(each.snapshots_left for each in tables), "older snapshot")
        said = f"Not carried: {left}, branches and tags. {found.source} keeps them."
        room = max(self.lines.size.width - GUTTER - 1, 30)
        lines = [Line((Span(each, Tone.SOFT),)) for each in wrap(said, room)]
        lines += [BLANK, *(line for each in tables for line in carried_lines(each, room))]
        self.lines.show([Item(at, line, still=True) for at, line in enumerate(lines)])
