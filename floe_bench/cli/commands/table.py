"""One table or view: what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from floe_bench.cli.anatomy_noun import ANATOMY, METADATA_FILE
from floe_bench.cli.lookup import at_option, complete_name, snapshot_at
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import age, clock, count, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.cli.view_report import VIEW, show_view
from floe_bench.errors import IsAView, UsageError
from floe_bench.model.anatomy import Anatomy, MetadataFile
from floe_bench.model.table import TableName

_LABEL_CELLS = 12


@click.command(
    "table",
    cls=Verb,
    json_form="one object, or with --metadata-log a list of",
    shapes=[ANATOMY, VIEW, METADATA_FILE],
    examples=[
        ("floe-bench table marts.orders", "see its rows, files, schema, partitioning, refs and properties"),
        ("floe-bench table marts.orders --at 2026-01-31", "see it as it was then"),
        ("floe-bench table marts.orders --metadata-log", "see its metadata files, and since when each"),
        ("floe-bench table marts.latest_orders", "see a view: its query in each dialect, its versions and columns"),
    ],
)
@click.argument("table", shell_complete=complete_name)
@at_option
@click.option(
    "--metadata-log", "log", is_flag=True, help="The metadata files that it still lists instead, with their sizes."
)
@click.pass_obj
def command(session: Session, table: str, at: str | None, log: bool) -> int:
    """Say what TABLE (namespace.name) is made of, as of a snapshot; of a view, what it is.

    Rows are live rows: where there are row-level deletes they are counted by reading. What could not be read is said,
    and the command then exits 1.
    """
    if log and at is not None:
        raise UsageError("the metadata log is that of the table, at no snapshot", remedy="floe-bench table --help")
    TableName.parse(table)
    if log:
        with session.bench() as client:
            files = client.anatomy.metadata_log(table)
        _show_log(session, files)
        return 0
    with session.bench() as client:
        try:
            found = client.anatomy.table(table, snapshot_at(client, table, at))
        except IsAView:
            if at is not None:
                raise
            return show_view(session, client.views.definition(table))
    if session.as_json:
        session.out.json(ANATOMY.of(found))
    else:
        _show(session, found)
    return 1 if found.faults else 0


def _show(session: Session, found: Anatomy) -> None:
    out = session.out
    when = clock(found.committed_at, session.now())
    scope = f"  as of {found.snapshot_id} {when}" if found.snapshot_id else "  never written"
    past = "" if found.current else "  in the past"
    out.line(Cell(found.table, Style.BOLD), Cell(scope, Style.ID), Cell(past, Style.WARN))
    for label, text in _lines(session, found):
        out.line(Cell(f"{label:<{_LABEL_CELLS}}", Style.DIM), text)
    for fault in found.faults:
        out.line(Cell(f"! {fault}", Style.BAD))


def _show_log(session: Session, files: Sequence[MetadataFile]) -> None:
    if session.as_json:
        session.out.json([METADATA_FILE.of(each) for each in files])
        return
    session.out.table(
        (Column("since"), Column("size", right=True), Column("metadata file", elastic=True)),
        [
            (
                clock(each.since, session.now()),
                Cell("gone", Style.WARN) if each.gone else size(each.bytes),
                each.path.rpartition("/")[2] if session.out.for_person else each.path,
            )
            for each in files
        ],
    )
    session.say(f"{plural(len(files), 'metadata file')} listed, the last is the current one")


def _lines(session: Session, found: Anatomy) -> Iterator[tuple[str, str]]:
    totals = found.totals
    yield "rows", count(found.rows) or ("0" if found.snapshot_id is None else "unknown")
    yield "files", f"{plural(totals.data_files, 'data file')}, {size(totals.bytes)}, {_deletes(found)}"
    yield "manifests", count(totals.manifests)
    known = plural(found.schemas, "schema")
    yield "columns", f"{len(found.schema.columns)}, schema {found.schema.schema_id}; {known} in all"
    yield "partitions", ", ".join(found.spec.fields) or "none"
    for spec in found.specs:
        if not spec.current:
            yield "", f"before: {', '.join(spec.fields) or 'none'}  (spec {spec.spec_id})"
    yield "sorted by", ", ".join(found.sort_order.fields) or "nothing"
    for order in found.sort_orders:
        if not order.current:
            yield "", f"before: {', '.join(order.fields) or 'nothing'}  (sort order {order.spec_id})"
    oldest = f", the oldest {age(found.oldest_at, session.now())} old" if found.oldest_at else ""
    yield "snapshots", f"{found.snapshots:,}{oldest}"
    short = session.out.ids([ref.snapshot_id for ref in found.refs])
    yield "refs", ", ".join(f"{ref.name} → {short(ref.snapshot_id)}" for ref in found.refs) or "none"
    yield "format", f"Iceberg v{found.format_version}, {found.table_uuid}"
    yield "location", found.location
    yield "metadata", f"{plural(found.metadata_files, 'file')}, the current one {found.metadata_location}"
    for number, (key, value) in enumerate(sorted(found.properties.items())):
        yield "" if number else "properties", f"{key} = {value}"


def _deletes(found: Anatomy) -> str:
    totals = found.totals
    if not totals.delete_files:
        return "no row-level deletes"
    told = [f"{totals.deleted_records:,} positions"] if totals.deleted_records else []
    told += [f"{totals.equality_deletes:,} equality rows"] if totals.equality_deletes else []
    return f"{plural(totals.delete_files, 'delete file')} ({', '.join(told)}), {size(totals.delete_bytes)}"
