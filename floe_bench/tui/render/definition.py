"""A view of the catalog as lines: what it is, one tab each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from floe_bench.model.view import NO_DIALECT, LakeView, ViewDefinition, ViewVersion
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.code import code_lines
from floe_bench.tui.render.table import fact
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean

_VERSION, _SINCE = 9, 18


def view_line(view: LakeView, namespace: str) -> Line:
    """In the tree, among tables."""
    name = clean(view.view.removeprefix(f"{namespace}."))
    return Line((Span(f"{glyph.VIEW} ", Tone.RUN), Span(name)), (Span(" view ", Tone.SOFT),))


def no_timeline() -> tuple[Line, ...]:
    return (Line((Span("a view has no snapshots: what it shows is worked out when it is read", Tone.SOFT),)),)


def definition_lines(found: ViewDefinition, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    at, schema = found.version, found.schema
    yield fact("view", Span("a query under a name", bold=True), Span("  it holds no rows", Tone.FAINT))
    yield from fault_lines(found)
    if at is not None:
        others = f"  and {clean(', '.join(at.untold))}, which is not shown" if at.untold else ""
        yield fact("sql for", Span(_dialects(at) or "none that can be told", Tone.LIT), Span(others, Tone.WARN))
        where = ".".join(filter(None, (at.default_catalog, at.default_namespace)))
        yield fact("names in", Span(clean(where) or "no namespace"), Span("  where none is written", Tone.FAINT))
    if schema is not None:
        schemas = f"schema {schema.schema_id}, {unit.plural(len(found.schemas), 'schema')} in all"
        yield fact("columns", Span(unit.count(len(schema.columns))), Span(f"  {schemas}", Tone.SOFT))
    since = f"  the current one since {unit.clock(at.since, now, zone)}" if at and at.since else ""
    yield fact("versions", Span(unit.count(len(found.versions))), Span(since, Tone.SOFT))
    if at is not None:
        yield fact("written by", Span(clean(at.written_by) or "its summary does not say", Tone.SOFT))
    yield fact("format", Span(f"Iceberg view v{found.format_version}"), Span(f"  {clean(found.view_uuid)}", Tone.FAINT))
    yield fact("location", Span(clean(found.location) or "its metadata does not say", Tone.SOFT))


def fault_lines(found: ViewDefinition) -> Iterator[Line]:
    for fault in found.faults:
        yield Line((Span("✗ ", Tone.BAD), Span(clean(fault), Tone.BAD)))


def wording_lines(found: ViewDefinition, width: int) -> Iterator[Line]:
    """Of now, one dialect below the other."""
    wordings, untold = (found.version.wordings, found.version.untold) if found.version else ((), ())
    yield from fault_lines(found)
    if found.version and not wordings and not untold:
        yield Line((Span("no SQL is kept with this version", Tone.SOFT),))
    for number, wording in enumerate(wordings):
        if number:
            yield BLANK
        yield Line((Span(clean(wording.dialect) or NO_DIALECT, Tone.LIT, bold=True),))
        yield from code_lines(wording.sql, "sql", width)
    for kind in untold:
        if wordings:
            yield BLANK
        yield Line((Span(clean(kind), Tone.LIT, bold=True), Span("  is no SQL, and is not shown", Tone.WARN)))


def _dialects(version: ViewVersion) -> str:
    return clean(", ".join(each.dialect or NO_DIALECT for each in version.wordings))


def version_lines(found: ViewDefinition, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    """Newest first."""
    for version in reversed(found.versions):
        mark, tone = (glyph.CURRENT, Tone.LIT) if version.current else (glyph.OLDER, Tone.TEXT)
        yield Line(
            (
                Span(f"{mark} ", tone),
                cell(str(version.version_id), _VERSION, Tone.ID),
                cell(unit.clock(version.since, now, zone) if version.since else "no time", _SINCE, Tone.SOFT),
                Span("no schema  " if version.schema_id is None else f"schema {version.schema_id}  "),
                Span(_dialects(version), Tone.LIT),
                Span(f"  {clean(version.written_by)}", Tone.FAINT),
            )
        )
