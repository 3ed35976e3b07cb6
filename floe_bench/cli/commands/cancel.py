"""A run, taken back while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.follower import Follower
from floe_bench.cli.lookup import complete_run, typed_run_id
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.status import face
from floe_bench.cli.verb import Verb
from floe_bench.errors import EngineError, UsageError
from floe_bench.model.run import Run

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

ENDED = Shape(
    "ended run",
    Field("run_id", "the run"),
    Field("status", "how it ended: cancelled, or what it was before"),
)


@click.command(
    "cancel",
    cls=Verb,
    json_form="a list of",
    shapes=[ENDED],
    examples=[
        ("floe-bench cancel 7f3a", "cancel one run, by the start of its id"),
        ("floe-bench cancel --all", "cancel everything that runs or waits"),
    ],
)
@click.argument("run_id", required=False, shell_complete=complete_run)
@click.option("--all", "every", is_flag=True, help="Every run that is not over.")
@click.pass_obj
def command(session: Session, run_id: str | None, every: bool) -> int:
    """Cancel RUN_ID, or every run, and wait until it has ended. A run that is over is not an error.

    The run is asked to end; after 10 s its process is ended, after 15 s killed. Another cancel of a run that is being
    cancelled does the next of these at once.
    """
    if (run_id is None) != every:
        raise UsageError("cancel needs either RUN_ID or --all", remedy="floe-bench runs")
    with session.running_bench() as client:
        ended = [] if client is None else _cancel(client, _chosen(client, run_id))
    if session.as_json:
        session.out.json([ENDED.of(run) for run in ended])
        return 0
    for run in ended:
        session.out.line("run ", Cell(run.run_id, Style.ID), " ", face(run.status))
    if not ended:
        session.out.line("nothing runs")
    return 0


def _chosen(client: BenchClient, run_id: str | None) -> list[Run]:
    if run_id is not None:
        return [client.run(typed_run_id(run_id))]
    return [run for run in client.runs() if not run.status.over]


def _cancel(client: BenchClient, runs: list[Run]) -> list[Run]:
    for run in runs:
        client.cancel(run.run_id)
    for run in runs:
        if not run.status.over:
            _wait(client, run)
    return [client.run(run.run_id) for run in runs]


def _wait(client: BenchClient, run: Run) -> None:
    follower = Follower(run.run_id)
    for event in client.events():
        for _ in follower.feed(event):
            pass
        if follower.over:
            return
    raise EngineError(f"the engine went away while run {run.run_id} was being cancelled", remedy="floe-bench runs")
