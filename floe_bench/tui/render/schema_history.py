"""The schemas of a table as lines: what each changed of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.snapshot import SchemaChange, said_of, schema_change
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


def _told(change: SchemaChange) -> Iterator[Span]:
    for column in change.added:
        yield Span(f"+ {clean(column.name)} {clean(column.type)}", Tone.OK)
    for column in change.removed:
        yield Span(f"− {clean(column.name)} {clean(column.type)}", Tone.BAD)
    for old, new in change.changed:
        yield Span(f"~ {clean(new.name)}: {clean(', '.join(said_of(old, new)))}", Tone.WARN)
    for column in change.moved:
        yield Span(f"↕ {clean(column.name)}: elsewhere in the order", Tone.WARN)
