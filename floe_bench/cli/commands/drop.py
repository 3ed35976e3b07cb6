"""A table, dropped."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.reshape_noun import DROP_PLAN
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.reshape import DropPlan
from floe_bench.model.table import TableName


@click.command(
    "drop",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[DROP_PLAN],
    examples=[
        ("floe-bench drop raw.old_orders --dry-run", "see what would be lost"),
        ("floe-bench drop raw.old_orders --purge --yes", "drop it, with its files"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--purge", is_flag=True, help="Ask the catalog to delete the files as well; not every one does.")
@change_options
@click.pass_obj
def command(session: Session, table: str, purge: bool, dry_run: bool, yes: bool) -> int:
    """Drop TABLE (namespace.name) from the catalog, with every snapshot, branch and tag. This cannot be undone.

    The embedded lakehouse deletes the files in any case.
    """
    TableName.parse(table)
    with session.bench() as client:
        plan = client.reshaping.plan_drop(table, purge)
        return carry_out(
            session,
            plan,
            client.reshaping.drop,
            shapes=(DROP_PLAN, DROP_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: session.out.line(f"{done.table} is gone"),
            question=f"Drop {table} for good?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: DropPlan) -> None:
    rows = "" if plan.rows is None else f"{plural(plan.rows, 'row')}, "
    session.out.line(f"lost for good: {rows}{plural(plan.snapshots, 'snapshot')}, {size(plan.bytes)}")
    if plan.refs:
        session.out.line(f"with branches and tags: {', '.join(plan.refs)}")
    if plan.readers:
        warn(session, f"still read by {', '.join(plan.readers)}")
