"""Numbers as a curve or as bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from floe_bench.tui.plotting import Bars, Points
from floe_bench.tui.render import face
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean, width_of

_DOTS = re.compile("([\u2800-\u28ff]+)")
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
    import plotext  # a tenth of a second: not before somebody plots

    plotext.clear_figure()
    plotext.limitsize(False, False)
    plotext.plotsize(max(width, _LEAST[0]), max(height, _LEAST[1]))
    draw = plotext.scatter if len(found.xs) == 1 else plotext.plot
    draw(found.xs, found.ys, marker="braille")
    low, high = min(found.ys), max(found.ys)
    plotext.yticks(*_ticks(low, high, 5))
    plotext.xticks(*_ticks(found.xs[0], found.xs[-1], max(width // 24, 2), timed=found.timed))
    plotext.clear_color()
    return [_toned(line) for line in plotext.uncolorize(plotext.build()).splitlines()]


def _toned(line: str) -> Line:
    return Line(
        tuple(Span(part, Tone.RUN if _DOTS.fullmatch(part) else Tone.SOFT) for part in _DOTS.split(line) if part)
    )


def _ticks(low: float, high: float, many: int, *, timed: bool = False) -> tuple[list[float], list[str]]:
    places = [low + (high - low) * step / (many - 1) for step in range(many)] if high > low else [low]
    if high - low >= many and low.is_integer() and high.is_integer():
        places = [float(round(each)) for each in places]
    return places, [_time(each, high - low) if timed else number(each) for each in places]


def _time(seconds: float, span: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%d}" if span >= 2 * _DAY_S else f"{at:%m-%d %H:%M}"


def number(value: float) -> str:
    """With as many digits as tell it from its neighbours."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 0.01 <= abs(value) < 1e12 else f"{value:.3g}"
