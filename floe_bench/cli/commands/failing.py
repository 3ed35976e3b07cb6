"""The rows that fail a test."""

from __future__ import annotations

import click

from floe_bench.cli.answer import write_answer
from floe_bench.cli.lookup import find_node, typed_run_id
from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb


@click.command(
    "failing",
    cls=Verb,
    json_form="one object",
    shapes=[QUERY_ANSWER],
    examples=[
        ("floe-bench failing unique_orders_order_id", "see the rows that fail it now"),
        ("floe-bench failing unique_orders_order_id --run 91bc", "run the test as that run compiled it"),
    ],
)
@click.argument("test")
@click.option("--run", "run_id", metavar="RUN", help="Run whose SQL to run. Default: the newest that has it.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Rows at most.")
@click.pass_obj
def command(session: Session, test: str, run_id: str | None, limit: int) -> int:
    """Show the rows that fail TEST (its name or dbt's unique id) in the tables as they are now."""
    with session.bench() as client:
        run_id, node_id = find_node(client, test, run_id=typed_run_id(run_id) if run_id else None)
        answer = client.failing_rows(run_id, node_id, limit)
    write_answer(session, answer, as_csv=False)
    return 0
