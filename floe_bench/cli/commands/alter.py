"""A table's columns, its partitioning or its sort order, changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.reshape_noun import PARTITION_PLAN, SCHEMA_PLAN, SORT_PLAN
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.alteration import column_change, partition_change, sort_fields
from floe_bench.model.command import to_type
from floe_bench.model.reshape import PartitionChange, PartitionField, PartitionPlan, SchemaPlan, SortPlan
from floe_bench.model.table import Column as TableColumn
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@click.command(
    "alter",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[SCHEMA_PLAN, PARTITION_PLAN, SORT_PLAN],
    examples=[
        ("floe-bench alter raw.orders --add note:string --widen amount:long", "a new column, and a wider one"),
        ("floe-bench alter raw.orders --rename note=remark --dry-run", "see what a rename would mean"),
        ("floe-bench alter raw.orders --schema 0", "go back to the columns of schema 0"),
        ("floe-bench alter raw.orders --partition 'day(ordered_at)'", "lay out by day what is written from now on"),
        ("floe-bench alter raw.orders --sort 'amount desc nulls last, bucket(4, id)'", "have new files sorted"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--add", multiple=True, metavar="NAME:TYPE[:DOC]", help="A new column, empty in every row there is.")
@click.option("--rename", multiple=True, metavar="NAME=NEW", help="Another name; the same column.")
@click.option("--widen", multiple=True, metavar="NAME:TYPE", help="int to long, float to double, more digits.")
@click.option("--doc", multiple=True, metavar="NAME=TEXT", help="What it means.")
@click.option("--optional", multiple=True, metavar="NAME", help="It may be null. The other way is not safe.")
@click.option("--drop", multiple=True, metavar="NAME", help="Leave it out; older snapshots still have it.")
@click.option("--schema", "schema_id", type=int, metavar="ID", help="Make an earlier schema the current one again.")
@click.option(
    "--partition", multiple=True, metavar="[NAME=]FIELD", help="Partition by a column, day(c), bucket(16, c) and so on."
)
@click.option("--unpartition", multiple=True, metavar="FIELD", help="No more by that one.")
@click.option("--rename-partition", multiple=True, metavar="FIELD=NEW", help="Another name for a partition field.")
@click.option("--spec", "spec_id", type=int, metavar="ID", help="Make an earlier partitioning the current one again.")
@click.option(
    "--sort",
    multiple=True,
    metavar="FIELD,…",
    help="Sort by columns or transforms, each [asc|desc] [nulls first|last]; none for no order.",
)
@click.option("--sort-order", "order_id", type=int, metavar="ID", help="Make an earlier sort order the current one.")
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
    partition: tuple[str, ...],
    unpartition: tuple[str, ...],
    rename_partition: tuple[str, ...],
    spec_id: int | None,
    sort: tuple[str, ...],
    order_id: int | None,
    dry_run: bool,
    yes: bool,
) -> int:
    """Change the columns of TABLE (namespace.name), how it is partitioned, or how new files of it are sorted, in one
    commit; no row is touched. Options may be given again.

    What old files or other writers could not live with is refused: a narrower type, a required column, dropping what
    the table is partitioned or sorted by. Files that are there keep the partitioning and the order that they were
    written with.
    """
    TableName.parse(table)
    columns = {"add": add, "rename": rename, "widen": widen, "doc": doc, "optional": optional, "drop": drop}
    changes = tuple(column_change(how, typed) for how, each in columns.items() for typed in each)
    fields = {"unpartition": unpartition, "rename-partition": rename_partition, "partition": partition}
    layout = tuple(partition_change(how, typed) for how, each in fields.items() for typed in each)
    order = tuple(field for typed in sort for field in sort_fields(typed))
    kinds = {
        "columns": bool(changes) or schema_id is not None,
        "partitioning": bool(layout) or spec_id is not None,
        "sort order": bool(sort) or order_id is not None,
    }
    asked = [kind for kind, there in kinds.items() if there]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} are {len(asked)} commits", remedy="a command for each, columns first")
    with session.bench() as client:
        if kinds["partitioning"]:
            return _repartition(session, client, table, layout, spec_id, dry_run=dry_run, yes=yes)
        if kinds["sort order"]:
            return _resort(session, client, table, order, order_id, dry_run=dry_run, yes=yes)
        plan = client.reshaping.plan_schema(table, changes, schema_id)
        return carry_out(
            session,
            plan,
            client.reshaping.change_schema,
            shapes=(SCHEMA_PLAN, SCHEMA_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: session.out.line(
                f"done; back again: {to_type('alter', table, '--schema', done.from_id)}"
            ),
            question="" if plan.idle else f"Change the columns of {table}?",
            dry_run=dry_run,
            yes=yes,
        )


def _repartition(
    session: Session,
    client: BenchClient,
    table: str,
    changes: tuple[PartitionChange, ...],
    spec_id: int | None,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    plan = client.reshaping.plan_partitioning(table, changes, spec_id)
    return carry_out(
        session,
        plan,
        client.reshaping.change_partitioning,
        shapes=(PARTITION_PLAN, PARTITION_PLAN),
        show=lambda found: _show_layout(session, found),
        tell=lambda done: _tell(session, table, "--spec", done.from_id),
        question="" if plan.idle else f"Change the partitioning of {table}?",
        dry_run=dry_run,
        yes=yes,
    )


def _resort(
    session: Session,
    client: BenchClient,
    table: str,
    fields: tuple[str, ...],
    order_id: int | None,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    plan = client.reshaping.plan_sorting(table, fields, order_id)
    return carry_out(
        session,
        plan,
        client.reshaping.change_sorting,
        shapes=(SORT_PLAN, SORT_PLAN),
        show=lambda found: _show_order(session, found),
        tell=lambda done: session.out.line(
            f"done; back again: {to_type('alter', table, '--sort-order', done.from_id)}"
        ),
        question="" if plan.idle else f"Change the sort order of {table}?",
        dry_run=dry_run,
        yes=yes,
    )


def _show(session: Session, plan: SchemaPlan) -> None:
    before, after = ({each.field_id: _told(each) for each in columns} for columns in (plan.before, plan.after))
    _compared(session, before, after, plan.notes)


def _show_layout(session: Session, plan: PartitionPlan) -> None:
    before, after = ({each.field_id: _field(each) for each in fields} for fields in (plan.before, plan.after))
    if not before and not after:
        session.out.line(f"{plan.table} is not partitioned")
    _compared(session, before, after, plan.notes)


def _show_order(session: Session, plan: SortPlan) -> None:
    before, after = (", ".join(fields) or "nothing" for fields in (plan.before, plan.after))
    session.out.line("sorted by ", before, *((Cell(" → ", Style.DIM), after) if before != after else ()))
    for note in plan.notes:
        warn(session, note)


def _compared(session: Session, before: dict[int, str], after: dict[int, str], notes: tuple[str, ...]) -> None:
    nothing = Cell("–", Style.DIM)
    session.out.table(
        (Column("before", elastic=True), Column(" "), Column("after", elastic=True)),
        [
            (
                Cell(before[each]) if each in before else nothing,
                Cell("→" if before.get(each) != after.get(each) else " ", Style.DIM),
                Cell(after[each]) if each in after else nothing,
            )
            for each in {**before, **after}
        ],
    )
    for note in notes:
        warn(session, note)


def _told(column: TableColumn) -> str:
    required = " required" if column.required else ""
    doc = f"  {column.doc}" if column.doc else ""
    return f"{column.name} {column.type}{required}{doc}"


def _field(field: PartitionField) -> str:
    return field.told if field.told == field.name else f"{field.told} as {field.name}"


def _tell(session: Session, table: str, option: str, from_id: int) -> None:
    session.out.line(f"done; back again: {to_type('alter', table, option, from_id)}")
