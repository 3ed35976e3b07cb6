"""A table as lines: what it is made of, one tab each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from floe_bench.model.anatomy import Anatomy, Bounds, Content, FilePage, SchemaVersion
from floe_bench.model.command import to_type
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Health
from floe_bench.model.table import Column, Table
from floe_bench.tui.looking import Branch
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, cut, wrap

_LABEL, _HEALTH_NAME = 12, 22
_FILE_REST = 34
"""Cells for what stands right of a file's name and partition."""
_HEALTH = {
    FindingState.OK: Span("✓", Tone.OK),
    FindingState.WARN: Span("!", Tone.WARN),
    FindingState.FAIL: Span("✗", Tone.BAD),
    FindingState.SKIP: Span("○", Tone.FAINT),
}


# The catalog


def namespace_line(branch: Branch) -> Line:
    mark = glyph.OPEN if branch.open else glyph.SHUT
    name = clean(branch.namespace) or "no namespace"
    size = unit.size(sum(table.bytes for table in branch.tables))
    many = unit.count(len(branch.inside))
    return Line(
        (Span(f"{mark} ", Tone.SOFT), Span(name)), (Span(f" {size}", Tone.FAINT), Span(f"{many:>5} ", Tone.SOFT))
    )


def table_line(table: Table, namespace: str) -> Line:
    name = clean(table.table.removeprefix(f"{namespace}."))
    rows = "?" if table.rows is None else "empty" if table.snapshot_id is None else unit.count(table.rows)
    return Line((Span(f"  {name}"),), (Span(f" {rows} ", Tone.SOFT),))


# The tabs


