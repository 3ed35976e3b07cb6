"""The rows that statements found: a tab each, and pages as they are scrolled to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from floe_bench.model.answer import QueryAnswer
from floe_bench.state import BenchState
from floe_bench.tui.asking import EDITOR, RESULTS, Result, shown_result
from floe_bench.tui.messages import Copied, MoreWanted, Queried, RowOpened
from floe_bench.tui.panes.columns import Columns
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import face, grid, unit
from floe_bench.tui.render.sql import foot_spans, plan_lines, tab_spans, written_line
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean
from floe_bench.tui.view import View

_AHEAD = 100
"""Rows below the last one on the screen, from where on the next page is read."""


class Rows(LineList):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('cell')", show=False),
        Binding("C", "copy('column')", show=False),
    ]

    def on_focus(self) -> None:
        super().on_focus()
        if facts(self).view.question is None:  # else it is here for the answer only
            self.post_message(Queried(box=RESULTS))

    def action_copy(self, what: str) -> None:
        box = self.parent
        assert isinstance(box, ResultBox)
        box.copy(what)


class ResultBox(Watcher):
    def __init__(self) -> None:
        super().__init__()
        self._columns = Columns()
        self._items: tuple[QueryAnswer | None, list[Item]] = (None, [])

    def compose(self) -> ComposeResult:
        yield LineView()
        yield Rows(self._draw)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    @property
    def column(self) -> int:
        """The place of the one under the cursor."""
        return self._columns.current

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.lines, "scroll_y", self._look_ahead, init=False)

    def sync(self, state: BenchState, view: View) -> None:
        asking = view.asking
        if asking is None:
            return
        result, lit = shown_result(asking), asking.box == RESULTS
        self.set_class(lit, "-lit")
        self.label(tab_spans(asking, lit=lit), foot_spans(result))
        self.query_one(LineView).show(tuple(self._head(result)))
        self.lines.show(self._content(result))

    def tick(self) -> None:
        result = shown_result(facts(self).view.asking)
        if result is not None and result.asked_at is not None:
            known = facts(self)
            self.sync(known.bench_state, known.view)

    def copy(self, what: str) -> None:
        if facts(self).view.question is not None:
            self.app.action_ask_act("yes")  # type: ignore[attr-defined]
            return
        result, item = shown_result(facts(self).view.asking), self.lines.current
        at = result.row if result is not None and result.row is not None else item.key if item is not None else None
        answer = result.answer if result is not None else None
        if answer is None or not isinstance(at, int) or at >= len(answer.rows):
            return
        column = self._columns.current
        if what == "cell":
            cell = f"{clean(answer.columns[column])} of row {at + 1}"
            self.post_message(Copied(_plain(answer.rows[at][column]), cell))
        else:
            values = "\n".join(_plain(row[column]) for row in answer.rows)
            self.post_message(Copied(values, f"{len(answer.rows)} values of {clean(answer.columns[column])}"))

    @property
    def _room(self) -> int:
        return max(self.lines.size.width - GUTTER - 1, 30)

    def _head(self, result: Result | None) -> Sequence[Line]:
        if result is None or result.answer is None:
            return ()
        lines = [written_line(result)] if result.written else []
        if result.row is None and not result.plan:
            self._columns.settle((result.number, result.query_id), result.answer, self._room)
            shown = self._columns.shown(self._room)
            head = grid.head_line(result.answer, self._columns.widths, shown, self._columns.current)
            lines.append(Line((Span(" " * GUTTER), *head.left), head.right))
        return lines

    def _content(self, result: Result | None) -> Sequence[Item]:
        if result is None:
            return _still(face.empty("No result yet.", ("^j", "runs what is typed"), ("f8", "what was asked before")))
        plan = result.plan or "\n".join(result.plan_first)
        if plan:
            return [Item(("plan", at), line) for at, line in enumerate(plan_lines(plan))]
        if result.answer is None:
            return _still(self._without(result))
        if not result.answer.rows:
            return _still(face.empty("No rows."))
        if result.row is not None and result.row < len(result.answer.rows):
            lines = grid.record_lines(result.answer, result.answer.rows[result.row], self._room)
            return [Item(("field", at), line) for at, line in enumerate(lines)]
        return [*self._rows(result.answer), *_still(self._end(result), "end")]

    def _rows(self, answer: QueryAnswer) -> list[Item]:
        """Those that are there already are not made again when a page comes."""
        before, items = self._items
        if before is not answer:
            grown = before is not None and before.rows and answer.rows[:1] == before.rows[:1]
            start = len(items) if grown and before is not None and len(answer.rows) > len(before.rows) else 0
            items = [*items[:start], *(Item(at, answer.rows[at]) for at in range(start, len(answer.rows)))]
            self._items = (answer, items)
        return items

    def _without(self, result: Result) -> Sequence[Line]:
        if result.trouble is not None:
            return face.broken(result.trouble, self._room)
        ends = Line((Span("esc", Tone.LIT, bold=True), Span("  ends it", Tone.FAINT)))
        return (BLANK, self._spinning(result, "running"), BLANK, ends)

    def _spinning(self, result: Result, what: str) -> Line:
        spent = (facts(self).now() - result.asked_at).total_seconds() if result.asked_at else 0.0
        took = f" {unit.seconds(spent)}" if spent >= 0.1 else ""
        return Line((Span("◐ ", Tone.WARN), Span(f"{what} …", Tone.SOFT), Span(took, Tone.FAINT)))

    def _end(self, result: Result) -> Sequence[Line]:
        if result.trouble is not None:
            return face.broken(result.trouble, self._room)
        if result.asked_at is not None and result.answer is not None:
            return (self._spinning(result, f"rows from {unit.count(len(result.answer.rows) + 1)}"),)
        if result.answer is not None and result.answer.truncated:
            return (Line((Span("… more below", Tone.FAINT),)),)
        return ()

    def _draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        result = shown_result(facts(self).view.asking)
        if result is None or result.answer is None or not self._columns.widths:
            return Line(())
        lit = self.lines.current is not None and self.lines.current.key == item.key
        current = self._columns.current if lit else None
        return grid.row_line(result.answer, item.of, self._columns.widths, self._columns.shown(self._room), current)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        result = shown_result(facts(self).view.asking)
        if result is None or result.answer is None or result.plan:
            if message.how == "shut":
                self.post_message(Queried(box=EDITOR))
            return
        if message.how == "toggle":
            key = message.item.key if message.item is not None else None
            self.post_message(RowOpened(key if isinstance(key, int) and result.row is None else None))
            return
        self._columns.step(1 if message.how == "open" else -1, result.answer)
        known = facts(self)
        self.sync(known.bench_state, known.view)
        self.lines.renew()

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        self._look_ahead()

    def _look_ahead(self) -> None:
        result = shown_result(facts(self).view.asking)
        if result is not None and result.answer is not None and result.answer.truncated and result.row is None:
            bottom = self.lines.scroll_offset.y + self.lines.size.height
            if bottom + _AHEAD >= len(result.answer.rows):
                self.post_message(MoreWanted())


def _still(lines: Sequence[Line], key: str = "face") -> list[Item]:
    return [Item((key, at), line, still=True) for at, line in enumerate(lines)]


def _plain(value: object) -> str:
    """For the clipboard: whole, and as it is."""
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
