"""Everything the bench keeps, deleted."""

from __future__ import annotations

from pathlib import Path

import click

from floe_bench.cli.session import Client, Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import count, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.errors import Cancelled, UsageError
from floe_bench.model.stack import StackState

DELETED = Shape("reset", Field("deleted", "list of what was deleted, in words", list))


@click.command(
    "reset",
    cls=Verb,
    json_form="one object",
    shapes=[DELETED],
    examples=[
        ("floe-bench reset", "see what will be lost, and be asked"),
        ("floe-bench reset --yes && floe-bench run", "start over in a script"),
    ],
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(session: Session, yes: bool) -> int:
    """Delete the lakehouse and the run history. The project's own files stay as they are."""
    if not yes and (not session.terminal.interactive or session.as_json):
        raise UsageError("reset deletes data and cannot ask here", remedy="floe-bench reset --yes")
    if not yes:
        _confirm(session)
    # What is deleted need not boot first, and perhaps cannot.
    with session.bench(booted=False) as client:
        deleted = client.reset()
    if session.as_json:
        session.out.json(DELETED.of(deleted))
    else:
        for each in deleted:
            session.out.line(f"deleted {each}")
    return 0


def _confirm(session: Session) -> None:
    with session.running_bench() as client:
        losses = _in_catalog(client) if client and client.status().state is StackState.READY else []
    losses.append(_on_disk(session.project.state_dir))
    session.out.line(f"This deletes, for the project {session.project.name}:")
    for loss in losses:
        session.out.line(f"  {loss}")
    if not click.confirm("Delete all of it?", default=False, err=True):
        raise Cancelled("nothing was deleted")


def _in_catalog(client: Client) -> list[str]:
    tables, runs = client.tables(), client.runs()
    rows = sum(table.rows or 0 for table in tables)
    told = [f"{plural(len(tables), 'table')} with {count(rows)} rows and all their snapshots"]
    return [*told, f"the history of {plural(len(runs), 'run')}"] if runs else told


def _on_disk(folder: Path) -> str:
    held = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return f"{size(held)} in {folder}"
