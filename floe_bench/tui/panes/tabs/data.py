"""Rows of the shown table at the selected snapshot, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from floe_bench.model.answer import QueryAnswer
from floe_bench.state import BenchState
from floe_bench.tui.chosen import current_of
from floe_bench.tui.inspection import Inspection, RowsOf, Want
from floe_bench.tui.messages import Copied, MoreWanted, Turned
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.tabs.subject import snapshot_shown
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, grid, unit
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.view import View

_AHEAD = 30
"""Rows below the last one on the screen, from where on the next page is read."""


class DataTab(Tab):
    tab: ClassVar[str] = "data"
    title: ClassVar[str] = "Data"
    cursor: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('cell')", show=False),
        Binding("Y", "copy('row')", show=False),
        Binding("C", "copy('column')", show=False),
        Binding("escape", "shut", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._of: object = None
        self._column = 0
        self._first = 0
        self._widths: tuple[int, ...] = ()

    def on_mount(self) -> None:
        self.watch(self.lines, "scroll_y", self._look_ahead, init=False)

    @classmethod
    def want(cls, state: BenchState, view: View) -> Want | None:
        snapshot = snapshot_shown(state, view)
        return RowsOf(view.table, snapshot.snapshot_id) if view.table and snapshot is not None else None

    def head(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        answer = _rows(view.inspection)
        if answer is None:
            return ()
        self._settle(view.inspection, answer, width)
        about = self._about(state, view, answer)
        if view.drawing.row is not None:
            return (about,)
        return about, grid.head_line(answer, self._widths, self._shown(width), self._column)

    def foot(self, state: BenchState, view: View) -> str:
        if _rows(view.inspection) is None:
            return ""
        return "esc rows" if view.drawing.row is not None else "← → column · y copy · enter row"

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        answer = _rows(view.inspection)
        if answer is None or view.inspection is None:
            return still(self._without(state, view, width))
        if not answer.rows:
            return still(face.empty("No rows in this snapshot."))
        row = view.drawing.row
        if row is not None and row < len(answer.rows):
            return still(grid.record_lines(answer, answer.rows[row], width), "record")
        items = [Item(index, values) for index, values in enumerate(answer.rows)]
        return [*items, *still(self._end(view.inspection, answer, width), "end")]

    def draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        answer = _rows(facts(self).view.inspection)
        if answer is None:
            return Line(())
        lit = self.lines.current is not None and self.lines.current.key == item.key
        return grid.row_line(answer, item.of, self._widths, self._shown(width), self._column if lit else None)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        """Left and right are columns here; the tabs are H and L."""
        view = facts(self).view
        answer = _rows(view.inspection)
        if answer is None or not answer.columns:
            return
        message.stop()
        if message.how == "toggle":
            shut = view.drawing.row is not None or not isinstance(message.item and message.item.key, int)
            self.post_message(Turned(row=None if shut or message.item is None else message.item.key))
            return
        self._column = min(max(self._column + (1 if message.how == "open" else -1), 0), len(answer.columns) - 1)
        self.again()
        self.lines.renew()

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        self._look_ahead()
        self.again()

    def action_shut(self) -> None:
        if facts(self).view.drawing.row is not None:
            self.post_message(Turned(row=None))
        else:
            self.app.action_act("dismiss")  # type: ignore[attr-defined]

    def action_copy(self, what: str) -> None:
        view = facts(self).view
        answer, item = _rows(view.inspection), self.lines.current
        at = view.drawing.row if view.drawing.row is not None else item.key if item is not None else None
        if answer is None or not isinstance(at, int) or at >= len(answer.rows):
            return
        row, column = answer.rows[at], self._column
        if what == "cell":
            self.post_message(Copied(_plain(row[column]), f"{clean(answer.columns[column])} of row {at + 1}"))
        elif what == "row":
            record = dict(zip(answer.columns, row, strict=True))
            self.post_message(Copied(json.dumps(record, ensure_ascii=False), f"row {at + 1} as JSON"))
        else:
            values = "\n".join(_plain(each[column]) for each in answer.rows)
            self.post_message(Copied(values, f"{len(answer.rows)} values of {clean(answer.columns[column])}"))

    def _look_ahead(self) -> None:
        view = facts(self).view
        if view.tab == self.tab and view.drawing.row is None and _rows(view.inspection) is not None:
            bottom = self.lines.scroll_offset.y + self.lines.size.height
            if bottom + _AHEAD >= len(self.lines.items):
                self.post_message(MoreWanted())

    def _settle(self, inspection: Inspection | None, answer: QueryAnswer, width: int) -> None:
        """Widths are kept while pages come in; another table starts at its first column."""
        of = inspection.want if inspection is not None else None
        if of != self._of:
            if not (isinstance(of, RowsOf) and isinstance(self._of, RowsOf) and of.table == self._of.table):
                self._column = self._first = 0
            self._of, self._widths = of, grid.widths_of(answer)
            self._column = min(self._column, max(len(answer.columns) - 1, 0))
        if self._widths:
            self._first = grid.shown_columns(self._widths, self._first, self._column, width).first

    def _shown(self, width: int) -> grid.Shown:
        return grid.shown_columns(self._widths, self._first, self._column, width)

    def _about(self, state: BenchState, view: View, answer: QueryAnswer) -> Line:
        snapshot, known = snapshot_shown(state, view), facts(self)
        spans = [Span(clean(view.table or "")), Span("  at ", Tone.SOFT)]
        if snapshot is not None:
            when = unit.clock(snapshot.committed_at, known.now(), known.zone)
            current = snapshot is current_of(state.snapshots[view.table or ""])
            spans += [Span(unit.short_snapshot(snapshot.snapshot_id), Tone.ID), Span(f" {when}", Tone.FAINT)]
            past = view.as_of is not None or not current
            said = "current then" if past and current else "in the past" if past else "its newest"
            spans.append(Span(f"  {said}", Tone.WARN if past else Tone.FAINT))
        at = view.drawing.row if view.drawing.row is not None else self._row()
        where = f"row {unit.count(at + 1)} of " if at is not None else ""
        total = snapshot.total_records if snapshot is not None and answer.truncated else len(answer.rows)
        rows = unit.plural(total, "row") if total is not None else grid.count_said(answer)
        return Line(tuple(spans), (Span(f"  {where}{rows}", Tone.SOFT),))

    def _row(self) -> int | None:
        item = self.lines.current
        return item.key if item is not None and isinstance(item.key, int) else None

    def _end(self, inspection: Inspection, answer: QueryAnswer, width: int) -> Sequence[Line]:
        if inspection.trouble is not None:
            return face.broken(inspection.trouble, width, retry="try again")
        if inspection.asked_at is not None:
            return (self.spinning(inspection, f"rows from {unit.count(len(answer.rows) + 1)}"),)
        if answer.truncated:
            return (Line((Span("… more below", Tone.FAINT),)),)
        return ()

    def _without(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        if view.table is None:
            return face.empty("No table is selected.", ("1", "select an asset"), ("3", "or a snapshot"))
        if view.unread is not None:
            return face.broken(view.unread, width, retry="try again")
        if view.as_of is not None and self.want(state, view) is None:
            return face.empty(f"No snapshot of {clean(view.table)} is kept of then.", ("0", "goes back to now"))
        if self.want(state, view) is None and (view.table in state.snapshots or view.table not in (state.tables or {})):
            return face.empty(f"{clean(view.table)} was never written.", ("m", "materializes it"))
        return self.waiting(view.inspection, f"reading rows of {clean(view.table)}", width) or ()


def _rows(inspection: Inspection | None) -> QueryAnswer | None:
    return inspection.rows if inspection is not None and isinstance(inspection.want, RowsOf) else None


def _plain(value: object) -> str:
    """For the clipboard: whole, and as it is."""
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
