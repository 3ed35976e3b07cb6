"""A run on branches, to be published or thrown away."""

from __future__ import annotations

from collections.abc import Callable

import click

from floe_bench.cli.follow import follow
from floe_bench.cli.lookup import complete_asset, completing
from floe_bench.cli.noun import DIFF
from floe_bench.cli.rehearsal_report import REHEARSAL, REHEARSED, REHEARSED_DIFF, show, show_diffs, show_list
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb, VerbGroup
from floe_bench.errors import Cancelled, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.rehearsal import Rehearsal, RehearsalState
from floe_bench.model.run import RunRequest

_complete = completing(lambda client: [each.rehearsal_id for each in client.rehearsing.rehearsals()])
_ID = click.argument("rehearsal_id", metavar="[REHEARSAL]", required=False, default="", shell_complete=_complete)
_YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.group(
    "rehearse",
    cls=VerbGroup,
    examples=[
        ("floe-bench rehearse start --select +orders", "run it on a branch of every table that it writes"),
        ("floe-bench rehearse diff", "see what publishing would change"),
        ("floe-bench rehearse publish", "make the branches main, all or none"),
        ("floe-bench rehearse discard", "throw them away"),
    ],
)
def command() -> None:
    """Run assets where nobody sees it, look, then publish all of it or nothing.

    Every table that the run writes gets a branch; what reads it inside of the rehearsal sees the branch, everybody else
    main as it is. REHEARSAL is the start of its id; the newest one that is not over by default.
    """


def _verb(
    name: str, *, examples: list[tuple[str, str]], many: bool = False
) -> Callable[[Callable[..., int]], click.Command]:
    form = "a list of" if many else "one object"
    return command.command(name, cls=Verb, json_form=form, shapes=[REHEARSAL, REHEARSED], examples=examples)


@command.command(
    "start",
    cls=Verb,
    json_form="one object a line, as `run`, and last the",
    shapes=[REHEARSAL, REHEARSED],
    examples=[
        ("floe-bench rehearse start", "rehearse everything"),
        ("floe-bench rehearse start --select state:modified+", "only what was edited, and what is made from it"),
    ],
)
@click.option("-s", "--select", metavar="S", shell_complete=complete_asset, help="What, in dbt's selection syntax.")
@click.option("--exclude", metavar="S", shell_complete=complete_asset, help="What not, in dbt's selection syntax.")
@click.option("--full-refresh", is_flag=True, help="Rebuild incremental models.")
@click.option("--vars", "variables", metavar="YAML", help="Variables for dbt, as YAML or JSON.")
@click.pass_obj
def start(session: Session, select: str | None, exclude: str | None, full_refresh: bool, variables: str | None) -> int:
    """Run on branches, follow the run, and say which tables it wrote.

    Python assets are left out: their writer knows no branch. Exit 0 when the run went well and can be published.
    """
    request = RunRequest(select, exclude, full_refresh, "cli", variables)
    with session.bench() as client:
        begun = client.rehearsing.start(request)
        follow(session, client, run_id=begun.run_id)
        found = client.rehearsing.status(begun.rehearsal_id)
        kept = client.status().kept
    if session.as_json:
        session.out.json_line(REHEARSAL.of(found))
    else:
        show(session.out, found)
    if not session.as_json and not kept:
        session.say("each command starts the lakehouse again, unless it stays up: floe-bench up")
    return 0 if found.state is RehearsalState.READY else 1


@_verb("status", examples=[("floe-bench rehearse status", "see what it wrote, and whether main moved since")])
@_ID
@click.pass_obj
def status(session: Session, rehearsal_id: str) -> int:
    """Say how it stands, with its tables."""
    with session.bench() as client:
        _answer(session, client.rehearsing.status(rehearsal_id))
    return 0


@_verb("list", examples=[("floe-bench rehearse list", "see what was rehearsed")], many=True)
@click.pass_obj
def list_(session: Session) -> int:
    """List rehearsals, newest first."""
    with session.bench() as client:
        found = client.rehearsing.rehearsals()
    if session.as_json:
        session.out.json([REHEARSAL.of(each) for each in found])
    else:
        show_list(session.out, found)
    return 0


@command.command(
    "diff",
    cls=Verb,
    json_form="a list of",
    shapes=[REHEARSED_DIFF, REHEARSED, DIFF],
    examples=[("floe-bench rehearse diff --limit 3", "see what publishing would change, with three sample rows")],
)
@_ID
@click.option("--limit", type=click.IntRange(min=0), default=5, show_default=True, help="Sample rows of each kind.")
@click.pass_obj
def diff(session: Session, rehearsal_id: str, limit: int) -> int:
    """Compare each branch with main as it is now: schema, rows, files."""
    with session.bench() as client:
        found = client.rehearsing.diff(rehearsal_id, limit)
    if session.as_json:
        session.out.json([REHEARSED_DIFF.of(each) for each in found])
    else:
        show_diffs(session.out, found)
    return 0


@_verb("publish", examples=[("floe-bench rehearse publish --yes", "without being asked")])
@_ID
@_YES
@click.pass_obj
def publish(session: Session, rehearsal_id: str, yes: bool) -> int:
    """Make each branch main: of all tables or of none.

    Refused when somebody wrote to one of the tables since the rehearsal began; their rows stay. Undone like a run:
    undo --run.
    """
    with session.bench() as client:
        found = client.rehearsing.status(rehearsal_id)
        _agree(session, found, "publish", yes=yes)
        done = client.rehearsing.publish(found.rehearsal_id)
    _answer(session, done)
    if not session.as_json:
        session.say(f"take it back: {to_type('undo', '--run', done.run_id[:8])}")
    return 0


@_verb("discard", examples=[("floe-bench rehearse discard --yes", "without being asked")])
@_ID
@_YES
@click.pass_obj
def discard(session: Session, rehearsal_id: str, yes: bool) -> int:
    """Remove its branches with their snapshots, and the tables that it made."""
    with session.bench() as client:
        found = client.rehearsing.status(rehearsal_id)
        _agree(session, found, "discard", yes=yes)
        done = client.rehearsing.discard(found.rehearsal_id)
    _answer(session, done)
    return 0


def _agree(session: Session, found: Rehearsal, word: str, *, yes: bool) -> None:
    """Raises UsageError where it cannot ask, Cancelled for a no."""
    if yes or found.state.over:
        return
    if not session.terminal.interactive or session.as_json:
        raise UsageError(f"{word} moves tables and cannot ask here", remedy=to_type("rehearse", word, "--yes"))
    show(session.out, found)
    if not click.confirm(f"{word.capitalize()} rehearsal {found.rehearsal_id}?", default=False, err=True):
        raise Cancelled("nothing was changed")


def _answer(session: Session, found: Rehearsal) -> None:
    if session.as_json:
        session.out.json(REHEARSAL.of(found))
    else:
        show(session.out, found)
