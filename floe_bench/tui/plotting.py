"""Which columns of a result make a plot, and its points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import QueryAnswer

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
_TIMES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns by their place. ``x`` None: rows in the order in which they came."""

    x: int | None
    y: int


@dataclass(frozen=True, slots=True)
class Points:
    """``xs`` are seconds since 1970 where ``timed``, and in rising order. Rows without a number are left out."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    timed: bool
    left_out: int


@dataclass(frozen=True, slots=True)
class Bars:
    """In the order of the rows."""

    names: tuple[str, ...]
    values: tuple[float, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Curve:
    """``stretches`` are points that are joined, as (xs, ys); ``marks`` stand out. Ticks are places with words.

    ``span`` is from the first to the last place there is, also where none has a point yet.
    """

    stretches: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    marks: tuple[tuple[float, float], ...] = ()
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    span: tuple[float, float] | None = None


def is_number(kind: str) -> bool:
    return kind.startswith(_NUMBERS) and not kind.endswith("]")


def is_time(kind: str) -> bool:
    return kind.startswith(_TIMES) and not kind.endswith("]")


def first_plot(answer: QueryAnswer, column: int) -> Plot | None:
    """Of that column if it has numbers, else of the first that has, over the first that says when or what."""
    numbers = [place for place, kind in enumerate(answer.types) if is_number(kind)]
    if not numbers:
        return None
    others = [place for place in range(len(answer.types)) if place not in numbers]
    y = column if column in numbers else numbers[-1] if not others and len(numbers) > 1 else numbers[0]
    times = [place for place in others if is_time(answer.types[place])]
    if times or others:
        return Plot((times or others)[0], y)
    return Plot(numbers[0] if numbers[0] != y else None, y)


def next_value(answer: QueryAnswer, plot: Plot, by: int) -> Plot:
    """The next column with numbers, around the end; never over itself."""
    numbers = [place for place, kind in enumerate(answer.types) if is_number(kind) and place != plot.x]
    return Plot(plot.x, numbers[(numbers.index(plot.y) + by) % len(numbers)])


def next_axis(answer: QueryAnswer, plot: Plot, by: int) -> Plot:
    """The next column to plot over; the order of the rows is one."""
    axes = [None, *(place for place in range(len(answer.types)) if place != plot.y)]
    return Plot(axes[(axes.index(plot.x) + by) % len(axes)], plot.y)


def points_of(answer: QueryAnswer, plot: Plot) -> Points | Bars:
    kind = "" if plot.x is None else answer.types[plot.x]
    if plot.x is not None and not is_number(kind) and not is_time(kind):
        pairs = [(row[plot.x], _number(row[plot.y])) for row in answer.rows]
        kept = [(_name(name), value) for name, value in pairs if value is not None]
        names, values = tuple(name for name, _ in kept), tuple(value for _, value in kept)
        return Bars(names, values, len(pairs) - len(kept))
    found = sorted(_pairs(answer, plot, timed=is_time(kind)))
    xs, ys = tuple(x for x, _ in found), tuple(y for _, y in found)
    return Points(xs, ys, is_time(kind), len(answer.rows) - len(found))


def _pairs(answer: QueryAnswer, plot: Plot, *, timed: bool) -> Iterator[tuple[float, float]]:
    for place, row in enumerate(answer.rows):
        x = float(place + 1) if plot.x is None else _moment(row[plot.x]) if timed else _number(row[plot.x])
        y = _number(row[plot.y])
        if x is not None and y is not None:
            yield x, y


def _number(value: object) -> float | None:
    """Decimals come as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _moment(value: object) -> float | None:
    try:
        found = datetime.fromisoformat(str(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _name(value: object) -> str:
    return "null" if value is None else str(value)
