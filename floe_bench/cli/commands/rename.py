"""A table under another name."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.reshape_noun import RENAME_PLAN
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.reshape import RenamePlan
from floe_bench.model.table import TableName


@click.command(
    "rename",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[RENAME_PLAN],
    examples=[
        ("floe-bench rename raw.orders raw.orders_2025", "give it another name"),
        ("floe-bench rename raw.orders archive.orders --dry-run", "see who reads it under the old one"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("to")
@change_options
@click.pass_obj
def command(session: Session, table: str, to: str, dry_run: bool, yes: bool) -> int:
    """Rename TABLE to TO, both namespace.name, with its history; no file moves. The other way around takes it back."""
    TableName.parse(table)
    with session.bench() as client:
        plan = client.reshaping.plan_rename(table, to)
        return carry_out(
            session,
            plan,
            client.reshaping.rename,
            shapes=(RENAME_PLAN, RENAME_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: session.out.line(f"done; back again: {to_type('rename', done.to, done.table)}"),
            question=f"Rename {table} to {to}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: RenamePlan) -> None:
    session.out.line(f"{plan.table} → {plan.to}")
    for note in plan.notes:
        warn(session, note)
