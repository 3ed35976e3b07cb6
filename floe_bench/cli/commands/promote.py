"""A table's main line, forward to a branch or tag."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.reshape_noun import PROMOTE_PLAN
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.reshape import PromotePlan
from floe_bench.model.table import TableName


@click.command(
    "promote",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[PROMOTE_PLAN],
    examples=[("floe-bench promote marts.orders audit", "make main what the branch audit has")],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("ref")
@change_options
@click.pass_obj
def command(session: Session, table: str, ref: str, dry_run: bool, yes: bool) -> int:
    """Move main of TABLE (namespace.name) forward to the branch or tag REF: a fast-forward. A rollback takes it back.

    Refused where main has snapshots that REF has not.
    """
    TableName.parse(table)
    with session.bench() as client:
        plan = client.reshaping.plan_promote(table, ref)
        before = plan.move.before.snapshot_id
        return carry_out(
            session,
            plan,
            client.reshaping.promote,
            shapes=(PROMOTE_PLAN, PROMOTE_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: session.out.line(f"done; back again: {to_type('rollback', table, '--to', before)}"),
            question=f"Move main of {table} to {ref}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: PromotePlan) -> None:
    short = session.out.ids([plan.move.before.snapshot_id, plan.move.after.snapshot_id])
    session.out.line(
        Cell(f"main of {plan.table}  ", Style.BOLD),
        Cell(short(plan.move.before.snapshot_id) or "nothing", Style.ID),
        Cell(" → ", Style.DIM),
        Cell(short(plan.move.after.snapshot_id), Style.ID),
        f"  {plural(plan.snapshots, 'snapshot')} of {plan.ref}",
    )
