"""What is told of statements: offered words, results and moments, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from floe_bench.model.query import AskedQuery
from floe_bench.model.snapshot import Snapshot
from floe_bench.tui.asking import Result, SqlView
from floe_bench.tui.completion import Candidate
from floe_bench.tui.render import grid, unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, cut, width_of

_TONES = {"column": Tone.TEXT, "table": Tone.ID, "function": Tone.SOFT, "word": Tone.FAINT}
_TAB_ROOM = 26


def candidate_line(offered: Sequence[Candidate], width: int) -> Line:
    """The first is what Tab takes."""
    if not offered:
        return BLANK
    spans: list[Span] = [Span(" tab ", Tone.BADGE, bold=True), Span(" ")]
    for index, each in enumerate(offered):
        spans += [Span(clean(each.text), Tone.LIT if not index else _TONES[each.kind], bold=not index), Span("  ")]
        if width_of(spans) > width:
            break
    return Line(tuple(spans))


def tab_spans(view: SqlView, *, lit: bool) -> tuple[Span, ...]:
    """Each result by its number and how it begins; of those that run, fail or wrote, a mark."""
    if not view.results:
        return (Span("Results", Tone.SOFT),)
    spans: list[Span] = []
    for each in view.results:
        here = each.number == view.shown
        tone = Tone.LIT if here and lit else Tone.TEXT if here else Tone.SOFT
        mark = _mark(each)
        if mark is not None:
            spans += [mark, Span(" ")]
        spans += [Span(f"{each.number} {cut(clean(each.title), _TAB_ROOM)}", tone, bold=here), Span(" · ", Tone.FAINT)]
    return tuple(spans[:-1])


def _mark(each: Result) -> Span | None:
    if each.asked_at is not None:
        return Span("◐", Tone.WARN)
    if each.trouble is not None:
        return Span("✗", Tone.BAD)
    return Span("✎", Tone.OK) if each.written else None


def foot_spans(result: Result | None) -> tuple[Span, ...]:
    if result is None:
        return ()
    parts = ["what it would do"] if result.plan_first else []
    if result.answer is not None and not result.plan:
        parts.append(grid.count_said(result.answer))
    if result.answer is not None:
        parts.append(unit.seconds(result.answer.duration_s))
    if result.at:
        parts.append(f"as of {clean(result.at)}")
    if result.answer is not None and result.answer.rows and not result.plan:
        parts.append("esc rows" if result.row is not None else "← → column · y copy · enter row")
    return (Span(" · ".join(part for part in parts if part), Tone.SOFT),)


def written_line(result: Result) -> Line:
    """What a statement changed, and how that goes back."""
    spans: list[Span] = [Span("✎ ", Tone.OK)]
    for each in result.written:
        before = "nothing" if each.before is None else unit.short_snapshot(each.before)
        after = "nothing" if each.after is None else unit.short_snapshot(each.after)
        spans += [Span(clean(each.table)), Span(f" {before}", Tone.ID), Span(" → ", Tone.FAINT), Span(after, Tone.ID)]
        spans.append(Span("  "))
    return Line(tuple(spans), (Span("u", Tone.LIT, bold=True), Span(" here takes it back", Tone.FAINT)))


def plan_lines(plan: str) -> list[Line]:
    return [Line((Span(clean(each)),)) for each in plan.splitlines()]


def asked_line(each: AskedQuery, width: int, now: datetime, zone: tzinfo | None) -> Line:
    mark = Span("✗ ", Tone.BAD) if each.error else Span("  ")
    past = (Span(f"as of {clean(each.as_of)}  ", Tone.WARN),) if each.as_of else ()
    return Line(
        (cell(unit.clock(each.at, now, zone), 12, Tone.FAINT), mark, *past, Span(clean(" ".join(each.sql.split())))),
        (Span(f"  {unit.seconds(each.duration_s)}", Tone.FAINT),),
    )


def moment_line(table: str, snapshot: Snapshot, now: datetime, zone: tzinfo | None) -> Line:
    refs = ", ".join(snapshot.refs)
    return Line(
        (
            cell(unit.clock(snapshot.committed_at, now, zone), 12, Tone.SOFT),
            cell(unit.short_snapshot(snapshot.snapshot_id), 12, Tone.ID),
            Span(clean(table)),
            Span(f"  {clean(refs)}", Tone.OK),
        ),
        (Span(f"  {clean(snapshot.operation)}", Tone.FAINT),),
    )
