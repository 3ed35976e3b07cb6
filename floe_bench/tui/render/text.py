"""Lines of toned text, cut and aligned to a width in cells. Never markup, never a control character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple
from unicodedata import category

from rich.cells import cell_len, set_cell_size


class Tone(StrEnum):
    """Three ranks of importance, then state and identity."""

    TEXT = "text"
    SOFT = "soft"
    FAINT = "faint"
    OK = "ok"
    RUN = "run"
    WARN = "warn"
    BAD = "bad"
    ID = "id"
    LIT = "lit"
    BADGE = "badge"
    ALERT = "alert"


class Span(NamedTuple):
    """``act`` names the user action that a click on it means."""

    text: str
    tone: Tone = Tone.TEXT
    bold: bool = False
    act: str = ""


class Line(NamedTuple):
    """``left`` gives way when there is not enough room; ``right`` is kept and set against the right edge."""

    left: tuple[Span, ...]
    right: tuple[Span, ...] = ()


GAP = Span(" ")
BLANK = Line(())

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of what cannot be seen: controls, directions, joiners, tags, halves of characters."""
_VARIATION = re.compile("[\ufe00-\ufe0f]")
_ESCAPES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")


def clean(text: str) -> str:
    """One line of ``text`` that a terminal can only show: no escapes, no control or direction characters."""
    if text.isprintable() and (text.isascii() or not _VARIATION.search(text)):
        return text
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\n", " ⏎ ").replace("\t", "    ")
    return "".join(char for char in _VARIATION.sub("", text) if category(char) not in _UNSEEN)


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, with … where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def cell(text: str, width: int, tone: Tone = Tone.TEXT, *, end: bool = False, bold: bool = False) -> Span:
    """A column: exactly ``width`` cells, against its right edge when ``end``."""
    shown = cut(clean(text), width)
    pad = " " * (width - cell_len(shown))
    return Span(pad + shown if end else shown + pad, tone, bold)


def width_of(spans: Iterable[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def inert(span: Span) -> Span:
    """The last gate before the screen: renderers clean what they measure, this cleans what one of them forgot."""
    text = clean(span.text)
    return span if text is span.text else span._replace(text=text)


def fit(line: Line, width: int) -> list[Span]:
    """The spans of ``line`` in exactly ``width`` cells, and nothing in them that a terminal would obey."""
    right = [inert(span) for span in line.right]
    while right and width_of(right) > width:
        right.pop(0)
    room = width - width_of(right)
    spans, used = _fill((inert(span) for span in line.left), room)
    return [*spans, Span(" " * (room - used)), *right]


def _fill(spans: Iterable[Span], room: int) -> tuple[list[Span], int]:
    kept: list[Span] = []
    used = 0
    for span in spans:
        length = cell_len(span.text)
        if used + length > room:
            rest = cut(span.text, room - used)
            kept.append(span._replace(text=rest))
            return kept, used + cell_len(rest)
        kept.append(span)
        used += length
    return kept, used


def wrap(text: str, width: int) -> list[str]:
    """Words of ``text`` in lines of at most ``width`` cells; a longer word goes on in the next line."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        current = ""
        for word in _pieces(clean(paragraph).split(" "), width):
            if current and cell_len(current) + 1 + cell_len(word) > width:
                lines.append(current)
                current = word
            else:
                current = f"{current} {word}" if current else word
        lines.append(cut(current, width))
    return lines


def _pieces(words: Iterable[str], width: int) -> Iterator[str]:
    for word in words:
        rest = word
        while cell_len(rest) > width:
            kept = 0
            while kept < len(rest) and cell_len(rest[: kept + 1]) <= width:
                kept += 1
            yield rest[: max(kept, 1)]
            rest = rest[max(kept, 1) :]
        yield rest
