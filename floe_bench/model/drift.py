"""How what a column holds moved over the snapshots of a table."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from floe_bench.dataclass import dataclass

MANY_TIMES = 3
LEAST_CHANGES = 5
"""Fewer do not say what is usual."""
_ROUNDING, _ESTIMATE = 1e-9, 0.05
"""What a change must be beyond, in relation to the values, to be one: sums of floats differ by their order, distinct
values that were estimated by a few percent."""
_NUMBERS = ("int", "long", "float", "double", "decimal")
_TIMES = ("date", "timestamp")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one column at one snapshot.

    ``distinct`` leaves nulls out, and is about right unless ``exact``; None for nested types, as the bounds are.
    ``lower`` and ``upper`` are text, None where every value is null. ``mean`` and ``median`` are of numbers, NaN and
    the infinities left out; of booleans the mean is the share that is true. ``shortest``, ``mean_length`` and
    ``longest`` are of text, in characters.
    """

    rows: int
    nulls: int
    distinct: int | None = None
    exact: bool = True
    lower: str | None = None
    upper: str | None = None
    mean: float | None = None
    median: float | None = None
    shortest: int | None = None
    mean_length: float | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A column at one snapshot. ``column`` is its name then, and ``type`` Iceberg's; empty where the table lacked it.

    ``absent`` says in which way: ``not there yet`` or ``not there any more``. ``same_rows``: the snapshot only wrote
    the rows of the one before anew, and has its figures. ``half``: it only took away what the one after it replaced,
    and was not read. ``unusual`` are measures that changed more than they do as a rule. ``fault`` says why there are
    no figures.
    """

    snapshot_id: int
    committed_at: datetime
    operation: str
    column: str = ""
    type: str = ""
    figures: Figures | None = None
    absent: str = ""
    same_rows: bool = False
    half: bool = False
    unusual: tuple[str, ...] = ()
    run_id: str | None = None
    asset: str | None = None
    fault: str = ""
    remedy: str = ""


NOT_YET, NO_MORE = "not there yet", "not there any more"


@dataclass(frozen=True, slots=True)
class Drift:
    """``readings`` are oldest first; ``older`` snapshots of the same line are kept and were not asked for.

    ``column`` is the name that was asked for; over renames it is one column, by its field id.
    """

    table: str
    column: str
    field_id: int
    readings: tuple[Reading, ...] = ()
    older: int = 0
    duration_s: float = 0.0

    @property
    def faults(self) -> int:
        return sum(bool(each.fault) for each in self.readings)


ROWS, NULLS, DISTINCT = "rows", "null share", "distinct"
LEAST, MEAN, MEDIAN, GREATEST = "least", "mean", "median", "greatest"
SHORTEST, MEAN_LENGTH, LONGEST = "shortest", "mean length", "longest"
EARLIEST, LATEST = "earliest", "latest"


def _bound(
    value: Callable[[Figures], str | None], kinds: tuple[str, ...]
) -> Callable[[Reading, Figures], float | None]:
    def told(reading: Reading, figures: Figures) -> float | None:
        text = value(figures)
        if text is None or not reading.type.startswith(kinds):
            return None
        return _seconds(text) if kinds is _TIMES else _number(text)

    return told


MEASURES: Mapping[str, Callable[[Reading, Figures], float | None]] = {
    ROWS: lambda reading, found: found.rows,
    NULLS: lambda reading, found: 100 * found.nulls / found.rows if found.rows else None,
    DISTINCT: lambda reading, found: found.distinct,
    MEAN: lambda reading, found: found.mean,
    MEDIAN: lambda reading, found: found.median,
    LEAST: _bound(lambda found: found.lower, _NUMBERS),
    GREATEST: _bound(lambda found: found.upper, _NUMBERS),
    SHORTEST: lambda reading, found: found.shortest,
    MEAN_LENGTH: lambda reading, found: found.mean_length,
    LONGEST: lambda reading, found: found.longest,
    EARLIEST: _bound(lambda found: found.lower, _TIMES),
    LATEST: _bound(lambda found: found.upper, _TIMES),
}
"""Each as a number: null shares are percents, times are seconds since 1970."""
TIMED = frozenset({EARLIEST, LATEST})


def value_of(reading: Reading, measure: str) -> float | None:
    found = None if reading.figures is None else MEASURES[measure](reading, reading.figures)
    return None if found is None else float(found)


def measures_of(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Those that have a value anywhere."""
    return tuple(measure for measure in MEASURES if any(value_of(each, measure) is not None for each in readings))


def marked(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """With what is ``unusual`` in each: see ``unusual_places``."""
    found = {measure: unusual_places(_series(readings, measure)) for measure in measures_of(readings)}
    return tuple(
        replace(each, unusual=tuple(measure for measure, places in found.items() if place in places))
        for place, each in enumerate(readings)
    )


def unusual_places(values: Sequence[float | None]) -> frozenset[int]:
    """Where the change from the value before is more than three times what three quarters of the others stay within.

    So in what hardly ever changes every change is unusual. None is passed over: a change is from the last known value.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    changes = {place: abs(value - before) for (_, before), (place, value) in pairwise(known)}
    if len(changes) < LEAST_CHANGES:
        return frozenset()
    sizes = sorted(changes.values())
    rank = math.ceil(0.75 * (len(sizes) - 1)) - 1

    def usual(size: float) -> float:
        """Of the others."""
        return sizes[rank if rank < bisect_left(sizes, size) else rank + 1]

    return frozenset(place for place, size in changes.items() if size > MANY_TIMES * usual(size))


def _series(readings: Sequence[Reading], measure: str) -> list[float | None]:
    """Without what only wrote the same rows anew, and with changes that are none taken out."""
    found: list[float | None] = []
    last: float | None = None
    for each in readings:
        value = None if each.same_rows else value_of(each, measure)
        if value is not None and last is not None:
            estimated = measure == DISTINCT and each.figures is not None and not each.figures.exact
            blur = _ESTIMATE if estimated else _ROUNDING
            value = last if abs(value - last) <= blur * max(abs(value), abs(last)) else value
        last = value if value is not None else last
        found.append(value)
    return found


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _seconds(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
