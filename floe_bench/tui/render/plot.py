"""Numbers as a curve or as bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from floe_bench.tui.plotting import Bars, Curve, Points
from floe_bench.tui.render import face
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean, width_of

_MARK = "◆"
_DRAWN = re.compile(f"([\u2800-\u28ff]+|{_MARK}+)")
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEAST = (30, 8)
"""Cells below which a curve is not drawn."""
_DAY_S = 86_400


def plot_lines(found: Points | Bars, width: int, height: int) -> list[Line]:
    if not found.values if isinstance(found, Bars) else not found.xs:
        return list(face.empty("No row has a number here."))
    return list(_bars(found, width)) if isinstance(found, Bars) else _curve(found, width, height)


def _bars(found: Bars, width: int) -> Iterator[Line]:
    """All begin at zero; what is below zero has another colour and its sign."""
    most = max(abs(value) for value in found.values) or 1.0
    said = [number(value) for value in found.values]
    names = min(max(width_of([Span(clean(name))]) for name in found.names), max(width // 3, 8))
    room = max(width - names - max(map(len, said)) - 3, 4)
    for name, value, text in zip(found.names, found.values, said, strict=True):
        full, rest = divmod(round(abs(value) / most * room * 8), 8)
        bar = "█" * full + (_EIGHTHS[rest] if rest else "")
        tone = Tone.RUN if value >= 0 else Tone.BAD
        yield Line((cell(name, names), Span(" "), Span(bar, tone), Span(" "), Span(text, Tone.SOFT)))


def _curve(found: Points, width: int, height: int) -> list[Line]:
    curve = Curve(
        ((found.xs, found.ys),),
        x_ticks=ticks(found.xs[0], found.xs[-1], max(width // 24, 2), timed=found.timed),
        y_ticks=ticks(min(found.ys), max(found.ys), 5),
    )
    return curve_lines(curve, width, height)


def curve_lines(curve: Curve, width: int, height: int) -> list[Line]:
    import plotext  # a tenth of a second: not before somebody plots

    plotext.clear_figure()
    plotext.limitsize(False, False)
    plotext.plotsize(max(width, _LEAST[0]), max(height, _LEAST[1]))
    for xs, ys in curve.stretches:
        draw = plotext.scatter if len(xs) == 1 else plotext.plot
        draw(xs, ys, marker="braille")
    if curve.marks:
        plotext.scatter([x for x, _ in curve.marks], [y for _, y in curve.marks], marker=_MARK)
    if curve.span is not None and curve.span[0] < curve.span[1]:
        plotext.xlim(*curve.span)
    # The frame takes two lines and the words below it one; ticks on lines next to each other read as unevenly spread.
    low = len(curve.y_ticks) > (height - 2) // 2
    for put, found in ((plotext.xticks, curve.x_ticks), (plotext.yticks, curve.y_ticks[:: 2 if low else 1])):
        put([place for place, _ in found], [words for _, words in found])
    plotext.clear_color()
    return [_toned(line) for line in plotext.uncolorize(plotext.build()).splitlines()]


def _toned(line: str) -> Line:
    return Line(tuple(Span(part, _tone(part)) for part in _DRAWN.split(line) if part))


def _tone(part: str) -> Tone:
    return Tone.WARN if part.startswith(_MARK) else Tone.RUN if _DRAWN.fullmatch(part) else Tone.SOFT


def ticks(low: float, high: float, many: int, *, timed: bool = False) -> tuple[tuple[float, str], ...]:
    places = [low + (high - low) * step / (many - 1) for step in range(many)] if high > low else [low]
    if high - low >= many and low.is_integer() and high.is_integer():
        places = [float(round(each)) for each in places]
    return tuple((each, _time(each, high - low) if timed else number(each)) for each in places)


def _time(seconds: float, span: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%d}" if span >= 2 * _DAY_S else f"{at:%m-%d %H:%M}"


def number(value: float) -> str:
    """With as many digits as tell it from its neighbours."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 0.01 <= abs(value) < 1e12 else f"{value:.3g}"
