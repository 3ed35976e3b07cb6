"""What an undo or a redo would do, before it is done."""

from __future__ import annotations

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from floe_bench.model.undo import UndoPlan
from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.render.text import Line
from floe_bench.tui.render.undo import about_lines, head_line, notes, table_line, title_of
from floe_bench.tui.screens.sheet import Sheet


class UndoScreen(Sheet[UndoPlan | None]):
    """Answers with the plan to carry out. What takes something from somebody else is typed, not pressed."""

    def __init__(self, plan: UndoPlan) -> None:
        super().__init__()
        self._plan = plan
        self._word = next((table.table for table in plan.tables if table.others), "") if plan.others else ""

    def below(self) -> list[Widget]:
        field = Field(compact=True, placeholder=f"type {self._word} to lose what somebody else wrote")
        field.cursor_blink = False
        field.display = bool(self._word)
        return [LineView(), field]

    def on_mount(self) -> None:
        if self._word:
            # After the sheet's own handler, which comes second and gives the list the focus.
            self.call_after_refresh(self.query_one(Input).focus)

    def show(self) -> None:
        verb = str(self._plan.kind)
        self.label(title_of(self._plan), f"{'type it, enter' if self._word else 'enter'} {verb} · esc back")
        width = max(self.lines.size.width - 2, 1)
        tables = [Item(table.table, table) for table in self._plan.tables]
        above = [*about_lines(self._plan, width), head_line(width)]
        self.lines.show([*(Item(("above", place), line, still=True) for place, line in enumerate(above)), *tables])
        view = self.query_one(LineView)
        view.show(notes(self._plan, view.size.width))

    def line(self, item: Item, width: int) -> Line:
        return table_line(item.of, width)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.how == "toggle" and not self._word:
            self.dismiss(self._plan)

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        if message.value.strip() == self._word:
            self.dismiss(self._plan)
        else:
            self.label(f"that is not {self._word}", "type it, enter · esc back")
