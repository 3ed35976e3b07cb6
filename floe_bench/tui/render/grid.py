"""Rows and columns: typed heads, and as many columns as fit from the first one shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from floe_bench.model.answer import QueryAnswer
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean, width_of, wrap

_WIDEST = 32
_NUMBERS = ("int", "long", "decimal", "float", "double", "bigint", "smallint", "tinyint", "hugeint", "ubigint")
_LOOKED_AT = 200
"""Rows that decide how wide a column is."""
NULL = "∅"
_MARKS = 12
"""Cells that the head line needs to say how many columns are to the left and right."""


class Shown(NamedTuple):
    """The columns that are on the screen: from ``first``, ``number`` of them."""

    first: int
    number: int


def widths_of(answer: QueryAnswer) -> tuple[int, ...]:
    found = []
    for index, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True)):
        head = width_of((Span(clean(name)), Span(clean(kind)))) + 1
        widest = max((width_of((Span(told(row[index])),)) for row in answer.rows[:_LOOKED_AT]), default=0)
        found.append(min(max(head, widest), _WIDEST))
    return tuple(found)


def shown_columns(widths: Sequence[int], first: int, wanted: int, width: int) -> Shown:
    """So that column ``wanted`` is among them, moving as little as possible."""
    if _fitting(widths, width) < len(widths):
        width -= _MARKS
    first = min(first, wanted)
    while first < wanted and first + _fitting(widths[first:], width) <= wanted:
        first += 1
    return Shown(first, _fitting(widths[first:], width))


def _fitting(widths: Sequence[int], width: int) -> int:
    room, count = width, 0
    for each in widths:
        room -= each + 2
        if room < -2 and count:
            break
        count += 1
    return count


def head_line(answer: QueryAnswer, widths: Sequence[int], shown: Shown, current: int | None) -> Line:
    spans: list[Span] = []
    for index in range(shown.first, shown.first + shown.number):
        name, kind = clean(answer.columns[index]), clean(answer.types[index])
        room = widths[index]
        here = index == current
        tone = Tone.LIT if here else Tone.TEXT
        if width_of((Span(name), Span(kind))) + 1 <= room:
            pad = " " * (room - width_of((Span(name), Span(kind))) - 1)
            spans += [Span(name, tone, bold=here), Span(f" {kind}", Tone.FAINT), Span(pad + "  ")]
        else:
            spans += [cell(name, room, tone, bold=here), Span("  ")]
    left = len(answer.columns) - shown.first - shown.number
    right = f"{'‹ ' if shown.first else ''}{f'{left} more ›' if left else ''}"
    return Line(tuple(spans), (Span(f" {right}", Tone.FAINT),) if right else ())


def row_line(
    answer: QueryAnswer, row: Sequence[object], widths: Sequence[int], shown: Shown, current: int | None
) -> Line:
    spans: list[Span] = []
    for index in range(shown.first, shown.first + shown.number):
        value = row[index]
        tone = Tone.FAINT if value is None else Tone.TEXT
        here = index == current
        number = answer.types[index].lower().startswith(_NUMBERS)
        spans += [
            cell(told(value), widths[index], Tone.LIT if here else tone, end=number, bold=here),
            Span("  "),
        ]
    return Line(tuple(spans))


def record_lines(answer: QueryAnswer, row: Sequence[object], width: int) -> list[Line]:
    """One row in full: a line a column, folded where it is long."""
    name_room = min(max((width_of((Span(clean(name)),)) for name in answer.columns), default=0), _WIDEST)
    kind_room = min(max((len(kind) for kind in answer.types), default=0), 20)
    lines: list[Line] = []
    for name, kind, value in zip(answer.columns, answer.types, row, strict=True):
        parts = wrap(told(value), max(width - name_room - kind_room - 4, 10))
        label = (cell(name, name_room, Tone.SOFT), Span("  "), cell(kind, kind_room, Tone.FAINT), Span("  "))
        blank = (Span(" " * (name_room + kind_room + 4)),)
        tone = Tone.FAINT if value is None else Tone.TEXT
        lines += [Line((*(label if not at else blank), Span(part, tone))) for at, part in enumerate(parts)]
    return lines


def told(value: object) -> str:
    """A value as text that a terminal only shows."""
    match value:
        case None:
            return NULL
        case bool():
            return "true" if value else "false"
        case list() | dict():
            import json

            return clean(json.dumps(value, ensure_ascii=False))
    return clean(str(value))


def count_said(answer: QueryAnswer) -> str:
    many = len(answer.rows)
    return f"{unit.count(many)}+ rows" if answer.truncated else unit.plural(many, "row")
