"""The catalog's tables and views."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import lake_at_option
from floe_bench.cli.noun import TABLE
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import age, count, size
from floe_bench.cli.verb import Verb
from floe_bench.model.table import Table, TableName
from floe_bench.model.view import LakeView

_COLUMNS = (
    Column("table", elastic=True),
    Column("kind"),
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
        ("floe-bench tables", "see every table of the catalog with rows, files and bytes, and every view"),
        ("floe-bench tables --at 2026-01-31", "see them as they were; those that had nothing are left out"),
        ("floe-bench tables --json | jq 'map(.bytes) | add'", "add up what is stored"),
    ],
)
@lake_at_option
@click.pass_obj
def command(session: Session, at: str | None) -> int:
    """List the catalog's tables, with live rows, and its views; as of the past, tables that had a snapshot then.

    Nothing says which views there were in the past.
    """
    with session.bench() as client:
        tables = client.tables() if at is None else client.past.tables(at)
        views = client.views.all() if at is None else ()
    if session.as_json:
        found = [*(TABLE.of(table) for table in tables), *map(_view, views)]
        session.out.json(sorted(found, key=lambda each: TableName.parse(str(each["table"]))) if views else found)
    elif tables or views:
        _show(session, tables, views)
    elif at is not None:
        session.out.line(f"no table had a snapshot at {at}")
    else:
        session.out.line("the catalog has no tables yet; make them: floe-bench run")
    return 0


def _view(view: LakeView) -> dict[str, object]:
    return dict.fromkeys(TABLE.names) | {"table": view.view, "kind": "view", "namespace": view.namespace}


def _show(session: Session, tables: tuple[Table, ...], views: tuple[LakeView, ...]) -> None:
    """Which kind each is, is said where there are both."""
    snapshot_id = session.out.ids([table.snapshot_id for table in tables])
    rows: dict[str, tuple[Cell | str, ...]] = {
        table.table: (
            table.table,
            Cell("table" if views else "", Style.DIM),
            count(table.rows),
            count(table.files),
            size(table.bytes),
            Cell(age(table.updated_at, session.now()) or "never", Style.DIM),
            Cell(snapshot_id(table.snapshot_id), Style.ID),
        )
        for table in tables
    }
    rows |= {view.view: (view.view, "view", *[""] * 5) for view in views}
    session.out.table(_COLUMNS, [rows[name] for name in (sorted(rows, key=TableName.parse) if views else rows)])
