"""Files that nothing needs."""

from __future__ import annotations

import click

from floe_bench.cli.changing import before, carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.maintenance_noun import DELETED, ORPHAN_PLAN
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import age, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.maintenance import Deleted, OrphanPlan
from floe_bench.model.table import TableName

_SHOWN = 20


@click.command(
    "orphans",
    cls=Verb,
    json_form="one object {plan, done} of",
    shapes=[ORPHAN_PLAN, DELETED],
    examples=[
        ("floe-bench orphans marts.orders --dry-run", "see which files under its location nothing reaches"),
        ("floe-bench orphans marts.orders --older-than 7d --yes", "delete those older than a week"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--older-than", metavar="AGE", help="12h, 5d or a time. Default: 3d; younger ones may be wanted.")
@change_options
@click.pass_obj
def command(session: Session, table: str, older_than: str | None, dry_run: bool, yes: bool) -> int:
    """Delete the files under the location of TABLE (namespace.name) that no snapshot and no metadata file reaches.

    Each is looked at again before it is deleted. It cannot be undone.
    """
    TableName.parse(table)
    moment = before(older_than, session.now())
    with session.bench() as client:
        plan = client.maintenance.plan_orphans(table, moment)
        return carry_out(
            session,
            plan,
            client.maintenance.delete_orphans,
            shapes=(ORPHAN_PLAN, DELETED),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question=f"Delete {plural(len(plan.orphans), 'file')} for good?" if plan.orphans else "",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: OrphanPlan) -> None:
    out = session.out
    count, now = len(plan.orphans), session.now()
    out.line(Cell(f"{plan.table}: {plural(count, 'orphan')}", Style.BOLD), f" with {size(plan.bytes)}" if count else "")
    if count:
        out.table(
            (Column("file", elastic=True), Column("bytes", right=True), Column("age", right=True)),
            [(each.path, size(each.bytes), age(each.modified_at, now)) for each in plan.orphans[:_SHOWN]],
        )
    if count > _SHOWN:
        out.line(Cell(f"and {count - _SHOWN} more", Style.DIM))
    if plan.young:
        session.say(f"{plural(plan.young, 'younger file')} passed over: somebody may be about to commit them")


def _tell(session: Session, done: Deleted) -> None:
    session.out.line(f"{plural(done.files, 'file')} with {size(done.bytes)} deleted")
    if done.left:
        warn(session, f"{plural(done.left, 'file')} could not be deleted, or are reached again")
