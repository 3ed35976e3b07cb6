"""The checks of what is selected: of an asset in the run that checked it last, or of a run."""

from __future__ import annotations

from typing import ClassVar

from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.state import BenchState
from floe_bench.tui.history import checks_of_asset, checks_of_run
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.render import face, glyph, unit
from floe_bench.tui.render.text import GAP, Line, Span, Tone, cell, clean, wrap
from floe_bench.tui.view import RUNS, View

_ORDER = {NodeStatus.FAILED: 0, NodeStatus.WARNED: 1, NodeStatus.RUNNING: 2}


class ChecksTab(Tab):
    tab: ClassVar[str] = "checks"
    title: ClassVar[str] = "Checks"

    @classmethod
    def badge(cls, state: BenchState, view: View) -> str:
        failed = sum(check.status is NodeStatus.FAILED for check in _checks(state, view)[1])
        return f" ✗{failed}" if failed else ""

    def content(self, state: BenchState, view: View, width: int) -> list[Item]:
        run_id, checks = _checks(state, view)
        if not checks:
            said = face.empty("No check of this ran yet.", ("m", "materializes the asset and runs its checks"))
            return [Item(("face", index), line) for index, line in enumerate(said)]
        room = min(max(len(clean(check.name)) for check in checks) + 3, width - 38)
        lines = [_head(run_id, checks)]
        for check in sorted(checks, key=lambda each: _ORDER.get(each.status, 3)):
            lines += _check_lines(check, room, width)
        return [Item(index, line) for index, line in enumerate(lines)]


def _checks(state: BenchState, view: View) -> tuple[str, tuple[NodeRun, ...]]:
    chosen = view.selection
    if chosen.run_id and chosen.origin == RUNS:
        every = checks_of_run(state, chosen.run_id)
        return chosen.run_id, tuple(each for each in every if not chosen.asset or each.asset == chosen.asset)
    return checks_of_asset(state, chosen.asset) if chosen.asset else ("", ())


def _head(run_id: str, checks: tuple[NodeRun, ...]) -> Line:
    passed = sum(check.status is NodeStatus.SUCCESS for check in checks)
    said = f"{passed} of {unit.plural(len(checks), 'check')} passed"
    return Line((Span(said, Tone.SOFT), Span("  in run ", Tone.FAINT), Span(unit.short_run(run_id), Tone.ID)))


def _check_lines(check: NodeRun, room: int, width: int) -> list[Line]:
    mark = glyph.NODE[check.status]
    failing = check.status in (NodeStatus.FAILED, NodeStatus.WARNED)
    rows = f"{unit.plural(check.rows, 'failing row')}" if failing and check.rows is not None else ""
    word = "passed" if check.status is NodeStatus.SUCCESS else mark.word
    spans = (
        mark.span,
        GAP,
        cell(check.name, room),
        cell(word, 9, mark.tone),
        cell(unit.seconds(check.duration_s), 7, Tone.SOFT, end=True),
        Span(f"  {rows}", mark.tone),
    )
    lines = [Line(spans)]
    if failing and check.message:
        lines += [Line((Span(f"  {each}", Tone.SOFT),)) for each in wrap(check.message, width - 6)]
    return lines
