"""How a column moved over snapshots: which column, then a plot, and what each snapshot has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from floe_bench.model.command import last, to_type
from floe_bench.model.drift import Reading, measures_of, value_of
from floe_bench.model.table import Column
from floe_bench.tui.messages import Copied, MoreWanted
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.drift import curve_of, first_measure, measure_spans, reading_line
from floe_bench.tui.render.plot import curve_lines
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, width_of
from floe_bench.tui.screens.sheet import Sheet
from floe_bench.tui.screens.typed_sheet import TypedSheet
from floe_bench.tui.view import DriftFace


class ColumnSheet(TypedSheet):
    """Answers with the name of a column, or of what lies in one; ``gone`` are those that the table has no more.

    ``inside`` says by field id of what lies in a list or a map: a row has many of it, and it cannot be followed.
    """

    HEADING: ClassVar[str] = "Follow a column over snapshots"
    PLACEHOLDER: ClassVar[str] = "part of its name"
    HINT: ClassVar[str] = "enter follows it · ↑ ↓ choose · esc back"

    def __init__(self, columns: Sequence[Column], gone: Sequence[Column], inside: Mapping[int, str]) -> None:
        self._gone, self._inside = frozenset(column.field_id for column in gone), inside
        super().__init__([Item(column.name, column) for column in (*columns, *gone)])

    def found(self, items: Sequence[Item], typed: str) -> Sequence[Item]:
        words = typed.casefold().split()
        return [item for item in items if all(word in item.of.name.casefold() for word in words)]

    def line(self, item: Item, width: int) -> Line:
        column: Column = item.of
        gone, within = column.field_id in self._gone, self._inside.get(column.field_id, "")
        name = cell(column.name, max(width // 2, 20), Tone.SOFT if gone or within else Tone.TEXT)
        said = [f"in a {within}, cannot be followed"] if within else []
        said += ["not there any more"] if gone else []
        there = (Span(f"  {', '.join(said)}", Tone.FAINT),) if said else ()
        return Line((name, Span(clean(column.type), Tone.SOFT), *there))

    def submitted(self, typed: str) -> None:
        """Words find; the line under the cursor is meant."""
        current = self.lines.current
        if current is not None:
            self.dismiss(str(current.key))


class MeasureLine(LineView):
    """The measures there are, one of them lit; a click on another shows it."""

    class Chosen(Message):
        def __init__(self, measure: str) -> None:
            super().__init__()
            self.measure = measure

    def on_click(self, event: events.Click) -> None:
        place = 0
        for span in self._lines[0].left if self._lines and event.y == 0 else ():
            place += width_of((span,))
            if event.x < place:
                if span.tone is not Tone.FAINT:
                    self.post_message(self.Chosen(span.text))
                return


class DriftSheet(Sheet[Reading | None]):
    """Answers with the snapshot to look at. Leaving it gives up what is not read yet."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "axis", show=False),
        Binding("o", "more", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(classes="-plot")
        self._wanted = self._shown = ""
        self._timed = False
        self._put = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield MeasureLine(id="measures")
            yield LineView(id="plot")
            yield LineList(self._draw)

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.app, "view", self.show, init=False)
        self.watch(self.app, "beat", self.show, init=False)

    @property
    def face(self) -> DriftFace | None:
        return facts(self).view.drift

    def show(self) -> None:
        found = self.face
        if found is None or not self.is_attached:
            return
        measures = measures_of(found.readings)
        measure = self._shown = self._wanted if self._wanted in measures else first_measure(measures)
        self.label(f"{found.column} of {found.table} · {self._about(found)}", self._hint(found))
        self.query_one(MeasureLine).show((Line(measure_spans(measures, measure)),))
        self.query_one("#plot", LineView).show(self._plot(found, measure))
        self.lines.show(list(_items(found.readings, measure)))
        if found.readings and found.asked_at is None and not self._put:
            self._put = True
            self.lines.put_cursor(found.readings[-1].snapshot_id)

    def _about(self, found: DriftFace) -> str:
        if found.asked_at is None:
            older = f" of {unit.count(len(found.readings) + found.older)}" if found.older else ""
            return f"{unit.plural(len(found.readings), 'snapshot')}{older}, oldest left"
        spent_s = (facts(self).now() - found.asked_at).total_seconds()
        took = f", {unit.seconds(spent_s)}" if spent_s >= 1 else ""
        of = f" {len(found.readings)} of {found.snapshots}" if found.snapshots else ""
        return f"◐ reading{of} …{took}"

    def _hint(self, found: DriftFace) -> str:
        if found.asked_at is not None:
            return "← → measure · esc gives it up"
        more = "o older · " if found.older else ""
        over = "x evenly" if self._timed else "x over time"
        return f"← → measure · {over} · {more}enter opens it · y copy · esc back"

    def _plot(self, found: DriftFace, measure: str) -> Sequence[Line]:
        width, height = self.query_one(".sheet").content_size.width - 1, self._plot_height
        if found.trouble is not None:
            lines: Sequence[Line] = face.broken(found.trouble, width)
        elif not found.readings and found.asked_at is not None:
            lines = face.loading(f"reading {found.column}")
        elif not found.readings:
            lines = face.empty("The table was never written: it has no snapshot.", width=width)
        else:
            known = facts(self)
            curve = curve_of(found.readings, measure, width, known.now(), known.zone, timed=self._timed)
            lines = curve_lines(curve, width, height) if curve else face.empty("No snapshot has a value.", width=width)
        return [*lines[:height], *[BLANK] * (height - len(lines))]

    @property
    def _plot_height(self) -> int:
        return max(self.query_one(".sheet").content_size.height * 11 // 20, 8)

    def line(self, item: Item, width: int) -> Line:
        found, known = self.face, facts(self)
        if found is None:
            return BLANK
        reading, before = item.of
        return reading_line(reading, before, self._shown, found.column, width, known.now(), known.zone)

    def action_axis(self) -> None:
        self._timed = not self._timed
        self.show()

    def action_more(self) -> None:
        self.post_message(MoreWanted())

    def action_copy(self) -> None:
        found = self.face
        if found is not None:
            at = () if found.snapshot_id is None else ("--at", found.snapshot_id)
            command = to_type("drift", "--limit", found.limit, *at, *last(found.table, found.column))
            self.post_message(Copied(command, "the command that shows this in a shell"))

    @on(MeasureLine.Chosen)
    def _chosen(self, message: MeasureLine.Chosen) -> None:
        self._wanted = message.measure
        self.show()

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        found = self.face
        if found is None:
            return
        if message.how == "toggle":
            self.dismiss(message.item.of[0] if message.item is not None else None)
            return
        measures = measures_of(found.readings)
        if measures:
            by = 1 if message.how == "open" else -1
            self._wanted = measures[(measures.index(self._shown) + by) % len(measures)]
            self.show()


def _items(readings: Sequence[Reading], measure: str) -> Iterator[Item]:
    """Each with the value of the last one before that had one."""
    before: float | None = None
    for each in readings:
        yield Item(each.snapshot_id, (each, before))
        value = value_of(each, measure)
        before = before if value is None else value
