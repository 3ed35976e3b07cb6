"""The drift of a column: a curve of one measure over snapshots, and a line for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from floe_bench.model import drift
from floe_bench.model.drift import Reading, value_of
from floe_bench.tui.plotting import Curve
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.plot import number, ticks
from floe_bench.tui.render.text import GAP, Line, Span, Tone, cell, clean

_FIRST = (drift.MEAN, drift.MEAN_LENGTH, drift.LATEST, drift.DISTINCT, drift.NULLS)
"""What is plotted unless somebody wants something else."""
_ROOMY, _TICK = 76, 14
_DAY_S, _HOUR_S = 86_400, 3_600


def first_measure(measures: Sequence[str]) -> str:
    return next((each for each in _FIRST if each in measures), drift.ROWS)


def curve_of(
    readings: Sequence[Reading], measure: str, width: int, now: datetime, zone: tzinfo | None, *, timed: bool
) -> Curve | None:
    """Evenly spread, or over time; where there is no value there is a gap. None without any value."""
    readings = [each for each in readings if not each.half]
    xs = [each.committed_at.timestamp() if timed else float(place) for place, each in enumerate(readings)]
    values = [value_of(each, measure) for each in readings]
    known = [value for value in values if value is not None]
    if not known:
        return None
    stretches: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((x, value))
    marks = [
        (x, value)
        for x, value, each in zip(xs, values, readings, strict=True)
        if value is not None and measure in each.unusual
    ]
    many = max(width // (_TICK + 6), 2)
    low, high = min(known), max(known)
    return Curve(
        stretches=tuple((tuple(x for x, _ in each), tuple(y for _, y in each)) for each in stretches if each),
        marks=tuple(marks),
        x_ticks=ticks(xs[0], xs[-1], many, timed=True) if timed else _moments(readings, many, now, zone),
        y_ticks=ticks(low, high, 5, timed=measure in drift.TIMED),
        span=(min(xs), max(xs)),
    )


def _moments(
    readings: Sequence[Reading], many: int, now: datetime, zone: tzinfo | None
) -> tuple[tuple[float, str], ...]:
    """Some of the snapshots, with the first and the last."""
    last = len(readings) - 1
    places = sorted({round(last * step / (many - 1)) for step in range(many)})
    return tuple((float(place), unit.clock(readings[place].committed_at, now, zone, exact=True)) for place in places)


def measure_spans(measures: Sequence[str], shown: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for measure in measures:
        here = measure == shown
        spans += [Span(measure, Tone.LIT if here else Tone.SOFT, bold=here), Span(" · ", Tone.FAINT)]
    return tuple(spans[:-1])


def reading_line(
    reading: Reading, before: float | None, measure: str, column: str, width: int, now: datetime, zone: tzinfo | None
) -> Line:
    """``before`` is the value of the last snapshot that had one."""
    roomy = width >= _ROOMY
    operation = cell(reading.operation, 10, glyph.OPERATION.get(reading.operation, Tone.SOFT))
    left = (
        cell(unit.clock(reading.committed_at, now, zone, exact=True), 13, Tone.SOFT),
        cell(unit.short_snapshot(reading.snapshot_id), 7, Tone.ID),
        *((operation,) if roomy else ()),
    )
    if reading.fault:
        return Line((*left, GAP, Span("✗ ", Tone.BAD), Span(clean(reading.fault), Tone.BAD)))
    if reading.absent:
        return Line((*left, GAP, Span(reading.absent, Tone.FAINT)))
    if reading.half:
        return Line((*left, GAP, Span("half of a write", Tone.FAINT)))
    name = f"as {clean(reading.column)}" if reading.column != column else ""
    mark = measure in reading.unusual
    others = [each for each in reading.unusual if each != measure]
    said = "the same rows, written anew" if reading.same_rows else f"! also {', '.join(others)}" if others else ""
    return Line(
        (
            *left,
            cell(told(reading, measure), 20 if roomy else 14, Tone.WARN if mark else Tone.TEXT, end=True),
            cell(_change(value_of(reading, measure), before, measure), 12, Tone.SOFT, end=True),
            Span(" ◆ " if mark else "   ", Tone.WARN),
            Span(said, Tone.WARN if others else Tone.FAINT),
        ),
        (Span(f" {name}", Tone.FAINT),) if name else (),
    )


def told(reading: Reading, measure: str) -> str:
    value, figures = value_of(reading, measure), reading.figures
    if value is None or figures is None:
        return "nothing but nulls" if figures is not None and figures.rows == figures.nulls else "none"
    if measure == drift.NULLS:
        return f"{number(value)} %"
    if measure in drift.TIMED:
        return datetime.fromtimestamp(value, UTC).isoformat(" ", "seconds")[:19]
    about = "≈" if measure == drift.DISTINCT and not figures.exact else ""
    return f"{about}{_figure(value)}"


def _change(value: float | None, before: float | None, measure: str) -> str:
    if value is None or before is None:
        return ""
    by = value - before
    if not by:
        return "="
    sign = "+" if by > 0 else "−"
    if measure in drift.TIMED:
        size = abs(by)
        return f"{sign}{size / _DAY_S:.1f} d" if size >= _DAY_S else f"{sign}{size / _HOUR_S:.1f} h"
    return f"{sign}{_figure(abs(by))}"


def _figure(value: float) -> str:
    """Shares and the like are small, and move by less."""
    return number(value) if abs(value) >= 1 or not value else f"{value:.3g}"
