"""Numbers and times as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

_BARS = "▁▂▃▄▅▆▇█"
NARROW_SPACE = " "


def count(number: int | None) -> str:
    return "" if number is None else f"{number:,}".replace(",", NARROW_SPACE)


def compact(number: int) -> str:
    """At most four cells."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size:
            return f"{number // (1000 if letter == 'k' else size)}{letter}"
    return str(number)


def plural(number: int, noun: str) -> str:
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def seconds(duration_s: float | None) -> str:
    if duration_s is None:
        return ""
    if 0 < duration_s < 0.095:
        return f"{max(round(duration_s * 1000), 1)}ms"
    if duration_s < 99.95:
        return f"{max(duration_s, 0.0):.1f}s"
    if duration_s < 5940:
        return f"{duration_s / 60:.0f}m"
    return f"{duration_s / 3600:.1f}h"


def age(then: datetime | None, now: datetime) -> str:
    if then is None:
        return ""
    passed = (now - then).total_seconds()
    for size, letter in ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "m")):
        if passed >= size:
            return f"{int(passed // size)}{letter}"
    return f"{int(max(passed, 0))}s"


def clock(
    then: datetime | None, now: datetime, zone: tzinfo | None, *, exact: bool = False, brief: bool = False
) -> str:
    """Time of day in the user's zone; the date when it was on another day, without the time when ``brief``."""
    if then is None:
        return ""
    local, today = then.astimezone(zone), now.astimezone(zone)
    if local.date() != today.date() and brief:
        return local.strftime("%m-%d" if local.year == today.year else "%Y")
    if local.date() != today.date():
        return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d")
    return local.strftime("%H:%M:%S" if exact else "%H:%M")


def size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return ""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"


def spark(values: Sequence[float], width: int) -> str:
    """The last ``width`` values as bars, the smallest lowest."""
    shown = values[-width:]
    if len(shown) < 2:
        return ""
    low, high = min(shown), max(shown)
    span = high - low
    return "".join(_BARS[round((value - low) / span * 7)] if span else _BARS[3] for value in shown)


def short_run(run_id: str) -> str:
    return run_id[:4]


def short_snapshot(snapshot_id: int | None) -> str:
    return "none" if snapshot_id is None else f"…{snapshot_id % 10000:04d}"
