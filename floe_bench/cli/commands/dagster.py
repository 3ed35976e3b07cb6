"""The orchestrator's own web interface, without the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.lookup import complete_asset, complete_run, find_asset, typed_run_id
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.verb import Verb
from floe_bench.errors import ConsoleUnavailable, UsageError
from floe_bench.events import ConsoleChanged
from floe_bench.model.stack import StackState

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

CONSOLE = Shape(
    "web interface",
    Field("url", "its first page"),
    Field("link", "page of ASSET or of the run; the first page without one"),
    Field("port", "port on 127.0.0.1"),
    Field("pid", "process that keeps it; it ends with this process"),
    Field("log", "the file it writes into"),
)
_RUNS = (StackState.STARTING, StackState.READY)


@click.command(
    "dagster",
    cls=Verb,
    json_form="one object",
    shapes=[CONSOLE],
    examples=[
        ("floe-bench dagster", "start it, print its address, keep it until Ctrl-C"),
        ("floe-bench dagster marts/orders", "print the address of that asset's page"),
        ("floe-bench dagster --run 7f3a", "print the address of that run's page"),
    ],
)
@click.argument("asset", required=False, shell_complete=complete_asset)
@click.option("--run", "run_id", metavar="ID", shell_complete=complete_run, help="The page of a run instead.")
@click.pass_obj
def command(session: Session, asset: str | None, run_id: str | None) -> int:
    """Start Dagster's own web interface on this project, print its address, and keep it until Ctrl-C.

    It answers on 127.0.0.1 only and stops with the engine. One that the app had started before stays.
    """
    if asset and run_id:
        raise UsageError("a page is of one thing: ASSET or --run", remedy="floe-bench dagster --run ID")
    with session.bench() as client:
        key = find_asset(client, asset) if asset else None
        before = client.console.status().state
        session.say("starting Dagster's web interface")
        console = client.console.open(asset=key, run_id=typed_run_id(run_id) if run_id else None)
        if session.as_json:
            session.out.json_line(CONSOLE.of(console))
        else:
            session.out.line(Cell(console.link, Style.ID))
        session.terminal.out.flush()
        session.say("Ctrl-C ends it" if before not in _RUNS else "it ran before and stays; Ctrl-C leaves")
        try:
            _until_gone(client)
        except KeyboardInterrupt:
            if before not in _RUNS:
                client.console.close()
    return 0


def _until_gone(client: BenchClient) -> None:
    """Raises ConsoleUnavailable when it dies, EngineError when the engine goes away."""
    for event in client.events():
        if isinstance(event, ConsoleChanged) and event.console.state is StackState.FAILED:
            raise ConsoleUnavailable("Dagster's web interface ended by itself", remedy=f"less {event.console.log}")
        if isinstance(event, ConsoleChanged) and event.console.state is StackState.STOPPED:
            return
