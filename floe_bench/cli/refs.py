"""Branches and tags, set and removed: the two commands differ in a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.changing import carry_out, seconds
from floe_bench.cli.lookup import complete_table, snapshot_at
from floe_bench.cli.maintenance_noun import REF_PLAN
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.errors import UsageError
from floe_bench.model.command import last, to_type
from floe_bench.model.maintenance import RefPlan
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


def ref_options(command: Callable[..., int]) -> Callable[..., int]:
    options = (
        click.argument("table", shell_complete=complete_table),
        click.argument("name"),
        click.option("--at", metavar="SNAPSHOT", help="Snapshot id, the start of one, a ref or a time. Default: main."),
        click.option("--max-age", metavar="AGE", help="It may be dropped after that: 12h, 5d, 2w. Default: never."),
        click.option("--remove", is_flag=True, help="Remove it; the snapshots stay until they expire."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def change_ref(
    session: Session,
    *,
    table: str,
    name: str,
    kind: str,
    at: str | None,
    max_age: str | None,
    remove: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    if remove and (at or max_age):
        raise UsageError("--remove takes neither --at nor --max-age", remedy=to_type(kind, "--help"))
    TableName.parse(table)
    age_s = None if max_age is None else seconds(max_age)
    with session.bench() as client:
        target = None if remove else _target(client, table, at)
        plan = client.maintenance.plan_ref(table, name, kind, target, age_s)
        return carry_out(
            session,
            plan,
            client.maintenance.set_ref,
            shapes=(REF_PLAN, REF_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question="" if plan.before == plan.after and age_s is None else f"{_verb(plan)} {kind} {name}?",
            dry_run=dry_run,
            yes=yes,
        )


def _tell(session: Session, done: RefPlan) -> None:
    session.out.line(f"{done.kind} {done.name} {'removed' if done.after is None else 'set'}")
    if done.before != done.after:
        back = ("--remove",) if done.before is None else ("--at", done.before)
        session.say(f"back again: {to_type(done.kind, *back, *last(done.table, done.name))}")


def _target(client: BenchClient, table: str, at: str | None) -> int:
    found = snapshot_at(client, table, at or "main")
    assert found is not None
    return found


def _verb(plan: RefPlan) -> str:
    return "Remove" if plan.after is None else "Make" if plan.before is None else "Move"


def _show(session: Session, plan: RefPlan) -> None:
    short = session.out.ids([plan.before, plan.after])
    session.out.line(
        Cell(f"{plan.kind} {plan.name} of {plan.table}  ", Style.BOLD),
        Cell(short(plan.before) or "nothing", Style.ID),
        Cell(" → ", Style.DIM),
        Cell(short(plan.after) or "nothing", Style.ID),
    )
