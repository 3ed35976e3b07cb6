"""A branch of a table."""

from __future__ import annotations

import click

from floe_bench.cli.changing import change_options
from floe_bench.cli.maintenance_noun import REF_PLAN
from floe_bench.cli.refs import change_ref, ref_options
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb


@click.command(
    "branch",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[REF_PLAN],
    examples=[
        ("floe-bench branch marts.orders rehearsal --at 8841", "start a branch at an older snapshot"),
        ("floe-bench branch marts.orders rehearsal --remove", "remove it; its snapshots expire one day"),
    ],
)
@ref_options
@change_options
@click.pass_obj
def command(
    session: Session,
    table: str,
    name: str,
    at: str | None,
    max_age: str | None,
    remove: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Start a branch NAME of TABLE (namespace.name), or move or remove it. main is moved by a rollback."""
    return change_ref(
        session, table=table, name=name, kind="branch", at=at, max_age=max_age, remove=remove, dry_run=dry_run, yes=yes
    )
