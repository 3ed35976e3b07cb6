"""A read-only query."""

from __future__ import annotations

import sys

import click

from floe_bench.cli.answer import refuse_both, write_answer
from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError


@click.command(
    "query",
    cls=Verb,
    json_form="one object",
    shapes=[QUERY_ANSWER],
    examples=[
        ("floe-bench query 'select count(*) from marts.orders'", "ask one question"),
        ("floe-bench query - --csv < report.sql > report.csv", "run a file and keep the answer"),
    ],
)
@click.argument("sql")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="Rows at most.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of text; null is an empty field.")
@click.pass_obj
def command(session: Session, sql: str, limit: int, as_csv: bool) -> int:
    """Run a read-only SQL query in DuckDB over the catalog. SQL may be - for standard input."""
    refuse_both(session, as_csv=as_csv, command="query")
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip():
        raise UsageError("the query is empty", remedy="floe-bench query 'select 1'")
    with session.bench() as client:
        answer = client.query(statement, limit=limit)
    write_answer(session, answer, as_csv=as_csv)
    return 0
