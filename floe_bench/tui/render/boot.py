"""The start, phase by phase, and what to do when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floe_bench.state import BenchState, Phase
from floe_bench.tui.render import face
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean
from floe_bench.tui.render.unit import seconds
from floe_bench.tui.view import Link, Trouble, View


def boot_lines(state: BenchState, view: View, width: int, now: datetime) -> Sequence[Line]:
    lines = [BLANK, *(_phase_line(phase, now) for phase in state.phases)]
    trouble = trouble_of(state, view)
    if view.link is Link.STOPPING:
        return (*lines, BLANK, Line((Span("  ◐ ", Tone.WARN), Span("stopping …", Tone.SOFT))))
    if trouble is not None:
        return (*lines, *(_indent(line) for line in face.broken(trouble, width - 4, retry="try again")))
    return (*lines, BLANK, _tip())


def trouble_of(state: BenchState, view: View) -> Trouble | None:
    """What kept the bench from starting, if it did."""
    if view.trouble is not None:
        return view.trouble
    if state.booted is None or state.booted.ok:
        return None
    failed = next((phase for phase in state.phases if phase.error), None)
    if failed is not None:
        return Trouble(f"{failed.title}: {failed.error}", failed.remedy)
    problem = next(iter(state.problems), None)
    if problem is not None:
        return Trouble(problem.message, problem.remedy, problem.where)
    return Trouble("The start failed and gave no reason.", "floe-bench doctor")


def _phase_line(phase: Phase, now: datetime) -> Line:
    title = clean(phase.title)
    if phase.error:
        return Line(
            (Span("  ✗ ", Tone.BAD), cell(title, 28, bold=True), _time(phase.duration_s), Span("failed", Tone.BAD))
        )
    detail = Span(clean(phase.detail), Tone.FAINT)
    if phase.over:
        return Line((Span("  ✓ ", Tone.OK), cell(title, 28), _time(phase.duration_s), detail))
    spent = (now - phase.started_at).total_seconds() if phase.started_at else None
    return Line((Span("  ◐ ", Tone.WARN), cell(title, 28, bold=True), _time(spent, Tone.WARN), detail))


def _time(duration_s: float | None, tone: Tone = Tone.SOFT) -> Span:
    said = cell(seconds(duration_s), 8, tone, end=True)
    return said._replace(text=said.text + "   ")


def _tip() -> Line:
    return Line((
        Span("  while you wait: ", Tone.FAINT),
        Span("m", Tone.LIT), Span(" materializes what you select, ", Tone.SOFT),
        Span("d", Tone.LIT), Span(" shows what it changed", Tone.SOFT),
    ))  # fmt: skip


def _indent(line: Line) -> Line:
    return Line((Span("  "), *line.left), line.right)
