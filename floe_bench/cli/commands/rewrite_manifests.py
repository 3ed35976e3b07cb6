"""Many manifest files, written anew as few."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.maintenance_noun import MANIFEST_PLAN, MANIFESTS_REWRITTEN
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import ManifestPlan, ManifestsRewritten
from floe_bench.model.table import TableName

_MIB = 1024 * 1024


@click.command(
    "rewrite-manifests",
    cls=Verb,
    json_form="one object {plan, done} of",
    shapes=[MANIFEST_PLAN, MANIFESTS_REWRITTEN],
    examples=[
        ("floe-bench rewrite-manifests marts.orders --dry-run", "see how many there are, and would be"),
        ("floe-bench rewrite-manifests marts.orders --yes", "a query opens fewer of them; no data file changes"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option(
    "--target", "target_mib", type=click.IntRange(min=1), metavar="MIB", help="Size of one [the table's, else 8]."
)
@change_options
@click.pass_obj
def command(session: Session, table: str, target_mib: int | None, dry_run: bool, yes: bool) -> int:
    """Write manifest files of TABLE (namespace.name) anew as few, which tell of the same data files.

    It is one more snapshot. What the new ones tell is read again and compared, before it is committed; who writes
    meanwhile loses nothing. Those of row-level deletes, and large ones, stay. `rollback` takes it back.
    """
    TableName.parse(table)
    with session.bench() as client:
        plan = client.maintenance.plan_manifests(table, None if target_mib is None else target_mib * _MIB)
        return carry_out(
            session,
            plan,
            client.maintenance.rewrite_manifests,
            shapes=(MANIFEST_PLAN, MANIFESTS_REWRITTEN),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question="" if plan.idle else f"Rewrite {plural(plan.rewritten, 'manifest file')}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: ManifestPlan) -> None:
    if plan.idle:
        session.out.line(f"{plan.table} has {plural(plan.manifests, 'manifest file')}, and none to rewrite")
        return
    session.out.line(
        Cell(f"{plan.table}: ", Style.BOLD),
        plural(plan.manifests, "manifest file"),
        Cell(" → ", Style.DIM),
        f"{plan.after:,}; {plan.rewritten:,} ({size(plan.bytes)}) are written anew,",
        f" for the same {plural(plan.files, 'data file')}",
    )


def _tell(session: Session, done: ManifestsRewritten) -> None:
    short = session.out.ids([done.from_snapshot, done.to_snapshot])
    session.out.line(
        f"{done.before:,} manifest files → {done.after:,}, the same {plural(done.files, 'data file')}"
        f" with {plural(done.rows, 'row')}, snapshot ",
        Cell(short(done.to_snapshot), Style.ID),
    )
    session.say(f"take it back: {to_type('rollback', done.table, '--to', done.from_snapshot)}")
