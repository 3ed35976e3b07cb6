"""What one snapshot appended, or put in the place of whole partitions, on another branch."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.picking_noun import PICK_PLAN, PICKED
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.past import find_snapshot
from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.table import TableName


@click.command(
    "cherry-pick",
    cls=Verb,
    json_form="one object {plan, done} of",
    shapes=[PICK_PLAN, PICKED],
    examples=[
        ("floe-bench cherry-pick marts.orders audit", "add what the newest snapshot of audit appended to main"),
        ("floe-bench cherry-pick marts.orders 8841 --onto audit --dry-run", "see what that would add to audit"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("snapshot")
@click.option("--onto", default="main", show_default=True, metavar="BRANCH", help="Branch that gets it.")
@change_options
@click.pass_obj
def command(session: Session, table: str, snapshot: str, onto: str, dry_run: bool, yes: bool) -> int:
    """Add the rows that SNAPSHOT (id, the start of one, a ref) of TABLE appended to main, or to another branch.

    It is one more snapshot with the same files, also where others write meanwhile. One that replaced whole partitions
    (Iceberg's dynamic overwrite) replaces them there, if nobody touched those since. Refused: a snapshot that the
    branch has already, or one that did anything else, unless the branch is at its parent. A rollback takes it back.
    """
    TableName.parse(table)
    with session.bench() as client:
        wanted = find_snapshot(client.snapshots(table), snapshot, table=table)
        plan = client.picking.plan_pick(table, wanted, onto)
        return carry_out(
            session,
            plan,
            client.picking.pick,
            shapes=(PICK_PLAN, PICKED),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question=f"Add it to {onto} of {table}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: PickPlan) -> None:
    short = session.out.ids([plan.before, plan.snapshot_id])
    staged = f", staged as {plan.wap_id}" if plan.wap_id else ""
    session.out.line(
        Cell(f"{plan.onto} of {plan.table}  ", Style.BOLD),
        Cell(short(plan.before) or "nothing", Style.ID),
        Cell(" + ", Style.DIM),
        Cell(short(plan.snapshot_id), Style.ID),
        f"  {plan.operation} of {plural(plan.rows, 'row')} in {plural(plan.files, 'file')}",
        f" ({size(plan.bytes)}){staged}",
    )
    if plan.replaced_files:
        rows, files = plural(plan.replaced_rows, "row"), plural(plan.replaced_files, "file")
        session.out.line(Cell(f"in the place of {rows} in {files}, which nobody touched since", Style.DIM))
    if plan.forward:
        session.out.line(Cell(f"{plan.onto} is at its parent: it becomes the head itself", Style.DIM))
    for note in plan.notes:
        warn(session, note)


def _tell(session: Session, done: Picked) -> None:
    short = session.out.ids([done.from_snapshot, done.to_snapshot])
    instead = f" in the place of {done.replaced_rows:,}" if done.replaced_rows else " more"
    session.out.line(
        f"{done.onto} has {plural(done.rows, 'row')}{instead}, snapshot ", Cell(short(done.to_snapshot), Style.ID)
    )
    if done.from_snapshot is not None:
        session.say(f"take it back: {_back(done)}")


def _back(done: Picked) -> str:
    if done.onto == "main":
        return to_type("rollback", done.table, "--to", done.from_snapshot)
    return to_type("branch", done.table, done.onto, "--at", done.from_snapshot)
