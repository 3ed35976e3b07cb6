"""Plans of undo and redo as lines."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.model.snapshot import SchemaChange
from floe_bench.model.undo import TakeBack, UndoKind, UndoPlan
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean, cut, wrap

_OTHERS = 4
_NUMBERS = 48
"""Cells of everything but the name."""
_NARROWEST = 16


def title_of(plan: UndoPlan) -> str:
    return f"{plan.kind.capitalize()}: {unit.plural(len(plan.tables), 'table')}"


def about_lines(plan: UndoPlan, width: int) -> Sequence[Line]:
    """In two lines at most: what it is about may be one undo more of an undo."""
    said = clean(plan.about)
    if len(said) <= width:
        return (Line((Span(said, Tone.TEXT),)), BLANK)
    at = said.rfind(" ", 0, width)
    rest = cut(said[at + 1 :], width)
    return (Line((Span(said[:at], Tone.TEXT),)), Line((Span(rest, Tone.TEXT),)), BLANK)


def head_line(width: int) -> Line:
    name = _name_width(width)
    titles = (("table", name, False), ("snapshot", 15, False), ("rows", 15, True), ("lost", 7, True), ("back", 7, True))
    return Line(tuple(cell(title, room, Tone.FAINT, end=end) for title, room, end in titles))


def table_line(table: TakeBack, width: int) -> Line:
    name = _name_width(width)
    before, after = (unit.short_snapshot(head.reads) for head in (table.move.before, table.move.after))
    rows = f"{_count(table.rows_before)} → {unit.count(table.rows_after)}"
    return Line(
        (
            cell(clean(table.table.rpartition(".")[2]), name - 1),
            GAP,
            Span(f"{before:>5}", Tone.ID),
            Span(" → ", Tone.SOFT),
            cell(f"{after:<5}", 7, Tone.ID if table.move.after.reads is not None else Tone.WARN),
            cell(rows, 15, end=True),
            cell(f"−{_count(table.rows_lost)}", 7, Tone.BAD if table.rows_lost else Tone.FAINT, end=True),
            cell(f"+{_count(table.rows_regained)}", 7, Tone.OK if table.rows_regained else Tone.FAINT, end=True),
            GAP,
            Span(_columns(table.schema), Tone.WARN),
        )
    )


def notes(plan: UndoPlan, width: int) -> Sequence[Line]:
    """What the numbers do not say: who reads it, what is lost of others, how it happens."""
    lines = [BLANK]
    readers = dict.fromkeys(name.rpartition("/")[2] for table in plan.tables for name in table.readers)
    if readers:
        said = cut(clean(", ".join(readers)), max(width - 18, 8))
        lines.append(Line((Span("  still read by  ", Tone.SOFT), Span(said))))
    empty = [table.table for table in plan.tables if table.move.after.reads is None]
    if empty:
        said = f"  {cut(clean(', '.join(empty)), max(width - 40, 8))} will read as empty"
        lines.append(Line((Span(said, Tone.WARN),)))
    lines += _faults(plan, width)
    lines += [*_of_typed(plan, width), *_of_others(plan, width)]
    how = "all in one commit" if plan.together else "one table after the other, all or none"
    back = "^r brings it back" if plan.kind is UndoKind.UNDO else "u takes it back again"
    lines.append(Line((Span(f"  {how}; nothing is deleted, {back}", Tone.FAINT),)))
    return lines


def _faults(plan: UndoPlan, width: int) -> list[Line]:
    told = [clean(table.fault) for table in plan.tables if table.fault]
    said = [
        wrap(f"it cannot be read as it is, so its rows were not compared: {each}", max(width - 4, 16)) for each in told
    ]
    return [
        Line((Span("    " if n else "  ! ", Tone.WARN), Span(part, Tone.WARN)))
        for each in said
        for n, part in enumerate(each)
    ]


def _of_typed(plan: UndoPlan, width: int) -> list[Line]:
    """One's own, so it is said and not asked about."""
    if not plan.typed:
        return []
    told = ", ".join(
        f"{table.table.rpartition('.')[2]} {unit.short_snapshot(each.snapshot_id)} {each.operation}"
        for table in plan.tables
        for each in table.typed
    )
    said = cut(clean(told), max(width - 34, 8))
    return [Line((Span("  ✎ written on the SQL screen:  ", Tone.SOFT), Span(said)))]


def _of_others(plan: UndoPlan, width: int) -> list[Line]:
    """Most of them in words, the rest as a number."""
    told = [(table.table, each) for table in plan.tables for each in table.others] if plan.others else []
    lines = []
    for name, each in told[:_OTHERS]:
        by = f" by {clean(each.written_by)}" if each.written_by else ""
        what = f"{clean(name)} {unit.short_snapshot(each.snapshot_id)}, {clean(each.operation)}{by}"
        said = wrap(f"somebody else wrote since, and loses it: {what}", max(width - 4, 16))
        lines += [
            Line((Span("    " if n else "  ! ", Tone.WARN), Span(each, Tone.WARN))) for n, each in enumerate(said)
        ]
    if len(told) > _OTHERS:
        lines.append(Line((Span(f"    and {unit.plural(len(told) - _OTHERS, 'more commit')}", Tone.WARN),)))
    return lines


def _count(rows: int | None) -> str:
    return "?" if rows is None else unit.count(rows)


def _name_width(width: int) -> int:
    return max(min(width - _NUMBERS - 12, 34), _NARROWEST)


def _columns(schema: SchemaChange) -> str:
    told = [f"+{column.name}" for column in schema.added] + [f"−{column.name}" for column in schema.removed]
    return clean(" ".join([*told, *(f"~{new.name}" for _, new in schema.changed)]))
