"""A statement that becomes a model of the project."""

from __future__ import annotations

import shlex
import sys

import click

from floe_bench.cli.changing import carry_out, change_options, warn
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.saving_noun import MODEL_PLAN, SAVED_MODEL
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.command import to_type
from floe_bench.model.saving import ModelPlan, SavedModel


@click.command(
    "save-model",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[MODEL_PLAN, SAVED_MODEL],
    examples=[
        (
            "floe-bench save-model big_orders 'select * from marts.orders where total > 100'",
            "see the file, then say yes",
        ),
        ("floe-bench save-model big_orders - --folder marts --dry-run < big.sql", "only see it"),
        ("floe-bench run --select big_orders", "then make it"),
    ],
)
@click.argument("name")
@click.argument("sql")
@click.option("--folder", default="", metavar="FOLDER", help="One of models. Default: the first of the model-paths.")
@change_options
@click.pass_obj
def command(session: Session, name: str, sql: str, folder: str, dry_run: bool, yes: bool) -> int:
    """Make a dbt model NAME of a SELECT, as a new file of the project. SQL may be - for standard input.

    The statement stays as it is; above it dbt is told which models and sources it reads. It is one SELECT over tables
    as they are when the model runs, each written with its namespace. No file is ever written over, and no name that
    the project or the catalog has is taken.
    """
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip():
        raise UsageError("the query is empty", remedy="floe-bench save-model NAME 'select …'")
    with session.bench() as client:
        plan = client.saving.plan_model(statement, name, folder)
        return carry_out(
            session,
            plan,
            client.saving.save_model,
            shapes=(MODEL_PLAN, SAVED_MODEL),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question=f"Write {plan.shown}?",
            dry_run=dry_run,
            yes=yes,
        )


def _show(session: Session, plan: ModelPlan) -> None:
    session.out.line("new file ", Cell(plan.path, Style.BOLD))
    for line in plan.text.splitlines():
        session.out.line(Cell("  │ ", Style.DIM), line)
    for note in plan.notes:
        warn(session, note)


def _tell(session: Session, done: SavedModel) -> None:
    session.out.line(f"{done.shown} is there")
    if done.asset:
        session.say(f"make asset {done.asset}: {to_type('run', '--select', done.asset.rpartition('/')[2])}")
    else:
        session.say("it is no asset: the project's configuration leaves that folder out")
    session.say(f"take it back: rm {shlex.quote(done.path)}")
