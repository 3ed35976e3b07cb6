"""A view of the catalog, as it is told."""

from __future__ import annotations

from collections.abc import Iterator

from floe_bench.cli.anatomy_noun import SCHEMA
from floe_bench.cli.noun import each, time
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import clock, plural
from floe_bench.model.view import NO_DIALECT, ViewDefinition, ViewVersion

_LABEL_CELLS = 12

WORDING = Shape(
    "wording", Field("dialect", "whose SQL it is; empty if none is named"), Field("sql", "the query, as it was stored")
)
VERSION = Shape(
    "version of a view",
    Field("version_id", "Iceberg's id"),
    Field("since", "when it was made; null where its metadata does not say", time("since")),
    Field("current", "it is what the view is now"),
    Field("schema_id", "schema of its rows; null where its metadata does not say"),
    Field("wordings", "list of {dialect, sql}", each("wordings", WORDING)),
    Field("untold", "types of its representations that are no SQL", lambda version: list(version.untold)),
    Field("default_namespace", "where names without a namespace are looked for"),
    Field("default_catalog", "in which catalog; empty for the view's own"),
    Field("summary", "what its writer said of itself", lambda version: dict(version.summary)),
)
VIEW = Shape(
    "view",
    Field("table", "full name, as namespace.name", lambda found: found.view),
    Field("kind", "view", lambda found: "view"),
    Field("view_uuid", "Iceberg's id of the view"),
    Field("format_version", "1"),
    Field("location", "where its metadata is"),
    Field(
        "schema",
        "schema of now; null where its metadata lacks it",
        lambda found: SCHEMA.of(found.schema) if found.schema else None,
    ),
    Field("schemas", "schemas that the view knows", lambda found: len(found.schemas)),
    Field("versions", "list of versions, oldest first", each("versions", VERSION)),
    Field("properties", "properties of the view", lambda found: dict(found.properties)),
    Field("faults", "what of it cannot be told", lambda found: list(found.faults)),
)


def show_view(session: Session, found: ViewDefinition) -> int:
    if session.as_json:
        session.out.json(VIEW.of(found))
        return 1 if found.faults else 0
    out, now = session.out, found.version
    said = f"  version {now.version_id}{_when(now, session, pad=1)}" if now else ""
    out.line(Cell(found.view, Style.BOLD), "  view", Cell(said, Style.ID))
    for label, text in _facts(session, found):
        out.line(Cell(f"{label:<{_LABEL_CELLS}}", Style.DIM), text)
    for fault in found.faults:
        out.line(Cell(f"! {fault}", Style.BAD))
    for wording in now.wordings if now else ():
        out.line()
        out.line(Cell(f"sql for {wording.dialect or NO_DIALECT}", Style.DIM))
        for line in wording.sql.split("\n"):
            out.line(line.expandtabs(4))
    return 1 if found.faults else 0


def _when(version: ViewVersion, session: Session, *, pad: int = 2) -> str:
    return " " * pad + clock(version.since, session.now()) if version.since else ""


def _facts(session: Session, found: ViewDefinition) -> Iterator[tuple[str, str]]:
    now, schema = found.version, found.schema
    if now and now.untold:
        yield "not shown", f"{', '.join(now.untold)}: only SQL is"
    if schema:
        known = plural(len(found.schemas), "schema")
        yield "columns", f"{len(schema.columns)}, schema {schema.schema_id}; {known} in all"
    if now:
        yield "names in", ".".join(filter(None, (now.default_catalog, now.default_namespace))) or "no namespace"
    yield "versions", f"{len(found.versions):,}"
    for version in reversed(found.versions):
        if not version.current:
            yield "", f"{version.version_id}{_when(version, session)}{_told(version)}"
    if now:
        yield "written by", now.written_by or "its summary does not say"
    yield "format", f"Iceberg view v{found.format_version}, {found.view_uuid}"
    yield "location", found.location
    for number, (key, value) in enumerate(sorted(found.properties.items())):
        yield "" if number else "properties", f"{key} = {value}"


def _told(version: ViewVersion) -> str:
    dialects = ", ".join(each.dialect or NO_DIALECT for each in version.wordings)
    return f"  for {dialects}" if dialects else ""
