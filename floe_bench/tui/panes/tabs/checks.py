"""The checks of what is selected: of an asset in the run that checked it last, or of a run; each with what fails it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.state import BenchState, nodes_of
from floe_bench.tui.history import checks_of_asset, checks_of_run
from floe_bench.tui.inspection import CodeOf, FailingOf, Inspection, Want
from floe_bench.tui.messages import MoreWanted, Turned
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.tabs.subject import asset_of, subject_of
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, glyph, grid, unit
from floe_bench.tui.render.code import code_lines
from floe_bench.tui.render.text import GAP, Line, Span, Tone, cell, clean, wrap
from floe_bench.tui.view import RUNS, SNAPSHOTS, View

_ORDER = {NodeStatus.FAILED: 0, NodeStatus.WARNED: 1, NodeStatus.RUNNING: 2}
_FAILING = (NodeStatus.FAILED, NodeStatus.WARNED)
_INDENT = 4
MORE = "more"


class ChecksTab(Tab):
    tab: ClassVar[str] = "checks"
    title: ClassVar[str] = "Checks"
    cursor: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "app.act('code_face')", show=False)]

    @classmethod
    def badge(cls, state: BenchState, view: View) -> str:
        failed = sum(check.status is NodeStatus.FAILED for check in _checks(state, view)[1])
        return f" ✗{failed}" if failed else ""

    @classmethod
    def want(cls, state: BenchState, view: View) -> Want | None:
        check = _open_check(state, view)
        if check is None or view.drawing.check is None:
            return None
        run_id = view.drawing.check[0]
        if _shows_code(view, check):
            return CodeOf(run_id, check.node_id)
        if check.kind != "test" or check.status not in _FAILING or view.as_of is not None:
            return None
        asset = (state.assets or {}).get(check.asset or "")
        table = (state.tables or {}).get(asset.table) if asset is not None else None
        return FailingOf(run_id, check.node_id, table.snapshot_id if table else None)

    def head(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        run_id, checks = _checks(state, view)
        return (_head(run_id, checks),) if checks else ()

    def foot(self, state: BenchState, view: View) -> str:
        if _open_check(state, view) is not None:
            return "s sql or rows · enter shut"
        return "enter failing rows" if _checks(state, view)[1] else ""

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        run_id, checks = _checks(state, view)
        if not checks:
            return still(_empty(state, view))
        opened = _open_check(state, view)
        items: list[Item] = []
        for check in sorted(checks, key=lambda each: _ORDER.get(each.status, 3)):
            items.append(Item((run_id, check.node_id), check))
            if opened is not None and check.node_id == opened.node_id:
                items += self._inside(view, check, width)
        return items

    def draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        known = facts(self)
        checks = _checks(known.bench_state, known.view)[1]
        room = min(max((len(clean(check.name)) for check in checks), default=20) + 3, max(width - 40, 16))
        opened = _open_check(known.bench_state, known.view)
        return _check_line(item.of, room, opened=opened is not None and opened.node_id == item.of.node_id)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        item, view = message.item, facts(self).view
        if item is not None and item.key == MORE and message.how != "shut":
            message.stop()
            self.post_message(MoreWanted())
        elif item is not None and isinstance(item.of, NodeRun) and message.how == "toggle":
            message.stop()
            shut = view.drawing.check == item.key
            self.post_message(Turned(check=None if shut else item.key, check_code=False))

    def _inside(self, view: View, check: NodeRun, width: int) -> list[Item]:
        """What the open check has to say: dbt's message, then its failing rows or its SQL."""
        room = width - _INDENT
        lines = [Line((Span(each, Tone.SOFT),)) for each in wrap(check.message, room)] if check.message else []
        found = view.inspection if view.inspection is not None and _about(view.inspection, check) else None
        if _shows_code(view, check):
            lines += self._code(found, room)
        elif check.kind == "unit_test":
            lines.append(Line((Span("a unit test has rows of its own: its message shows the difference", Tone.FAINT),)))
        elif check.status in _FAILING and view.as_of is not None:
            said = "a test reads the tables of now, and the bench is in the past; s shows its SQL"
            lines.append(Line((Span(said, Tone.FAINT),)))
        elif check.status in _FAILING:
            lines += self._rows(found, check, room)
        items = still([_indented(line) for line in lines], f"in {check.node_id}")
        if found is not None and found.rows is not None and found.rows.truncated and not found.asked_at:
            more = Line((Span("… more rows  ", Tone.FAINT), Span("enter", Tone.LIT), Span(" reads them", Tone.FAINT)))
            items.append(Item(MORE, _indented(more)))
        return items

    def _code(self, found: Inspection | None, width: int) -> Sequence[Line]:
        waiting = self.waiting(found, "reading its SQL", width)
        if waiting is not None or found is None or found.code is None:
            return [line for line in waiting or () if line.left]
        if not found.code.compiled:
            return [Line((Span("it was not compiled in that run", Tone.FAINT),))]
        return code_lines(found.code.compiled, "sql", width)

    def _rows(self, found: Inspection | None, check: NodeRun, width: int) -> list[Line]:
        waiting = self.waiting(found, "running the test again, to read", width)
        if waiting is not None or found is None or found.rows is None:
            return [line for line in waiting or () if line.left]
        answer = found.rows
        if not answer.rows:
            then = unit.plural(check.rows, "row") if check.rows is not None else "some rows"
            return [Line((Span("✓ ", Tone.OK), Span(f"no row fails it now; in that run {then} did", Tone.SOFT)))]
        widths = grid.widths_of(answer)
        shown = grid.shown_columns(widths, 0, 0, width)
        lines = [grid.head_line(answer, widths, shown, None)]
        lines += [grid.row_line(answer, row, widths, shown, None) for row in answer.rows]
        if found.asked_at is not None:
            lines.append(self.spinning(found, "more rows"))
        return lines


