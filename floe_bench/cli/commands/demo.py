"""The bundled demo."""

from __future__ import annotations

from pathlib import Path

import click

from floe_bench.cli.demo_folder import is_demo, prepare
from floe_bench.cli.follow import exit_code, run_and_follow
from floe_bench.cli.report import write_made
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.stream import STREAM
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.command import to_type
from floe_bench.model.run import RunRequest

FOLDER = Path("floe-demo")
ADVANCED = Shape(
    "advance",
    Field("folder", "where the demo is", lambda pair: str(pair[0])),
    Field("changed", "list of what changed, in words", lambda pair: list(pair[1])),
)


@click.command(
    "demo",
    cls=Verb,
    json_form="one object a line, as `run` (with --advance: one object):",
    shapes=(ADVANCED, STREAM[-1]),
    examples=[
        ("floe-bench demo", "copy the demo to ./floe-demo and open it"),
        ("floe-bench demo | cat", "build it without the app and see what was made"),
        ("floe-bench demo --advance", "move its data one day on, to have something to diff"),
    ],
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@click.option("--advance", is_flag=True, help="Move the demo's source data one day on.")
@click.pass_obj
def command(session: Session, folder: Path | None, advance: bool) -> int:
    """Copy the bundled demo project to DIR and open it; nothing is overwritten.

    On a terminal the app opens. Elsewhere, or with --json, everything is materialized and what was made is printed.
    DIR is ./floe-demo by default, or this folder when it is a demo.
    """
    chosen = folder or (Path() if is_demo(Path()) else FOLDER)
    if advance:
        return _advance(session, chosen)
    session.open(prepare(chosen))
    if session.terminal.interactive and not session.as_json:
        return session.doors.app(session.connect, session.settings.theme, session.choose_stack)
    return _materialize(session)


def _advance(session: Session, folder: Path) -> int:
    from floe_bench.core.demo import advance

    if not is_demo(folder):
        raise UsageError(f"there is no demo in {folder}", remedy="floe-bench demo")
    changed = advance(folder)
    if session.as_json:
        session.out.json(ADVANCED.of((folder, changed)))
    else:
        for each in changed:
            session.out.line(each)
        session.say(f"now: {to_type('run', '--project', folder)}")
    return 0


def _materialize(session: Session) -> int:
    with session.bench() as client:
        summary = run_and_follow(session, client, RunRequest(launched_by="cli"))
    if not session.as_json:
        if summary.assets:
            session.out.line()
            write_made(session.out, summary)
        session.say(f"open it: {to_type(session.project.root)}")
    return exit_code(summary)
