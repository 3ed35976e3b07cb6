"""The lakehouse, down."""

from __future__ import annotations

import click

from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.verb import Verb

STOPPED = Shape("stop", Field("stopped", "something ran and was stopped", lambda stopped: stopped))


@click.command(
    "down",
    cls=Verb,
    json_form="one object",
    shapes=[STOPPED],
    examples=[("floe-bench down", "stop everything of this project; tables and runs stay on disk")],
)
@click.pass_obj
def command(session: Session) -> int:
    """Stop runs, lakehouse and engine; data stays. Exit 0 also when nothing ran."""
    with session.running_bench() as client:
        if client:
            client.shutdown()
    stopped = client is not None
    if session.as_json:
        session.out.json(STOPPED.of(stopped))
    else:
        session.out.line("stopped; the data stays" if stopped else "nothing runs")
    return 0
