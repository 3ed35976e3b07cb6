"""A table's files."""

from __future__ import annotations

import click

from floe_bench.cli.anatomy_noun import FILES
from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import count, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.anatomy import Content, FilePage, LakeFile
from floe_bench.model.table import TableName


@click.command(
    "files",
    cls=Verb,
    json_form="one object",
    shapes=[FILES],
    examples=[
        ("floe-bench files marts.orders", "see its data files and files of deletes"),
        ("floe-bench files marts.orders --partitions", "see how its rows spread over partitions"),
        ("floe-bench files marts.orders --bounds --at main", "see the least and greatest value per column and file"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@at_option
@click.option("--manifests", "view", flag_value="manifests", help="The manifest files instead.")
@click.option("--partitions", "view", flag_value="partitions", help="The partitions instead, the largest first.")
@click.option("--bounds", "view", flag_value="bounds", help="Nulls and bounds of each column in each file.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Files to pass over.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Files at most.")
@click.pass_obj
def command(session: Session, table: str, at: str | None, view: str | None, offset: int, limit: int) -> int:
    """Show the files of TABLE (namespace.name), as of a snapshot.

    No data file is opened. What could not be read is said, and the command then exits 1.
    """
    if session.as_json and view:
        raise UsageError("--json has everything already", remedy="floe-bench files --help")
    TableName.parse(table)
    with session.bench() as client:
        page = client.anatomy.files(table, snapshot_at(client, table, at), offset, limit)
    if session.as_json:
        session.out.json(FILES.of(page))
    else:
        _show(session, page, view)
    return 1 if page.faults else 0


def _show(session: Session, page: FilePage, view: str | None) -> None:
    totals, out = page.totals, session.out
    if view == "manifests":
        _manifests(session, page)
    elif view == "partitions":
        _partitions(session, page)
    elif view == "bounds":
        _bounds(session, page)
    else:
        _files(session, page)
    for fault in page.faults:
        out.line(Cell(f"! {fault}", Style.BAD))
    session.say(
        f"{plural(totals.data_files, 'data file')} with {plural(totals.records, 'record')}, {size(totals.bytes)};"
        f" {plural(totals.delete_files, 'delete file')}; {plural(totals.manifests, 'manifest file')}"
    )
    left = totals.data_files + totals.delete_files - page.offset - len(page.files)
    if left > 0 and view in (None, "bounds"):
        session.say(f"{plural(left, 'file')} more: --offset {page.offset + len(page.files)}")


def _files(session: Session, page: FilePage) -> None:
    short = session.out.ids([file.added_by for file in page.files])
    session.out.table(
        (
            Column("file", elastic=True),
            Column("content"),
            Column("partition", elastic=True),
            Column("records", right=True),
            Column("bytes", right=True),
            Column("added by"),
        ),
        [
            (
                _name(session, file),
                Cell(str(file.content), Style.DIM if file.content is Content.DATA else Style.WARN),
                file.partition,
                count(file.records),
                size(file.bytes),
                Cell(short(file.added_by), Style.ID),
            )
            for file in page.files
        ],
    )


def _name(session: Session, file: LakeFile) -> str:
    return file.path.rpartition("/")[2] if session.out.for_person else file.path


def _manifests(session: Session, page: FilePage) -> None:
    short = session.out.ids([each.added_by for each in page.manifests])
    session.out.table(
        (
            Column("manifest file", elastic=True),
            Column("content"),
            Column("files", right=True),
            Column("records", right=True),
            Column("bytes", right=True),
            Column("added by"),
        ),
        [
            (
                each.path.rpartition("/")[2] if session.out.for_person else each.path,
                Cell(each.content, Style.DIM if each.content == "data" else Style.WARN),
                count(each.files),
                count(each.records),
                size(each.bytes),
                Cell(short(each.added_by), Style.ID),
            )
            for each in page.manifests
        ],
    )


def _partitions(session: Session, page: FilePage) -> None:
    session.out.table(
        (
            Column("partition", elastic=True),
            Column("data files", right=True),
            Column("delete files", right=True),
            Column("records", right=True),
            Column("bytes", right=True),
        ),
        [
            (
                Cell(each.partition or "none", Style.PLAIN if each.partition else Style.DIM),
                count(each.data_files),
                count(each.delete_files or None),
                count(each.records),
                size(each.bytes),
            )
            for each in page.partitions
        ],
    )


def _bounds(session: Session, page: FilePage) -> None:
    session.out.table(
        (
            Column("file", elastic=True),
            Column("column", elastic=True),
            Column("nulls", right=True),
            Column("lower", elastic=True),
            Column("upper", elastic=True),
        ),
        [
            (_name(session, file), each.column, count(each.nulls), each.lower or "", each.upper or "")
            for file in page.files
            for each in file.bounds
        ],
    )
