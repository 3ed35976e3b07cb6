"""A read-only query."""

from __future__ import annotations

import sys

import click

from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.output import Cell, Column, Style, encoded
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.answer import QueryAnswer

_NUMBERS = ("int", "decimal", "numeric", "double", "float", "real", "long", "hugeint", "bigint", "smallint", "tinyint")


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
    if as_csv and session.as_json:
        raise UsageError("--csv and --json exclude each other", remedy="floe-bench query --help")
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip():
        raise UsageError("the query is empty", remedy="floe-bench query 'select 1'")
    with session.bench() as client:
        answer = client.query(statement, limit=limit)
    _write(session, answer, as_csv=as_csv)
    if answer.truncated:
        session.say(f"only the first {len(answer.rows):,} rows; more: --limit N")
    return 0


def _write(session: Session, answer: QueryAnswer, *, as_csv: bool) -> None:
    if session.as_json:
        session.out.json(QUERY_ANSWER.of(answer))
    elif as_csv:
        _write_csv(session, answer)
    else:
        _show(session, answer)


def _write_csv(session: Session, answer: QueryAnswer) -> None:
    import csv

    writer = csv.writer(session.out.stream, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([["" if value is None else _told(value) for value in row] for row in answer.rows])


def _show(session: Session, answer: QueryAnswer) -> None:
    types = answer.types or ("",) * len(answer.columns)
    session.out.table(
        [
            Column(name, right=kind.lower().startswith(_NUMBERS), elastic=True, kept=True)
            for name, kind in zip(answer.columns, types, strict=True)
        ],
        [[_cell(value) for value in row] for row in answer.rows],
    )
    session.say(f"{plural(len(answer.rows), 'row')} in {answer.duration_s:.2f} s")


def _cell(value: object) -> Cell:
    return Cell("null", Style.DIM) if value is None else Cell(_told(value))


def _told(value: object) -> str:
    return encoded(value) if isinstance(value, bool | list | dict) else str(value)
