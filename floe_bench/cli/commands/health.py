"""What is wrong with tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.maintenance_noun import HEALTH
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.status import face, glyph
from floe_bench.cli.text import plural
from floe_bench.cli.verb import Verb
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Health, Symptom
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_NAME_CELLS = 18


@click.command(
    "health",
    cls=Verb,
    json_form="one object a line",
    shapes=[HEALTH],
    examples=[
        ("floe-bench health marts.orders", "see what is wrong with one table, and the command that mends it"),
        ("floe-bench health --at 2026-01-31", "look at every table as it was then"),
        (
            "floe-bench health --json | jq 'select(.state != \"ok\") | .table'",
            "name the tables to look after",
        ),
    ],
)
@click.argument("table", required=False, shell_complete=complete_table)
@at_option
@click.pass_obj
def command(session: Session, table: str | None, at: str | None) -> int:
    """Look at TABLE, or at every table: files, row-level deletes, manifest files, partitions, snapshots, orphans.

    Of an older snapshot only missing files, deletes, manifest files and partitions can be told, without a command:
    nothing mends the past. Nothing is changed. Exit 1 when a table cannot be read whole.
    """
    if table is not None:
        TableName.parse(table)
    found = []
    with session.bench() as client:
        for name, snapshot_id in _looked_at(client, table, at):
            health = client.maintenance.health(name, snapshot_id)
            found.append(health)
            _tell(session, health, whole=table is not None)
    if not session.as_json and table is None:
        ailing = sum(health.state is not FindingState.OK for health in found)
        session.say(f"{plural(len(found), 'table')}, {ailing or 'none'} to look after")
    return 1 if any(health.state is FindingState.FAIL for health in found) else 0


def _looked_at(client: BenchClient, table: str | None, at: str | None) -> list[tuple[str, int | None]]:
    """Tables, each with the snapshot to look at; None is the one of now."""
    if table is not None:
        return [(table, snapshot_at(client, table, at))]
    tables = client.tables() if at is None else client.past.tables(at)
    return [(each.table, None if at is None else each.snapshot_id) for each in tables]


def _tell(session: Session, health: Health, *, whole: bool) -> None:
    if session.as_json:
        session.out.json_line(HEALTH.of(health))
        return
    shown = [each for each in health.symptoms if whole or each.state in (FindingState.WARN, FindingState.FAIL)]
    session.out.line(glyph(health.state), " ", Cell(health.table, Style.BOLD if shown else Style.PLAIN))
    for symptom in shown:
        _symptom(session, symptom)


def _symptom(session: Session, symptom: Symptom) -> None:
    state = face(symptom.state)
    session.out.line("  ", Cell(f"{state.text:<7}", state.style), f" {symptom.check:<{_NAME_CELLS}} {symptom.detail}")
    if symptom.effect or symptom.fix:
        session.out.line(
            " " * 10, Cell(f"{symptom.fix}  " if symptom.fix else "", Style.ID), Cell(symptom.effect, Style.DIM)
        )
