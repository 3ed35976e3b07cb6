"""A read-only query."""

from __future__ import annotations

import sys

import click

from floe_bench.cli.answer import refuse_both, write_answer
from floe_bench.cli.lookup import lake_at_option
from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.answer import QueryAnswer


@click.command(
    "query",
    cls=Verb,
    json_form="one object",
    shapes=[QUERY_ANSWER],
    examples=[
        ("floe-bench query 'select count(*) from marts.orders'", "ask one question"),
        ("floe-bench query 'select count(*) from marts.orders' --at 2026-01-31", "ask it of every table as it was"),
        ("floe-bench query - --csv < report.sql > report.csv", "run a file and keep the answer"),
    ],
)
@click.argument("sql")
@lake_at_option
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="Rows at most.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of text; null is an empty field.")
@click.pass_obj
def command(session: Session, sql: str, at: str | None, limit: int, as_csv: bool) -> int:
    """Run a read-only SQL query in DuckDB over the catalog. SQL may be - for standard input."""
    refuse_both(session, as_csv=as_csv, command="query")
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip():
        raise UsageError("the query is empty", remedy="floe-bench query 'select 1'")
    with session.bench() as client:
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
