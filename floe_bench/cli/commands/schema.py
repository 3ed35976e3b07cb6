"""Columns of a table or a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.anatomy_noun import SCHEMA
from floe_bench.cli.lookup import at_option, complete_name, snapshot_at
from floe_bench.cli.noun import SCHEMA_CHANGE
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import clock, plural
from floe_bench.cli.verb import Verb
from floe_bench.errors import IsAView, NoSuchSnapshot, TableError, UsageError
from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import SchemaChange, schema_change
from floe_bench.model.table import Column as TableColumn
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_COLUMNS = (
    Column("id", right=True),
    Column("column", elastic=True),
    Column("type", elastic=True),
    Column("null"),
    Column("doc", elastic=True),
)


@click.command(
    "schema",
    cls=Verb,
    json_form="one object, a list of, or with --diff one object",
    shapes=[SCHEMA, SCHEMA_CHANGE],
    examples=[
        ("floe-bench schema marts.orders --at 8841", "see the columns of an older snapshot"),
        ("floe-bench schema marts.orders --history", "see every schema, and since when"),
        ("floe-bench schema marts.orders --diff 0 3", "see what changed between two schema ids"),
    ],
)
@click.argument("table", shell_complete=complete_name)
@at_option
@click.option("--history", is_flag=True, help="Every schema that the table still knows, oldest first.")
@click.option("--diff", "between", nargs=2, type=int, metavar="A B", help="What schema id B has that A had not.")
@click.pass_obj
def command(session: Session, table: str, at: str | None, history: bool, between: tuple[int, int] | None) -> int:
    """Show the columns of TABLE (namespace.name), with Iceberg's ids: a column keeps its id over renames.

    A view has columns, too, and none of the past.
    """
    if sum((at is not None, history, between is not None)) > 1:
        raise UsageError("--at, --history and --diff exclude each other", remedy="floe-bench schema --help")
    TableName.parse(table)
    with session.bench() as client:
        versions = _versions(client, table, at, every=history or between is not None)
    if between:
        _show_change(session, _changed(versions, between, table))
    elif session.as_json:
        found = [SCHEMA.of(version) for version in versions]
        session.out.json(found if history else found[0])
    else:
        for version in versions:
            _show(session, version)
    return 0


def _versions(client: BenchClient, table: str, at: str | None, *, every: bool) -> tuple[SchemaVersion, ...]:
    try:
        if every:
            return client.anatomy.schemas(table)
        return (client.anatomy.table(table, snapshot_at(client, table, at)).schema,)
    except IsAView:
        if at is not None:
            raise
        found = client.views.definition(table)
        if not every and found.schema is None:
            raise TableError(f"view {table}: {found.faults[0]}", remedy=to_type("table", table)) from None
        return found.schemas if every or found.schema is None else (found.schema,)


def _changed(versions: tuple[SchemaVersion, ...], between: tuple[int, int], table: str) -> SchemaChange:
    known = {version.schema_id: version.columns for version in versions}
    for wanted in between:
        if wanted not in known:
            listed = ", ".join(map(str, known))
            raise NoSuchSnapshot(
                f"{table} has no schema {wanted}; it has {listed}", remedy=to_type("schema", table, "--history")
            )
    return schema_change(known[between[0]], known[between[1]])


def _show(session: Session, version: SchemaVersion) -> None:
    since = f" since {clock(version.since, session.now())}" if version.since else ", never written with"
    state = ", current" if version.current else ""
    session.out.line(Cell(f"schema {version.schema_id}", Style.BOLD), Cell(f"{since}{state}", Style.DIM))
    session.out.table(_COLUMNS, [_row(column) for column in version.columns])


def _show_change(session: Session, change: SchemaChange) -> None:
    out = session.out
    if session.as_json:
        out.json(SCHEMA_CHANGE.of(change))
        return
    out.line(
        f"{plural(len(change.added), 'column')} added, {len(change.removed)} removed, {len(change.changed)} changed,"
        f" {len(change.moved)} moved"
    )
    rows = [(Cell("+", Style.GOOD), *_row(column)) for column in change.added]
    rows += [(Cell("−", Style.BAD), *_row(column)) for column in change.removed]
    for old, new in change.changed:
        rows.append((Cell("~", Style.WARN), *_pair(old, new)))
    rows += [(Cell("↕", Style.WARN), *_row(column)) for column in change.moved]
    if rows:
        out.table((Column("", kept=True), *_COLUMNS), rows)


def _row(column: TableColumn) -> tuple[Cell, ...]:
    null = Cell("required" if column.required else "", Style.WARN)
    return (
        Cell(str(column.field_id), Style.DIM),
        Cell(column.name),
        Cell(column.type),
        null,
        Cell(column.doc, Style.DIM),
    )


def _pair(old: TableColumn, new: TableColumn) -> tuple[Cell, ...]:
    """Change is drawn as change."""
    return tuple(
        now if before.text == now.text else Cell(f"{before.text or 'none'} → {now.text or 'none'}", Style.WARN)
        for before, now in zip(_row(old), _row(new), strict=True)
    )
