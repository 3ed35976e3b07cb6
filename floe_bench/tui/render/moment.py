"""Moments as lines."""

from __future__ import annotations

from datetime import datetime, tzinfo

from floe_bench.tui.past.moment import Moment
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.text import GAP, Line, Span, Tone, cell, clean

_WHEN, _WHAT = 15, 9


def moment_line(moment: Moment, now: datetime, zone: tzinfo | None) -> Line:
    when = cell(unit.clock(moment.at, now, zone, exact=True), _WHEN, Tone.SOFT)
    if moment.run is not None:
        mark = glyph.RUN[moment.run.status]
        run = (Span("run ", Tone.FAINT), Span(unit.short_run(moment.run.run_id), Tone.ID))
        return Line((when, mark.span, GAP, *run, Span(f"  {mark.word}", mark.tone)))
    snapshot = moment.snapshot
    if snapshot is None:
        return Line((when,))
    tone = glyph.OPERATION.get(snapshot.operation, Tone.SOFT)
    made = (Span(f"  {unit.short_run(snapshot.run_id)}", Tone.FAINT),) if snapshot.run_id else ()
    name = Span(f"  {clean(moment.table)}")
    return Line((when, Span("● ", tone), cell(unit.short_snapshot(snapshot.snapshot_id), _WHAT, Tone.ID), name, *made),
                (Span(f"  {clean(snapshot.operation)}", tone),))  # fmt: skip
