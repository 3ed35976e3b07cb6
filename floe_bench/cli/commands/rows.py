"""A page of a table."""

from __future__ import annotations

import click

from floe_bench.cli.answer import refuse_both, write_answer
from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.model.table import TableName


@click.command(
    "rows",
    cls=Verb,
    json_form="one object",
    shapes=[QUERY_ANSWER],
    examples=[
        ("floe-bench rows marts.orders", "see the first rows"),
        ("floe-bench rows marts.orders --at 8841 --offset 100", "see the second page of an older snapshot"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@at_option
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Rows to pass over.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Rows at most.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of text; null is an empty field.")
@click.pass_obj
def command(session: Session, table: str, at: str | None, offset: int, limit: int, as_csv: bool) -> int:
    """Show rows of TABLE (namespace.name)."""
    refuse_both(session, as_csv=as_csv, command="rows")
    TableName.parse(table)
    with session.bench() as client:
        answer = client.rows(table, snapshot_at(client, table, at), offset, limit)
    write_answer(session, answer, as_csv=as_csv)
    return 0
