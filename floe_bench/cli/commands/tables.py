"""The catalog's tables."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import lake_at_option
from floe_bench.cli.noun import TABLE
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import age, count, size
from floe_bench.cli.verb import Verb
from floe_bench.model.table import Table

_COLUMNS = (
    Column("table", elastic=True),
    Column("rows", right=True),
    Column("files", right=True),
    Column("bytes", right=True),
    Column("age", right=True),
    Column("snapshot"),
)


@click.command(
    "tables",
    cls=Verb,
    json_form="a list of",
    shapes=[TABLE],
    examples=[
        ("floe-bench tables", "see every table of the catalog with rows, files and bytes"),
        ("floe-bench tables --at 2026-01-31", "see them as they were; those that had nothing are left out"),
        ("floe-bench tables --json | jq 'map(.bytes) | add'", "add up what is stored"),
    ],
)
@lake_at_option
@click.pass_obj
def command(session: Session, at: str | None) -> int:
    """List the catalog's tables, with live rows; as of the past, those that had a snapshot then."""
    with session.bench() as client:
        tables = client.tables() if at is None else client.past.tables(at)
    if session.as_json:
        session.out.json([TABLE.of(table) for table in tables])
    elif tables:
        _show(session, tables)
    elif at is not None:
        session.out.line(f"no table had a snapshot at {at}")
    else:
        session.out.line("the catalog has no tables yet; make them: floe-bench run")
    return 0


def _show(session: Session, tables: tuple[Table, ...]) -> None:
    snapshot_id = session.out.ids([table.snapshot_id for table in tables])
    session.out.table(
        _COLUMNS,
        [
            (
                table.table,
                count(table.rows),
                count(table.files),
                size(table.bytes),
                Cell(age(table.updated_at, session.now()) or "never", Style.DIM),
                Cell(snapshot_id(table.snapshot_id), Style.ID),
            )
            for table in tables
        ],
    )
