"""A query, or a statement that changes rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from floe_bench.cli.answer import refuse_both, write_answer
from floe_bench.cli.changing import carry_out, change_options
from floe_bench.cli.lookup import lake_at_option
from floe_bench.cli.noun import QUERY_ANSWER, WRITING, WRITING_PLAN, WRITTEN
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.command import to_type
from floe_bench.model.query import QueryPage, StatementPlan

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_HELP = "floe-bench query --help"


@click.command(
    "query",
    cls=Verb,
    json_form="one object; with --write one object {plan, done}: the statement, and the writing or null",
    shapes=[QUERY_ANSWER, WRITING_PLAN, WRITING, WRITTEN],
    examples=[
        ("floe-bench query 'select count(*) from marts.orders'", "ask one question"),
        ("floe-bench query 'select count(*) from marts.orders' --at 2026-01-31", "ask it of every table as it was"),
        ("floe-bench query - --csv < report.sql > report.csv", "run a file and keep the answer"),
        ("floe-bench query --write 'delete from raw.orders where id = 7'", "change rows, after a look and a question"),
    ],
)
@click.argument("sql")
@lake_at_option
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="Rows at most.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of text; null is an empty field.")
@click.option("--write", is_flag=True, help="Let it change rows: INSERT, UPDATE, DELETE or MERGE.")
@change_options
@click.pass_obj
def command(
    session: Session, sql: str, at: str | None, limit: int, as_csv: bool, write: bool, dry_run: bool, yes: bool
) -> int:
    """Run an SQL query in DuckDB over the catalog. SQL may be - for standard input.

    It only reads, unless --write is given: then one statement may change rows, through the catalog, in a snapshot that
    a rollback takes back. --dry-run and --yes belong to --write.
    """
    refuse_both(session, as_csv=as_csv, command="query")
    if write and (at is not None or as_csv):
        raise UsageError(f"--write and {'--csv' if as_csv else '--at'} exclude each other", remedy=_HELP)
    if (dry_run or yes) and not write:
        raise UsageError("--dry-run and --yes are about --write: without it nothing is changed", remedy=_HELP)
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip():
        raise UsageError("the query is empty", remedy="floe-bench query 'select 1'")
    with session.bench() as client:
        if write:
            return _write(session, client, statement, limit, dry_run=dry_run, yes=yes)
        if at is None:
            answer = client.query(statement, limit=limit)
        else:
            answer = client.querying.past(statement, at, limit)
            session.say(f"as of {at}: {_told(session, answer)}")
    write_answer(session, answer, as_csv=as_csv)
    return 0


def _told(session: Session, answer: QueryAnswer) -> str:
    short = session.out.ids(list(answer.snapshots.values()))
    return ", ".join(f"{table} {short(at)}" for table, at in sorted(answer.snapshots.items())) or "no table"


def _write(session: Session, client: BenchClient, sql: str, limit: int, *, dry_run: bool, yes: bool) -> int:
    """What DuckDB cannot bind is refused before anybody is asked."""
    return carry_out(
        session,
        client.querying.plan(sql),
        lambda plan: _carried_out(client, plan.sql, limit),
        shapes=(WRITING_PLAN, WRITING),
        show=lambda plan: _show(session, plan),
        tell=lambda done: _tell(session, done),
        question="Run it? What it changes becomes a snapshot.",
        dry_run=dry_run,
        yes=yes,
    )


def _carried_out(client: BenchClient, sql: str, limit: int) -> QueryPage:
    """What read more than is shown is not kept for anybody."""
    page = client.querying.open(sql, write=True, limit=limit)
    client.querying.close(page.query_id)
    return page


def _show(session: Session, plan: StatementPlan) -> None:
    for line in plan.steps:
        session.out.line(line)


def _tell(session: Session, done: QueryPage) -> None:
    write_answer(session, done.answer, as_csv=False)
    ids = session.out.ids([each for table in done.written for each in (table.before, table.after) if each is not None])
    for table in done.written:
        was = "empty" if table.before is None else ids(table.before)
        now = "empty" if table.after is None else ids(table.after)
        session.out.line(Cell(table.table, Style.BOLD), f"  {was} → {now}")
        if table.before is not None:
            session.say(f"back again: {to_type('rollback', table.table, '--to', table.before)}")
    if not done.written:
        session.say("no table was changed")
