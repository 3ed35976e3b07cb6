"""The services of the stack, one by one."""

from __future__ import annotations

from collections.abc import Callable

import click

from floe_bench.cli.commands.status import show
from floe_bench.cli.noun import STACK
from floe_bench.cli.session import Client, Session
from floe_bench.cli.verb import Verb, VerbGroup
from floe_bench.errors import StackNotReady
from floe_bench.model.stack import StackStatus


@click.group(
    "stack",
    cls=VerbGroup,
    examples=[
        ("floe-bench stack restart weed", "start one service again; ports and data stay"),
        ("floe-bench logs --source minio --follow", "watch its log, also over a restart"),
    ],
)
def command() -> None:
    """Restart or stop one service of the lakehouse. `floe-bench status` lists them; SERVICE is a name from there."""


def _verb(name: str, purpose: str) -> Callable[[Callable[..., int]], click.Command]:
    example = (f"floe-bench stack {name} minio", purpose)
    return command.command(name, cls=Verb, json_form="one object", shapes=[STACK], examples=[example])


@_verb("restart", "start MinIO again, also after a stop")
@click.argument("service")
@click.pass_obj
def restart(session: Session, service: str) -> int:
    """Start SERVICE again and wait until the lakehouse is whole. What runs meanwhile may fail."""
    return _changed(session, lambda client: client.services.restart(service))


@_verb("stop", "see what the project does without its store")
@click.argument("service")
@click.pass_obj
def stop(session: Session, service: str) -> int:
    """Stop SERVICE and leave it stopped until it is restarted. Data stays."""
    return _changed(session, lambda client: client.services.stop(service))


def _changed(session: Session, change: Callable[[Client], StackStatus]) -> int:
    with session.running_bench() as client:
        if client is None:
            raise StackNotReady("the lakehouse does not run", remedy="floe-bench up")
        show(session, change(client))
    return 0
