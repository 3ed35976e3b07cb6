"""The app, on a project."""

from __future__ import annotations

import os
from pathlib import Path

import click

from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb, plain_option
from floe_bench.errors import NoProject, UsageError

_DEMO_FOLDER = "floe-demo"


@click.command("open", cls=Verb, hidden=True, examples=[("floe-bench shop", "open the project in the folder shop")])
@click.argument("path", type=click.Path(path_type=Path))
@plain_option
@click.pass_obj
def command(session: Session, path: Path) -> int:
    """Open the project of a folder in the app."""
    session.open(path)
    return open_app(session)


def open_app(session: Session) -> int:
    """Raises UsageError where no terminal is; offers the demo where no project is."""
    if session.plain:
        return _converse(session)
    if not session.terminal.interactive or session.as_json:
        raise UsageError(
            "floe-bench without a command opens the app, and the app needs a terminal",
            remedy="floe-bench status, floe-bench assets, floe-bench run, or floe-bench --help for all commands",
        )
    try:
        project = session.project
    except NoProject as error:
        if session.path is not None:
            raise
        _offer_demo(session, error)
        project = session.project
    if session.colourless:
        os.environ["NO_COLOR"] = "1"  # what Textual asks
    session.say(f"opening {project.name}")
    return session.doors.app(session.connect, session.settings.theme, session.choose_stack)


def _converse(session: Session) -> int:
    from floe_bench.cli.main import run
    from floe_bench.cli.plain import converse, lines_only

    session.draw_with(lines_only(session.terminal))
    here = ["--project", str(session.project.root), "--stack", session.settings.stack]
    return converse(
        session,
        lambda words: run([*words, *here], doors=session.doors, environ=session.environ, terminal=session.terminal),
    )


def _offer_demo(session: Session, error: NoProject) -> None:
    from floe_bench.cli.demo_folder import prepare

    session.say(error.message)
    if not click.confirm("Open the bundled demo instead?", default=True, err=True):
        raise error
    typed = click.prompt("Folder for it", default=_DEMO_FOLDER, err=True)
    session.open(prepare(Path(typed)))