def _checks(state: BenchState, view: View) -> tuple[str, tuple[NodeRun, ...]]:
    chosen = view.selection
    if chosen.run_id and chosen.origin == RUNS:
        every = checks_of_run(state, chosen.run_id)
        return chosen.run_id, tuple(each for each in every if not chosen.asset or each.asset == chosen.asset)
    if chosen.origin == SNAPSHOTS:
        subject, asset = subject_of(state, view), asset_of(state, view)
        if subject is not None and subject.run_id and asset is not None:
            every = checks_of_run(state, subject.run_id)
            return subject.run_id, tuple(each for each in every if each.asset == asset.asset)
    return checks_of_asset(state, chosen.asset) if chosen.asset else ("", ())


def _open_check(state: BenchState, view: View) -> NodeRun | None:
    """The open one, if it is among those that are shown."""
    run_id, checks = _checks(state, view)
    if view.drawing.check is None or view.drawing.check[0] != run_id:
        return None
    return next((check for check in checks if check.node_id == view.drawing.check[1]), None)


def _shows_code(view: View, check: NodeRun) -> bool:
    """A test that passed has no rows to show, so its SQL comes first."""
    passed = check.kind == "test" and check.status not in _FAILING
    return view.drawing.check_code is not passed and check.kind == "test"


def _about(inspection: Inspection, check: NodeRun) -> bool:
    return isinstance(inspection.want, CodeOf | FailingOf) and inspection.want.node_id == check.node_id


def _empty(state: BenchState, view: View) -> Sequence[Line]:
    run_id = view.selection.run_id
    if run_id and not nodes_of(state, run_id):
        return face.empty("Nothing of this run is known here.")
    return face.empty("No check of this ran yet.", ("m", "materializes the asset and runs its checks"))


def _head(run_id: str, checks: tuple[NodeRun, ...]) -> Line:
    passed = sum(check.status is NodeStatus.SUCCESS for check in checks)
    said = f"{passed} of {unit.plural(len(checks), 'check')} passed"
    return Line((Span(said, Tone.SOFT), Span("  in run ", Tone.FAINT), Span(unit.short_run(run_id), Tone.ID)))


def _check_line(check: NodeRun, room: int, *, opened: bool) -> Line:
    mark = glyph.NODE[check.status]
    rows = unit.plural(check.rows, "failing row") if check.status in _FAILING and check.rows is not None else ""
    word = "passed" if check.status is NodeStatus.SUCCESS else mark.word
    return Line(
        (
            Span(f"{glyph.OPEN if opened else glyph.SHUT} ", Tone.SOFT),
            mark.span,
            GAP,
            cell(check.name, room),
            cell(word, 9, mark.tone),
            cell(unit.seconds(check.duration_s), 7, Tone.SOFT, end=True),
            Span(f"  {rows}", mark.tone),
        )
    )


def _indented(line: Line) -> Line:
    return Line((Span(" " * _INDENT), *line.left), line.right)