def overview_lines(anatomy: Anatomy, width: int, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    totals = anatomy.totals
    rows = unit.count(anatomy.rows) if anatomy.rows is not None else "not known" if anatomy.snapshot_id else "0"
    yield fact("rows", Span(rows, bold=True), Span("  live, deletes subtracted", Tone.FAINT))
    deletes = unit.plural(totals.delete_files, "delete file") if totals.delete_files else "no row-level deletes"
    yield fact("files", Span(unit.plural(totals.data_files, "data file")), Span(f"  {unit.size(totals.bytes)}"),
                Span(f"  {deletes}", Tone.WARN if totals.delete_files else Tone.FAINT))  # fmt: skip
    yield fact("manifests", Span(unit.count(totals.manifests)))
    yield fact("partitions", Span(clean(", ".join(anatomy.spec.fields)) or "none"))
    for spec in anatomy.specs:
        if not spec.current:
            before = clean(", ".join(spec.fields)) or "none"
            yield fact("", Span(f"before: {before}", Tone.SOFT), Span(f"  spec {spec.spec_id}", Tone.FAINT))
    yield fact("sorted by", Span(clean(", ".join(anatomy.sort_order.fields)) or "nothing"))
    for order in anatomy.sort_orders:
        if not order.current:
            before = clean(", ".join(order.fields)) or "nothing"
            yield fact("", Span(f"before: {before}", Tone.SOFT), Span(f"  sort order {order.spec_id}", Tone.FAINT))
    schemas = f"schema {anatomy.schema.schema_id}, {unit.plural(anatomy.schemas, 'schema')} in all"
    yield fact("columns", Span(unit.count(len(anatomy.schema.columns))), Span(f"  {schemas}", Tone.SOFT))
    oldest = f"  oldest {unit.clock(anatomy.oldest_at, now, zone)}" if anatomy.oldest_at else ""
    yield fact("snapshots", Span(unit.count(anatomy.snapshots)), Span(oldest, Tone.SOFT))
    for number, ref in enumerate(anatomy.refs):
        kept = "" if ref.max_age_s is None else f"  for {ref.max_age_s // 3600} h"
        yield fact("" if number else "refs", cell(ref.name, 16, Tone.LIT), Span(f"{ref.kind}  ", Tone.SOFT),
                    Span(unit.short_snapshot(ref.snapshot_id), Tone.ID), Span(kept, Tone.FAINT))  # fmt: skip
    yield fact("format", Span(f"Iceberg v{anatomy.format_version}"), Span(f"  {anatomy.table_uuid}", Tone.FAINT))
    yield fact("location", Span(clean(anatomy.location), Tone.SOFT))
    metadata = clean(anatomy.metadata_location.rpartition("/")[2])
    listed = f"  {unit.plural(anatomy.metadata_files, 'file')}"
    at = f"  since {unit.clock(anatomy.metadata_log[-1].since, now, zone)}" if anatomy.metadata_log else ""
    yield fact("metadata", Span(metadata, Tone.SOFT), Span(f"{at}{listed}", Tone.FAINT))
    for fault in anatomy.faults:
        yield Line((Span("✗ ", Tone.BAD), Span(clean(fault), Tone.BAD)))


def schema_lines(
    shown: SchemaVersion, history: Sequence[SchemaVersion], width: int, now: datetime, zone: tzinfo | None
) -> Iterator[Line]:
    """A column that was not always there says since when it is."""
    name, kind = _widths(shown.columns, width)
    yield _head(("id", -4), ("", 2), ("column", name), ("type", kind), ("null", 10), ("doc", 3))
    first = _first_seen(history)
    oldest = min((version.schema_id for version in history), default=shown.schema_id)
    for column in shown.columns:
        since = first.get(column.field_id)
        fresh = since is not None and since.schema_id != oldest
        at = unit.clock(since.since, now, zone) if since and since.since else ""
        added = (Span(f" added {at}".rstrip() + " ", Tone.OK),) if fresh else ()
        tone = Tone.OK if fresh else Tone.TEXT
        yield Line(
            (
                cell(str(column.field_id), 4, Tone.FAINT, end=True),
                Span("  "),
                cell(column.name, name, tone),
                cell(column.type, kind, Tone.ID),
                cell("required" if column.required else "", 10, Tone.WARN),
                Span(clean(column.doc), Tone.SOFT),
            ),
            added,
        )


def _widths(columns: Sequence[Column], width: int) -> tuple[int, int]:
    name = max([6, *(len(column.name) for column in columns)]) + 2
    kind = max([4, *(len(column.type) for column in columns)]) + 2
    return min(name, max(width // 3, 12)), min(kind, max(width // 4, 10))


def _first_seen(history: Sequence[SchemaVersion]) -> Mapping[int, SchemaVersion]:
    found: dict[int, SchemaVersion] = {}
    for version in history:
        for column in version.columns:
            found.setdefault(column.field_id, version)
    return found


def file_lines(page: FilePage, width: int, *, bounds: bool = False) -> Iterator[Line]:
    longest = max((len(file.partition) for file in page.files), default=0)
    parted = min(max(longest + 1, 10), max(width - _FILE_REST - 22, 14)) if longest else 0
    name = max(width - _FILE_REST - parted, 14)
    partition = (("partition", parted),) if parted else ()
    yield _head(("file", name), *partition, ("records", -9), ("bytes", -9), ("", 2), ("added by", 8))
    for file in page.files:
        deletes = file.content is not Content.DATA
        told = f"{file.content}: {file.path.rpartition('/')[2]}" if deletes else file.path.rpartition("/")[2]
        yield Line(
            (
                cell(_middle(clean(told), name - 1), name, Tone.WARN if deletes else Tone.TEXT),
                *((cell(_middle(clean(file.partition), parted - 1), parted, Tone.SOFT),) if parted else ()),
                cell(unit.count(file.records), 9, end=True),
                cell(unit.size(file.bytes), 9, Tone.SOFT, end=True),
                Span(f"  {unit.short_snapshot(file.added_by)}", Tone.ID),
            )
        )
        if bounds:
            yield from _bounds_lines(file.bounds, width)
    left = page.totals.data_files + page.totals.delete_files - len(page.files)
    if left > 0:
        more = clean(to_type("files", page.table))
        yield Line((Span(f"and {unit.plural(left, 'file')} more: {more}", Tone.FAINT),))
    yield from _faults(page.faults)


def _bounds_lines(bounds: Sequence[Bounds], width: int) -> Iterator[Line]:
    """Below the file that they are of."""
    if not bounds:
        yield Line((Span("    the file says nothing of its columns", Tone.FAINT),))
    name = min(max((len(each.column) for each in bounds), default=0), width // 3) + 2
    for each in bounds:
        nulls = "" if each.nulls is None else f"  {unit.plural(each.nulls, 'null')}" if each.nulls else "  no nulls"
        lower, upper = ("?" if value is None else clean(value) for value in (each.lower, each.upper))
        told = lower if lower == upper else f"{lower} … {upper}"
        if each.lower is None and each.upper is None:
            told = "no bounds"
        yield Line(
            (
                Span("    "),
                cell(each.column, name, Tone.SOFT),
                Span(cut(told, max(width - name - 20, 8))),
                Span(nulls, Tone.WARN if each.nulls else Tone.FAINT),
            )
        )


def partition_lines(page: FilePage, width: int) -> Iterator[Line]:
    name = max(width - 56, 14)
    yield _head(("partition", name), ("files", -8), ("deletes", -9), ("records", -11), ("bytes", -9))
    most = max((each.bytes for each in page.partitions), default=0) or 1
    for each in page.partitions:
        bar = "█" * max(1, round(each.bytes / most * 16))
        yield Line(
            (
                cell(each.partition or "all rows", name, Tone.TEXT if each.partition else Tone.SOFT),
                cell(unit.count(each.data_files), 8, end=True),
                cell(unit.count(each.delete_files) if each.delete_files else "", 9, Tone.WARN, end=True),
                cell(unit.count(each.records), 11, end=True),
                cell(unit.size(each.bytes), 9, Tone.SOFT, end=True),
                Span(f"  {bar}", Tone.LIT),
            )
        )
    yield from _faults(page.faults)


def property_lines(properties: Mapping[str, str]) -> Iterator[Line]:
    if not properties:
        yield Line((Span("no properties are set", Tone.SOFT),))
    for key, value in sorted(properties.items()):
        yield Line((Span(clean(key), Tone.SOFT), Span("  "), Span(clean(value))))


def health_lines(health: Health, width: int) -> Iterator[Line]:
    for symptom in health.symptoms:
        quiet = symptom.state in (FindingState.OK, FindingState.SKIP)
        tone, pad = Tone.SOFT if quiet else Tone.TEXT, Span(" " * _HEALTH_NAME)
        room = max(width - _HEALTH_NAME, 16)
        first, *more = [clean(symptom.detail)] if quiet else wrap(symptom.detail, room)
        check = cell(symptom.check, _HEALTH_NAME - 2, tone)
        yield Line((_HEALTH[symptom.state], Span(" "), check, Span(first, tone)))
        yield from (Line((pad, Span(each, tone))) for each in more)
        if symptom.fix or symptom.effect:
            fix, effect = clean(symptom.fix), clean(symptom.effect)
            if not fix:
                yield from (Line((pad, Span(each, Tone.SOFT))) for each in wrap(effect, room))
            elif len(fix) + len(effect) + 2 + _HEALTH_NAME > width:
                yield Line((pad, Span(effect, Tone.SOFT)))
                yield Line((pad, Span(fix, Tone.LIT)))
            else:
                yield Line((pad, Span(f"{fix}  ", Tone.LIT), Span(effect, Tone.SOFT)))


def _faults(faults: Sequence[str]) -> Iterator[Line]:
    if faults:
        yield BLANK
    for fault in faults:
        yield Line((Span("✗ ", Tone.BAD), Span(clean(fault), Tone.BAD)))


def fact(label: str, *spans: Span) -> Line:
    return Line((cell(label, _LABEL, Tone.FAINT), *spans))


def _head(*columns: tuple[str, int]) -> Line:
    """Title and width of each; a negative width stands for its right edge."""
    return Line(tuple(cell(title, abs(width), Tone.FAINT, end=width < 0) for title, width in columns))


def _middle(text: str, width: int) -> str:
    """Cut in the middle: both ends of a file's name tell it from others."""
    if len(text) <= width:
        return text
    half = max((width - 1) // 2, 1)
    return cut(text, half) + text[-(width - half) :] if width > 8 else cut(text, width)
