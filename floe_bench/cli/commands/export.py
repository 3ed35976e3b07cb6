"""Rows, in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.export import FileFormat
from floe_bench.model.table import TableName

EXPORTED = Shape(
    "export",
    Field("path", "the file"),
    Field("format", "csv, parquet, json, jsonl or md", lambda done: str(done.format)),
    Field("rows", "rows in it"),
    Field("bytes", "its size"),
)


@click.command(
    "export",
    cls=Verb,
    json_form="one object",
    shapes=[EXPORTED],
    examples=[
        ("floe-bench export marts.orders --to orders.parquet", "write a table to a file"),
        ("floe-bench export marts.orders --at 8841 --to before.csv", "write it as it was"),
        ("floe-bench export 'select * from marts.orders limit 20' --to orders.md", "write what a query finds"),
    ],
)
@click.argument("what", metavar="TABLE|SQL", shell_complete=complete_table)
@click.option("--to", "path", required=True, metavar="FILE", help="Ends in .csv, .parquet, .json, .jsonl or .md.")
@at_option
@click.option("--force", is_flag=True, help="Also over a file that is there.")
@click.pass_obj
def command(session: Session, what: str, path: str, at: str | None, force: bool) -> int:
    """Write a table (namespace.name), or what a read-only query finds, to FILE. SQL may be - for standard input.

    The file is there whole, or not at all.
    """
    FileFormat.of(path)
    target, is_table = str(Path(path).expanduser().absolute()), _is_table(what)
    with session.bench() as client:
        if is_table:
            done = client.export.table(what, target, snapshot_at(client, what, at), overwrite=force)
        else:
            sql = sys.stdin.read() if what == "-" else what
            done = client.export.query(sql, target, overwrite=force, at=at or "")
    if session.as_json:
        session.out.json(EXPORTED.of(done))
    else:
        session.out.line(f"{plural(done.rows, 'row')}, {size(done.bytes)}: {done.path}")
    return 0


def _is_table(what: str) -> bool:
    """A query has more than one word."""
    if what == "-" or len(what.split()) > 1:
        return False
    TableName.parse(what)
    return True
