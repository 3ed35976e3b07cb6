"""What a table's columns hold."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.noun import each
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import count, plural
from floe_bench.cli.verb import Verb
from floe_bench.model.profile import ColumnProfile, Profile
from floe_bench.model.table import TableName

TOP_VALUE = Shape("top", Field("value", "as text"), Field("rows", "rows that have it"))
COLUMN_PROFILE = Shape(
    "column",
    Field("column", "name"),
    Field("type", "Iceberg type"),
    Field("nulls", "rows without a value"),
    Field("distinct", "different values; null for nested types"),
    Field("exact", "distinct was counted; else it is about right"),
    Field("lower", "least value as text; null without one"),
    Field("upper", "greatest value as text; null without one"),
    Field("bins", "rows in stretches of equal width from lower to upper", lambda column: list(column.bins)),
    Field("top", "list of {value, rows}: the most frequent", each("top", TOP_VALUE)),
)
PROFILE = Shape(
    "profile",
    Field("table", "full name, as namespace.name"),
    Field("snapshot_id", "snapshot it is of; null when never written"),
    Field("rows", "live rows"),
    Field("columns", "list of columns", each("columns", COLUMN_PROFILE)),
)
_BARS = "▁▂▃▄▅▆▇█"
_TOP_SHOWN = 3


@click.command(
    "profile",
    cls=Verb,
    json_form="one object",
    shapes=[PROFILE, COLUMN_PROFILE],
    examples=[
        ("floe-bench profile marts.orders", "see nulls, distinct values, bounds and shape of each column"),
        ("floe-bench profile marts.orders --at 8841 --column amount", "see one column as it was"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@at_option
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Only this column; may be given again.")
@click.pass_obj
def command(session: Session, table: str, at: str | None, columns: tuple[str, ...]) -> int:
    """Say what the columns of TABLE (namespace.name) hold, at any snapshot. Reads every row."""
    TableName.parse(table)
    with session.bench() as client:
        found = client.profile.table(table, snapshot_at(client, table, at), columns)
    if session.as_json:
        session.out.json(PROFILE.of(found))
    else:
        _show(session, found)
    return 0


def _show(session: Session, found: Profile) -> None:
    session.out.table(
        (
            Column("column", elastic=True),
            Column("type", elastic=True),
            Column("null", right=True),
            Column("distinct", right=True),
            Column("least", elastic=True),
            Column("greatest", elastic=True),
            Column("shape", elastic=True),
        ),
        [_row(session, column, found.rows) for column in found.columns],
    )
    session.say(f"{plural(found.rows, 'row')} of snapshot {found.snapshot_id or 'none'} in {found.duration_s:.2f} s")


def _row(session: Session, column: ColumnProfile, rows: int) -> tuple[Cell | str, ...]:
    share = f"{column.nulls / rows:.0%}" if rows else ""
    about = "" if column.exact else "about "
    return (
        column.column,
        Cell(column.type, Style.ID),
        Cell(share, Style.WARN if column.nulls else Style.DIM),
        "" if column.distinct is None else f"{about}{count(column.distinct)}",
        column.lower or "",
        column.upper or "",
        _shape(session, column, rows),
    )


def _shape(session: Session, column: ColumnProfile, rows: int) -> str:
    if column.bins and session.terminal.unicode:
        most = max(column.bins)
        return "".join(_BARS[min(7, number * 8 // (most + 1))] if number else " " for number in column.bins)
    if column.bins:
        return " ".join(map(str, column.bins))
    if column.unique:
        return "all different"
    return ", ".join(f"{top.value} {top.rows / (rows or 1):.0%}" for top in column.top[:_TOP_SHOWN])
