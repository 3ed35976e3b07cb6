"""Snapshots that go."""

from __future__ import annotations

import click

from floe_bench.cli.changing import before, carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.maintenance_noun import EXPIRE_PLAN, EXPIRED
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import clock, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import Expired, ExpirePlan
from floe_bench.model.table import TableName

_HELD_SHOWN = 8


@click.command(
    "expire",
    cls=Verb,
    json_form="one object {plan, done} of",
    shapes=[EXPIRE_PLAN, EXPIRED],
    examples=[
        ("floe-bench expire marts.orders --dry-run", "see what would go, what stays, and what holds it"),
        ("floe-bench expire marts.orders --older-than 1d --keep 5 --yes", "keep one day and at least five snapshots"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--older-than", metavar="AGE", help="12h, 5d or a time. Default: the table's properties, else 5d.")
@click.option("--keep", type=click.IntRange(min=1), help="So many of each branch stay. Default: properties, else 1.")
@change_options
@click.pass_obj
def command(session: Session, table: str, older_than: str | None, keep: int | None, dry_run: bool, yes: bool) -> int:
    """Take old snapshots out of TABLE (namespace.name), and delete the files that only they need.

    Never what a branch or tag points to, a run that goes on may read, or a redo would bring back. It cannot be undone.
    """
    TableName.parse(table)
    moment = before(older_than, session.now())
    with session.bench() as client:
        plan = client.maintenance.plan_expire(table, moment, keep)
        return carry_out(
            session,
            plan,
            client.maintenance.expire,
            shapes=(EXPIRE_PLAN, EXPIRED),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question=f"Expire {plural(len(plan.going), 'snapshot')} for good?" if plan.going else "",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: ExpirePlan) -> None:
    out = session.out
    out.line(
        Cell(f"{plan.table}: {plural(len(plan.going), 'snapshot')} older than ", Style.BOLD),
        Cell(clock(plan.older_than, session.now()), Style.BOLD),
        f" would go, {plan.staying} stay; {_files(plan.files, plan.bytes)} would be deleted",
    )
    short = out.ids([*plan.going, *plan.held])
    if plan.going:
        out.line(Cell("go    ", Style.DIM), Cell(", ".join(short(each) for each in plan.going), Style.ID))
    for number, (snapshot_id, why) in enumerate(plan.held.items()):
        if number == _HELD_SHOWN:
            out.line(Cell(f"      and {len(plan.held) - number} more", Style.DIM))
            break
        out.line(Cell("stay  ", Style.DIM), Cell(short(snapshot_id), Style.ID), Cell(f"  {why}", Style.DIM))


def _tell(session: Session, done: Expired) -> None:
    session.out.line(f"{plural(done.snapshots, 'snapshot')} expired, {_files(done.files, done.bytes)} deleted")
    if done.left:
        warn(session, f"{plural(done.left, 'file')} could not be deleted: {to_type('orphans', done.table)}")


def _files(files: int, known: int) -> str:
    """Nothing says how long lists of manifest files are."""
    return plural(files, "file") + (f" with {size(known)}" if known else " of metadata" if files else "")
