"""The schemas of a table as lines: what each changed of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.snapshot import SchemaChange, said_of, schema_change
from floe_bench.model.table import Column
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean

_NAME, _SINCE = 11, 18


def history_lines(history: Sequence[SchemaVersion], now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    """Newest first; nothing where there is only one."""
    if len(history) < 2:
        return
    yield BLANK
    ordered = sorted(history, key=lambda version: version.schema_id)
    for before, version in reversed(list(zip([None, *ordered], ordered, strict=False))):
        since = f"since {unit.clock(version.since, now, zone)}" if version.since else "never written"
        tone = Tone.LIT if version.current else Tone.TEXT
        head = (cell(f"schema {version.schema_id}", _NAME, tone), cell(since, _SINCE, Tone.FAINT))
        if before is None:
            yield Line((*head, Span(unit.plural(len(version.columns), "column"), Tone.SOFT)))
            continue
        told = list(_told(schema_change(before.columns, version.columns)))
        for number, span in enumerate(told or [Span("the same columns", Tone.SOFT)]):
            yield Line((*(head if not number else (cell("", _NAME + _SINCE),)), span))


def version_line(version: SchemaVersion, width: int, now: datetime, zone: tzinfo | None, *, old: bool) -> Line:
    """``old``: it is what others are compared with."""
    since = f"since {unit.clock(version.since, now, zone)}" if version.since else "never written"
    tone = Tone.LIT if version.current else Tone.TEXT
    return Line(
        (
            Span("from " if old else "     ", Tone.WARN),
            cell(f"schema {version.schema_id}", _NAME, tone),
            cell(since, _SINCE, Tone.FAINT),
            cell(unit.plural(len(version.columns), "column"), 13, Tone.SOFT),
            Span("current" if version.current else "", Tone.LIT),
        )
    )


def change_lines(old: SchemaVersion, new: SchemaVersion, width: int) -> Iterator[Line]:
    """What ``new`` has that ``old`` had not, a column a line with its id."""
    change = schema_change(old.columns, new.columns)
    counts = ((len(change.added), "added"), (len(change.removed), "removed"), (len(change.changed), "changed"),
              (len(change.moved), "moved"))  # fmt: skip
    told = ", ".join(f"{unit.count(number)} {word}" for number, word in counts if number)
    both = f"schema {old.schema_id} → {new.schema_id}  "
    yield Line((Span(both, bold=True), Span(told or "the same columns", Tone.SOFT)))
    name = min(max((len(each.name) for each in (*old.columns, *new.columns)), default=6) + 2, max(width // 2, 14))
    for mark, tone, columns in (("+", Tone.OK, change.added), ("−", Tone.BAD, change.removed)):
        for column in columns:
            yield _column(mark, tone, column, name, column.type)
    for before, after in change.changed:
        yield _column("~", Tone.WARN, after, name, ", ".join(said_of(before, after)))
    for column in change.moved:
        yield _column("↕", Tone.WARN, column, name, "elsewhere in the order")


def _column(mark: str, tone: Tone, column: Column, name: int, said: str) -> Line:
    required = Span("  required" if column.required and mark in "+−" else "", Tone.WARN)
    return Line(
        (
            Span(f"{mark} ", tone),
            cell(str(column.field_id), 4, Tone.FAINT, end=True),
            Span("  "),
            cell(column.name, name, tone),
            Span(clean(said)),
            required,
            Span(f"  {clean(column.doc)}" if mark == "+" else "", Tone.SOFT),
        )
    )


def _told(change: SchemaChange) -> Iterator[Span]:
    for column in change.added:
        yield Span(f"+ {clean(column.name)} {clean(column.type)}", Tone.OK)
    for column in change.removed:
        yield Span(f"− {clean(column.name)} {clean(column.type)}", Tone.BAD)
    for old, new in change.changed:
        yield Span(f"~ {clean(new.name)}: {clean(', '.join(said_of(old, new)))}", Tone.WARN)
    for column in change.moved:
        yield Span(f"↕ {clean(column.name)}: elsewhere in the order", Tone.WARN)
