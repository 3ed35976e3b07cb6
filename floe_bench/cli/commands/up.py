"""The lakehouse, up and kept."""

from __future__ import annotations

import click

from floe_bench.cli.commands.status import show
from floe_bench.cli.noun import STACK
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import StackNotReady
from floe_bench.model.stack import StackState


@click.command(
    "up",
    cls=Verb,
    json_form="one object",
    shapes=[STACK],
    examples=[
        ("floe-bench up", "start the lakehouse of this project and keep it up"),
        ("floe-bench up --json | jq -r .catalog_uri", "get the catalog's address for another tool"),
    ],
)
@click.pass_obj
def command(session: Session) -> int:
    """Start the lakehouse and keep it up until `floe-bench down`."""
    with session.bench() as client:
        client.keep(True)
        status = client.services.status()
    if status.state is not StackState.READY:
        broken = [f"{service.name} is {service.state}" for service in status.services if service.state != "ready"]
        reason = "; ".join(broken) or f"it is {status.state}"
        raise StackNotReady(f"the {status.stack} stack did not come up: {reason}", remedy="floe-bench doctor")
    show(session, status)
    return 0
