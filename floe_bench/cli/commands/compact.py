"""Small files, written anew as few."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.maintenance_noun import COMPACT_PLAN, COMPACTED
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural, size
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import Compacted, CompactPlan
from floe_bench.model.table import TableName

_MIB = 1024 * 1024


@click.command(
    "compact",
    cls=Verb,
    json_form="one object {plan, done} of",
    shapes=[COMPACT_PLAN, COMPACTED],
    examples=[
        ("floe-bench compact marts.orders --dry-run", "see which files would become how many"),
        ("floe-bench compact marts.orders --yes", "rewrite them; the rows stay the same"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--small", "small_mib", type=click.IntRange(min=1), metavar="MIB", help="Files below are small [8].")
@change_options
@click.pass_obj
def command(session: Session, table: str, small_mib: int | None, dry_run: bool, yes: bool) -> int:
    """Write small data files of TABLE (namespace.name) anew as few, and files with row-level deletes without them.

    It is one more snapshot with the same rows: they are compared, whole, before it becomes the current one. Older
    snapshots keep their files until they expire. Who writes meanwhile loses nothing. `rollback` takes it back.
    """
    TableName.parse(table)
    with session.bench() as client:
        plan = client.maintenance.plan_compact(table, None if small_mib is None else small_mib * _MIB)
        return carry_out(
            session,
            plan,
            client.maintenance.compact,
            shapes=(COMPACT_PLAN, COMPACTED),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question="" if plan.idle else f"Rewrite {plural(plan.files, 'file')}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: CompactPlan) -> None:
    if plan.idle:
        small = f"no two files of a partition are under {size(plan.small_bytes)}"
        session.out.line(f"{plan.table} has nothing to compact: {plural(plan.data_files, 'data file')}, {small}")
        return
    deletes = f", without {plural(plan.deletes, 'delete file')}" if plan.deletes else ""
    session.out.line(
        Cell(f"{plan.table}: ", Style.BOLD),
        f"{plan.files:,} of {plural(plan.data_files, 'data file')} ({size(plan.bytes)})",
        Cell(" → ", Style.DIM),
        f"about {plan.files_after:,}{deletes}, same rows",
    )


def _tell(session: Session, done: Compacted) -> None:
    short = session.out.ids([done.from_snapshot, done.to_snapshot])
    session.out.line(
        f"{done.files_before:,} files → {done.files_after:,}, {size(done.bytes_before)} → {size(done.bytes_after)},"
        f" the same {plural(done.rows, 'row')}, snapshot ",
        Cell(short(done.to_snapshot), Style.ID),
    )
    session.say(f"take it back: {to_type('rollback', done.table, '--to', done.from_snapshot)}")
