"""What runs."""

from __future__ import annotations

import click

from floe_bench.cli.noun import STACK
from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.session import Session
from floe_bench.cli.status import face
from floe_bench.cli.text import age, size
from floe_bench.cli.verb import Verb
from floe_bench.model.stack import Service, StackState, StackStatus


@click.command(
    "status",
    cls=Verb,
    json_form="one object",
    shapes=[STACK],
    examples=[
        ("floe-bench status", "see services, ports and the catalog's address"),
        ("floe-bench status --json | jq -r .state", "wait for ready in a script"),
    ],
)
@click.pass_obj
def command(session: Session) -> int:
    """Say what runs. Never starts anything; exit 0 also when stopped."""
    with session.running_bench() as client:
        status = client.services.status() if client else StackStatus(session.settings.stack, StackState.STOPPED)
    show(session, status)
    if status.state is StackState.STOPPED:
        session.say("start it: floe-bench up")
    return 0


def show(session: Session, status: StackStatus) -> None:
    if session.as_json:
        session.out.json(STACK.of(status))
        return
    out = session.out
    out.line(Cell(session.project.name, Style.BOLD), " · ", status.stack, " ", face(status.state))
    if status.catalog_uri:
        out.line("catalog ", Cell(status.catalog_uri, Style.ID))
    if status.state is not StackState.STOPPED:
        kept = "stays up until: floe-bench down" if status.kept else "stops when its last user leaves"
        out.line(Cell(kept, Style.DIM))
    if status.waiting_since is not None:
        since = f"{status.waiting_since.astimezone():%H:%M:%S}"
        what_then = Cell("  it goes on when that answers; or floe-bench cancel --all", Style.DIM)
        out.line(Cell(f"! waiting for storage since {since}", Style.WARN), what_then)
    _services(session, out, status)


def _services(session: Session, out: Output, status: StackStatus) -> None:
    if not status.services:
        return
    columns = (
        Column("service"),
        Column("state"),
        Column("pid", right=True),
        Column("ports", elastic=True),
        Column("memory", right=True),
        Column("up", right=True),
    )
    out.table(
        (*columns, Column("runs", elastic=True)),
        [
            (
                service.service or service.name,
                face(service.state),
                str(service.pid or ""),
                " ".join(str(port) for port in service.ports),
                size(service.memory_bytes),
                Cell(age(service.since, session.now()), Style.DIM),
                Cell(_about(service), Style.DIM),
            )
            for service in status.services
        ],
    )


def _about(service: Service) -> str:
    """Why it is not as it should be goes before what it runs."""
    return service.detail or f"{service.image} {service.digest}".rstrip()
