"""A table's columns, changed."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.reshape_noun import SCHEMA_PLAN
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.reshape import ColumnChange, SchemaPlan
from floe_bench.model.table import Column as TableColumn
from floe_bench.model.table import TableName

_WITH_TEXT = {"add": "NAME:TYPE[:DOC]", "rename": "NAME=NEW", "widen": "NAME:TYPE", "doc": "NAME=TEXT"}


@click.command(
    "alter",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[SCHEMA_PLAN],
    examples=[
        ("floe-bench alter raw.orders --add note:string --widen amount:long", "a new column, and a wider one"),
        ("floe-bench alter raw.orders --rename note=remark --dry-run", "see what a rename would mean"),
        ("floe-bench alter raw.orders --schema 0", "go back to the columns of schema 0"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--add", multiple=True, metavar=_WITH_TEXT["add"], help="A new column, empty in every row there is.")
@click.option("--rename", multiple=True, metavar=_WITH_TEXT["rename"], help="Another name; the same column.")
@click.option("--widen", multiple=True, metavar=_WITH_TEXT["widen"], help="int to long, float to double, more digits.")
@click.option("--doc", multiple=True, metavar=_WITH_TEXT["doc"], help="What it means.")
@click.option("--optional", multiple=True, metavar="NAME", help="It may be null. The other way is not safe.")
@click.option("--drop", multiple=True, metavar="NAME", help="Leave it out; older snapshots still have it.")
@click.option("--schema", "schema_id", type=int, metavar="ID", help="Make an earlier schema the current one again.")
@change_options
@click.pass_obj
def command(
    session: Session,
    table: str,
    add: tuple[str, ...],
    rename: tuple[str, ...],
    widen: tuple[str, ...],
    doc: tuple[str, ...],
    optional: tuple[str, ...],
    drop: tuple[str, ...],
    schema_id: int | None,
    dry_run: bool,
    yes: bool,
) -> int:
    """Change the columns of TABLE (namespace.name), all in one commit; no row is touched. Options may be given again.

    What old files or other writers could not live with is refused: a narrower type, a required column, dropping what
    the table is partitioned or sorted by.
    """
    TableName.parse(table)
    changes = (
        *(_added(each) for each in add),
        *(ColumnChange("rename", *_pair(each, "=", "rename")) for each in rename),
        *(ColumnChange("widen", *_pair(each, ":", "widen")) for each in widen),
        *(ColumnChange("doc", *_pair(each, "=", "doc")) for each in doc),
        *(ColumnChange("optional", each) for each in optional),
        *(ColumnChange("drop", each) for each in drop),
    )
    with session.bench() as client:
        plan = client.reshaping.plan_schema(table, changes, schema_id)
        return carry_out(
            session,
            plan,
            client.reshaping.change_schema,
            shapes=(SCHEMA_PLAN, SCHEMA_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: session.out.line(f"done; back again: floe-bench alter {table} --schema {done.from_id}"),
            question="" if plan.idle else f"Change the columns of {table}?",
            dry_run=dry_run,
            yes=yes,
        )


def _pair(typed: str, mark: str, option: str) -> tuple[str, str]:
    name, found, text = typed.partition(mark)
    if not found or not name or (not text and option != "doc"):
        raise UsageError(f"'{typed}' is not {_WITH_TEXT[option]}", remedy="floe-bench alter --help")
    return name, text


def _added(typed: str) -> ColumnChange:
    name, rest = _pair(typed, ":", "add")
    kind, _, doc = rest.partition(":")
    return ColumnChange("add", name, kind, doc)


def _show(session: Session, plan: SchemaPlan) -> None:
    before, after = ({each.field_id: each for each in columns} for columns in (plan.before, plan.after))
    session.out.table(
        (Column("before", elastic=True), Column(" "), Column("after", elastic=True)),
        [
            (_told(before.get(each)), Cell("→" if before.get(each) != after.get(each) else " ", Style.DIM), now)
            for each in {**before, **after}
            for now in [_told(after.get(each))]
        ],
    )
    for note in plan.notes:
        warn(session, note)


def _told(column: TableColumn | None) -> Cell:
    if column is None:
        return Cell("–", Style.DIM)
    required = " required" if column.required else ""
    doc = f"  {column.doc}" if column.doc else ""
    return Cell(f"{column.name} {column.type}{required}{doc}")
