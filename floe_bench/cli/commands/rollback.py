"""A table, taken back to an earlier snapshot."""

from __future__ import annotations

import click

from floe_bench.cli.changing import change_options
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.noun import TAKEN
from floe_bench.cli.session import Session
from floe_bench.cli.taking_back import UNDO, carry_out
from floe_bench.cli.verb import Verb
from floe_bench.model.past import find_snapshot
from floe_bench.model.table import TableName


@click.command(
    "rollback",
    cls=Verb,
    json_form="one object",
    shapes=[UNDO, TAKEN],
    examples=[
        ("floe-bench rollback marts.orders --to 8841 --dry-run", "see what would be lost, in exact rows"),
        ("floe-bench rollback marts.orders --to 2026-01-31", "go back to what was current then, and be asked"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--to", required=True, metavar="SNAPSHOT", help="Snapshot id, the start of one, a ref or a time.")
@click.option("--with-others", is_flag=True, help="With --yes: also where somebody else wrote since, which is lost.")
@change_options
@click.pass_obj
def command(session: Session, table: str, to: str, with_others: bool, dry_run: bool, yes: bool) -> int:
    """Take TABLE (namespace.name), anybody's, back to an earlier snapshot of its main line.

    No data is deleted: redo brings it forward again. Nothing happens if somebody wrote in between.
    """
    TableName.parse(table)
    with session.bench() as client:
        plan = client.undo.plan_rollback(table, find_snapshot(client.snapshots(table), to, table=table))
        return carry_out(session, client, plan, dry_run=dry_run, yes=yes, with_others=with_others)
