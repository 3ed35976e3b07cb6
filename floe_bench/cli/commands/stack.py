"""The services of the stack, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.commands.status import show
from floe_bench.cli.following import following
from floe_bench.cli.noun import CARRIAGE, STACK
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import count, plural, size
from floe_bench.cli.verb import Verb, VerbGroup
from floe_bench.errors import StackNotReady
from floe_bench.events import CarryProgressed, Event
from floe_bench.model.carry import Carriage, Carried
from floe_bench.model.command import to_type
from floe_bench.model.stack import StackStatus

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@click.group(
    "stack",
    cls=VerbGroup,
    examples=[
        ("floe-bench stack restart weed", "start one service again; ports and data stay"),
        ("floe-bench logs --source minio --follow", "watch its log, also over a restart"),
    ],
)
def command() -> None:
    """Restart or stop one service of the lakehouse, or carry its tables to another stack.

    `floe-bench status` lists the services; SERVICE is a name from there.
    """


def _verb(name: str, purpose: str) -> Callable[[Callable[..., int]], click.Command]:
    example = (to_type("stack", name, "minio"), purpose)
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


@command.command(
    "carry",
    cls=Verb,
    json_form="one object",
    shapes=[CARRIAGE],
    examples=[
        ("floe-bench stack carry --from embedded --to seaweedfs", "copy every table into containers"),
        ("floe-bench --stack polaris-minio", "open the project there"),
    ],
)
@click.option("--from", "source", required=True, metavar="STACK", help="The stack that has the tables.")
@click.option("--to", "target", metavar="STACK", help="The stack that gets copies. Default: the project's.")
@click.pass_obj
def carry(session: Session, source: str, target: str | None) -> int:
    """Copy every table of one stack of this project into another, through their catalogs, and compare all rows.

    A table that is there already is left as it is. The history is not carried: each copy has one snapshot. The source
    keeps everything. Exit 1 when a table was left out. Ctrl-C ends it between two batches of rows: what was carried is
    whole, and another time goes on from there.
    """
    if target:
        session.stack = target
    with session.bench() as client:
        session.say(f"carrying the tables of {source} over")
        with following(session, client, _progress(session, source)):
            carriage = client.carrying.carry(source)
    if session.as_json:
        session.out.json(CARRIAGE.of(carriage))
    else:
        _show(session, carriage)
    return 0 if carriage.whole else 1


def _progress(session: Session, source: str) -> Callable[[Event], None]:
    def show(event: Event) -> None:
        if isinstance(event, CarryProgressed) and event.source == source:
            doing = "compared" if event.comparing else "written"
            how_far = f": {count(event.rows)} rows {doing}" if event.rows else ""
            session.diagnostics.changing(f"{event.number} of {event.tables} · {event.table}{how_far}")

    return show


def _show(session: Session, carriage: Carriage) -> None:
    out = session.out
    out.table(
        (Column("table", elastic=True), Column("rows", right=True), Column("bytes", right=True), Column("")),
        [
            (each.table, count(each.rows), size(each.bytes), Cell(_how(each), Style.BAD if each.fault else Style.DIM))
            for each in carriage.tables
        ],
    )
    came = f"{sum(not each.fault for each in carriage.tables)} of {plural(len(carriage.tables), 'table')}"
    left = plural(sum(each.snapshots_left for each in carriage.tables), "older snapshot")
    out.line(f"{came} of {carriage.source} are in {carriage.target}, all rows compared")
    out.line(Cell(f"not carried: {left}, branches and tags; {carriage.source} keeps them", Style.DIM))


def _how(carried: Carried) -> str:
    return carried.fault or ("was carried before" if carried.there else "carried")


def _changed(session: Session, change: Callable[[BenchClient], StackStatus]) -> int:
    with session.running_bench() as client:
        if client is None:
            raise StackNotReady("the lakehouse does not run", remedy="floe-bench up")
        show(session, change(client))
    return 0
