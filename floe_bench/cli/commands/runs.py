"""Runs, or one of them."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import complete_run, typed_run_id
from floe_bench.cli.noun import RUN, RUN_WITH_NODES, run_duration
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.status import face
from floe_bench.cli.text import age, clock, count, duration
from floe_bench.cli.verb import Verb
from floe_bench.model.run import Run

_COLUMNS = (
    Column("run"),
    Column("status"),
    Column("queued", spare=True),
    Column("age", right=True),
    Column("took", right=True),
    Column("by", spare=True),
    Column("selection", elastic=True),
    Column("error", elastic=True),
)
_NODE_COLUMNS = (
    Column("status"),
    Column("node", elastic=True),
    Column("kind", spare=True),
    Column("rows", right=True),
    Column("took", right=True),
    Column("snapshot"),
    Column("message", elastic=True),
)


@click.command(
    "runs",
    cls=Verb,
    json_form="a list, newest first, of (with RUN_ID: one object, with nodes)",
    shapes=[RUN_WITH_NODES],
    examples=[
        ("floe-bench runs", "see what ran, newest first"),
        ("floe-bench runs 7f3a", "see the nodes of one run, by the start of its id"),
    ],
)
@click.argument("run_id", required=False, shell_complete=complete_run)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Runs at most.")
@click.pass_obj
def command(session: Session, run_id: str | None, limit: int) -> int:
    """List runs, newest first; with RUN_ID show that run and its nodes."""
    with session.bench() as client:
        if run_id is not None:
            _show_one(session, client.run(typed_run_id(run_id)))
        else:
            _show_all(session, client.runs(limit=limit))
    return 0


def _show_all(session: Session, runs: tuple[Run, ...]) -> None:
    if session.as_json:
        session.out.json([RUN.of(run) for run in runs])
        return
    if not runs:
        session.out.line("nothing ran yet; materialize: floe-bench run")
        return
    short = session.out.ids([run.run_id for run in runs])
    session.out.table(_COLUMNS, [_row(session, run, short(run.run_id)) for run in runs])


def _row(session: Session, run: Run, run_id: str) -> tuple[Cell | str, ...]:
    now = session.now()
    error = run.error.splitlines()[0] if run.error else ""
    return (
        Cell(run_id, Style.ID),
        face(run.status),
        Cell(clock(run.queued_at, now), Style.DIM),
        Cell(age(run.queued_at, now), Style.DIM),
        Cell(duration(run_duration(run)), Style.DIM),
        Cell(run.launched_by, Style.DIM),
        run.selection or "everything",
        Cell(error, Style.BAD),
    )


def _show_one(session: Session, run: Run) -> None:
    if session.as_json:
        session.out.json(RUN_WITH_NODES.of(run))
        return
    session.out.table(_COLUMNS, [_row(session, run, run.run_id)])
    if not run.nodes:
        return
    short = session.out.ids([node.snapshot_id for node in run.nodes])
    session.out.line()
    session.out.table(
        _NODE_COLUMNS,
        [
            (
                face(node.status),
                node.name,
                Cell(node.kind, Style.DIM),
                count(node.rows),
                Cell(duration(node.duration_s), Style.DIM),
                Cell(short(node.snapshot_id), Style.ID),
                node.message.splitlines()[0] if node.message else "",
            )
            for node in run.nodes
        ],
    )
