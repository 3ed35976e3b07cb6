"""Everything the bench keeps, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import count, plural, size
from floe_bench.cli.verb import Verb
from floe_bench.errors import Cancelled, UsageError
from floe_bench.model.stack import StackState

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

DELETED = Shape(
    "reset",
    Field("deleted", "list of what was deleted, in words", lambda found: list(found.deleted)),
    Field("kept", "list of what other stacks of the project need, in words", lambda found: list(found.kept)),
)


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
    """Delete the lakehouse and the run history. The project's own files stay as they are.

    Other stacks of the project keep their data, and while one of them has any, the run history stays with it.
    """
    if not yes and (not session.terminal.interactive or session.as_json):
        raise UsageError("reset deletes data and cannot ask here", remedy="floe-bench reset --yes")
    if not yes:
        _confirm(session)
    # What is deleted need not boot first, and perhaps cannot.
    with session.bench(booted=False) as client:
        found = client.reset()
    if session.as_json:
        session.out.json(DELETED.of(found))
    else:
        for each in found.deleted:
            session.out.line(f"deleted {each}")
        for each in found.kept:
            session.out.line(f"kept {each}")
    return 0


def _confirm(session: Session) -> None:
    with session.running_bench() as client:
        status = client.status() if client else None
        losses = _in_catalog(client) if client and status and status.state is StackState.READY else []
    stack = status.stack if status else session.settings.stack.rstrip("/").rpartition("/")[2]
    folder = session.project.state_dir
    losses.append(_on_disk(folder, stack))
    session.out.line(f"This deletes, for the project {session.project.name} on {stack}:")
    for loss in losses:
        session.out.line(f"  {loss}")
    if others := sorted(each.name for each in folder.glob("stack/*") if each.is_dir() and each.name != stack):
        session.out.line(f"Not {' and '.join(others)}; the run history stays if there are tables.")
    if not click.confirm("Delete all of it?", default=False, err=True):
        raise Cancelled("nothing was deleted")


def _in_catalog(client: BenchClient) -> list[str]:
    tables, runs = client.tables(), client.runs()
    rows = sum(table.rows or 0 for table in tables)
    told = [f"{plural(len(tables), 'table')} with {count(rows)} rows and all their snapshots"]
    return [*told, f"the history of {plural(len(runs), 'run')}"] if runs else told


def _on_disk(folder: Path, stack: str) -> str:
    """Without what other stacks have there."""
    own = [each for each in folder.glob("*") if each.name != "stack"] + [folder / "stack" / stack]
    files = [file for each in own for file in (each.rglob("*") if each.is_dir() else [each])]
    held = sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())
    return f"{size(held)} in {folder}"
