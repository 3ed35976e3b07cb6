"""What a snapshot changed: counts, schema, files, and sample rows as old → new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floe_bench.model.snapshot import Diff, Sample, Snapshot
from floe_bench.tui.glance import LONG_S
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, cut, width_of

_SIGN = {"added": ("+", Tone.OK), "removed": ("−", Tone.BAD), "changed": ("~", Tone.WARN)}
_WIDEST = 24


def diff_lines(diff: Diff, made_by: Snapshot | None, width: int) -> Sequence[Line]:
    lines = [*_head(diff, made_by, width), _files(diff), *_schema(diff), *_columns(diff, width), BLANK]
    rows = diff.rows
    if not (rows.added or rows.removed or rows.changed):
        lines.append(Line((Span("no rows changed", Tone.SOFT),)))
        return lines
    lines += _table(diff, width)
    if diff.left > 0:
        lines.append(Line((Span(f"  … {unit.count(diff.left)} more", Tone.FAINT),)))
    return lines


def _head(diff: Diff, made_by: Snapshot | None, width: int) -> list[Line]:
    """Which two and by whom, and how much that is: a line each where they have no room in one."""
    rows = diff.rows
    which = [
        Span(unit.short_snapshot(diff.from_snapshot), Tone.ID if diff.from_snapshot else Tone.FAINT),
        Span(" → ", Tone.SOFT),
        Span(unit.short_snapshot(diff.to_snapshot), Tone.ID),
        Span("   "),
    ]
    if made_by is not None and made_by.run_id is not None:
        name = clean((made_by.asset or "").rsplit("/", 1)[-1])
        run = unit.short_run(made_by.run_id)
        which += [Span("made by ", Tone.SOFT), Span(name), Span(" in run ", Tone.SOFT), Span(run, Tone.ID), Span("   ")]
    elif made_by is not None and made_by.typed:
        which.append(Span("by typed SQL   ", Tone.SOFT))
    elif made_by is not None:
        which.append(Span("not by us   ", Tone.WARN))
    much = [
        Span(f"+{unit.count(rows.added)}", Tone.OK if rows.added else Tone.SOFT), Span(" rows  ", Tone.SOFT),
        Span(f"−{unit.count(rows.removed)}", Tone.BAD if rows.removed else Tone.SOFT), Span("  "),
        Span(f"~{unit.count(rows.changed)}", Tone.WARN if rows.changed else Tone.SOFT),
    ]  # fmt: skip
    if rows.key:
        much.append(Span(f" by {clean(', '.join(rows.key))}", Tone.SOFT))
    elif rows.not_unique:
        much.append(Span(f" whole rows: {clean(', '.join(rows.not_unique))} is not unique", Tone.WARN))
    together = width_of((*which, *much)) <= width
    return [Line((*which, *much))] if together else [Line(tuple(which)), Line(tuple(much))]


def comparing_lines(what: str, spent_s: float, percent: float | None) -> Sequence[Line]:
    """With its time, how far it is, and how to end it, once it is no matter of a moment."""
    lines = face.loading(what)
    if spent_s < LONG_S:
        return lines
    far = f"{percent:.0f} %  " if percent is not None else ""
    said = (Span(f"  {far}{unit.seconds(spent_s)}  ", Tone.FAINT), Span("esc", Tone.LIT, bold=True))
    return (*lines, Line((*said, Span("  gives it up", Tone.FAINT))))


def _files(diff: Diff) -> Line:
    files = diff.files
    spans = [
        Span("files   ", Tone.SOFT),
        Span(f"+{unit.count(files.added)}", Tone.OK if files.added else Tone.SOFT),
        Span(f" {unit.size(files.added_bytes)}  " if files.added else "  ", Tone.SOFT),
        Span(f"−{unit.count(files.removed)}", Tone.BAD if files.removed else Tone.SOFT),
        Span(f" {unit.size(files.removed_bytes)}" if files.removed else "", Tone.SOFT),
    ]
    if files.kept:
        read = ", not read" if diff.rows.partial else ""
        spans.append(Span(f"   {unit.count(files.kept)} in both{read}", Tone.SOFT))
    if files.before_bytes is not None and files.after_bytes is not None:
        spans.append(Span(f"   in all {unit.size(files.before_bytes)} → {unit.size(files.after_bytes)}", Tone.SOFT))
    if files.deletes:
        spans.append(Span("   with row-level deletes", Tone.SOFT))
    return Line(tuple(spans))


def _schema(diff: Diff) -> list[Line]:
    spans: list[Span] = []
    for column in diff.schema.added:
        spans += [Span("+ ", Tone.OK), Span(f"{clean(column.name)} {clean(column.type)}  ", Tone.OK)]
    for column in diff.schema.removed:
        spans += [Span("− ", Tone.BAD), Span(f"{clean(column.name)} {clean(column.type)}  ", Tone.BAD)]
    for before, after in diff.schema.changed:
        spans += [
            Span("~ ", Tone.WARN),
            Span(f"{clean(before.name)} {clean(before.type)}", Tone.BAD),
            Span(" → ", Tone.SOFT),
            Span(f"{clean(after.name)} {clean(after.type)}  ", Tone.OK),
        ]
    for column in diff.schema.moved:
        spans.append(Span(f"↕ {clean(column.name)}  ", Tone.WARN))
    return [Line((Span("schema  ", Tone.SOFT), *spans))] if spans else []


def _columns(diff: Diff, width: int) -> list[Line]:
    """In how many changed rows each column differs, the most first."""
    differ = sorted(diff.rows.columns.items(), key=lambda found: -found[1])
    said = "  ".join(f"{clean(name)} {unit.count(number)}" for name, number in differ)
    return [Line((Span("columns ", Tone.SOFT), Span(cut(said, max(width - 8, 8)), Tone.WARN)))] if said else []


def _table(diff: Diff, width: int) -> list[Line]:
    columns = diff.sample_columns
    widths = {name: _width(name, diff.samples) for name in columns}
    shown: list[str] = []
    room = width - 2
    for name in columns:
        room -= widths[name] + 2
        if room < 0 and shown:
            break
        shown.append(name)
    head = [Span("  "), *(cell(name, widths[name] + 2, Tone.SOFT) for name in shown)]
    if len(shown) < len(columns):
        head.append(Span(f"… {len(columns) - len(shown)} more columns", Tone.FAINT))
    return [Line(tuple(head)), *(_row(sample, shown, widths) for sample in diff.samples)]


def _row(sample: Sample, shown: Sequence[str], widths: Mapping[str, int]) -> Line:
    sign, tone = _SIGN.get(sample.change, ("?", Tone.SOFT))
    spans = [Span(f"{sign} ", tone)]
    for name in shown:
        spans += _value(sample, name, widths[name] + 2, tone)
    return Line(tuple(spans))


def _value(sample: Sample, name: str, room: int, tone: Tone) -> list[Span]:
    new = _text(sample.row.get(name))
    if sample.before is None:
        return [cell(new, room, tone)]
    old = _text(sample.before.get(name))
    if old == new:
        return [cell(new, room, Tone.TEXT)]
    half = (room - 5) // 2
    before, after = Span(cut(old, half), Tone.BAD), Span(cut(new, room - 5 - min(half, len(old))), Tone.OK)
    used = width_of((before, after)) + 3
    return [before, Span(" → ", Tone.SOFT), after, Span(" " * max(room - used, 0))]


def _width(name: str, samples: Sequence[Sample]) -> int:
    widest = len(clean(name))
    for sample in samples:
        new = _text(sample.row.get(name))
        old = _text(sample.before.get(name)) if sample.before is not None else new
        widest = max(widest, len(new) if old == new else len(old) + len(new) + 3)
    return min(widest, _WIDEST)


def _text(value: object) -> str:
    return "∅" if value is None else clean(str(value))
