"""A tag of a table."""

from __future__ import annotations

import click

from floe_bench.cli.changing import change_options
from floe_bench.cli.maintenance_noun import REF_PLAN
from floe_bench.cli.refs import change_ref, ref_options
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb


@click.command(
    "tag",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[REF_PLAN],
    examples=[
        ("floe-bench tag marts.orders audit-2026 --yes", "keep today's snapshot under a name"),
        ("floe-bench tag marts.orders audit-2026 --remove", "let it go again"),
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
    """Give a snapshot of TABLE (namespace.name) a NAME, or move or remove that name.

    A tagged snapshot does not expire.
    """
    return change_ref(
        session, table=table, name=name, kind="tag", at=at, max_age=max_age, remove=remove, dry_run=dry_run, yes=yes
    )
