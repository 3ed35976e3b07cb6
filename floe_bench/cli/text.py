"""Values as short text. Pure: the clock is handed in."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

_UNITS = ((86_400 * 365, "y"), (86_400 * 30, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"))
_NAMED_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_GLYPHS_IN_ASCII = {"✓": "+", "✗": "x", "▶": ">", "○": "o", "●": "*", "·": "-", "…": "~", "→": "->", "−": "-"}


def plain(text: str) -> str:
    """Text from data, logs and names, with nothing left that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == " " else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return _NAMED_CONTROLS.get(char) or (f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")


def ascii_glyphs(text: str) -> str:
    return "".join(_GLYPHS_IN_ASCII.get(char, char) for char in text)


def width(text: str) -> int:
    """Cells on a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, cells: int) -> str:
    """At most that many cells; an ellipsis says that something is gone."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for char in text:
        used += _cells(char)
        if used > cells - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def iso(at: datetime | None) -> str | None:
    """ISO-8601 in UTC with milliseconds, as JSON has it."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def clock(at: datetime | None, now: datetime) -> str:
    """Local time; with the day when that is not today."""
    if at is None:
        return ""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M:%S")
    return local.strftime("%Y-%m-%d %H:%M")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def size(number: int | None) -> str:
    if number is None:
        return ""
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def shortener(ids: Iterable[object | None], *, least: int = 4) -> Callable[[object | None], str]:
    """Cuts ids to the shortest common length that still tells these apart."""
    known = {str(each) for each in ids if each is not None}
    length = least
    while len({each[:length] for each in known}) < len(known):
        length += 1

    def short(each: object | None) -> str:
        text = "" if each is None else str(each)
        return text if len(text) <= length else text[:length] + "…"

    return short
