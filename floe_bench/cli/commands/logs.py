"""Log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.log_file import fresh, last_lines
from floe_bench.cli.noun import LOG_LINE
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import clock
from floe_bench.cli.verb import Verb
from floe_bench.errors import EngineError
from floe_bench.events import Logged
from floe_bench.model.answer import LogLine

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_WATCHED, _WATCH_EVERY_S = 500, 0.5
_LEVELS = {"debug": Style.DIM, "warn": Style.WARN, "warning": Style.WARN, "error": Style.BAD}


@click.command(
    "logs",
    cls=Verb,
    json_form="one object a line:",
    shapes=[LOG_LINE],
    examples=[
        ("floe-bench logs --lines 50", "see the last lines of every service"),
        ("floe-bench logs --source stack --follow", "watch the lakehouse"),
        ("floe-bench logs --source 7f3a", "see the log of one run"),
    ],
)
@click.option(
    "--source", default="", metavar="NAME", help="engine, stack, a service, dbt, dagster, or a run id. Default: all."
)
@click.option("--lines", type=click.IntRange(min=0), default=200, show_default=True, help="Lines at most.")
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines until Ctrl-C.")
@click.pass_obj
def command(session: Session, source: str, lines: int, follow: bool) -> int:
    """Print log lines, oldest first. Starts nothing: when nothing runs, from the files of the last time."""
    source = source.rstrip("…")
    with session.running_bench() as client:
        if client is None:
            for old in last_lines(session.project.state_dir / "logs", source, limit=lines):
                _write(session, old)
            session.say("nothing runs; these are the log files of the last time")
            return 0
        if follow and source in {"stack", *(each.service for each in client.status().services)}:
            _watch(session, client, source, lines=lines)
            return 0
        if follow:
            _follow(session, client, source, lines=lines)
            return 0
        shown = client.logs(source=source, lines=lines)
        for line in shown:
            _write(session, line)
        if not shown:
            session.say("no log lines yet")
    return 0


def _watch(session: Session, client: BenchClient, source: str, *, lines: int) -> None:
    """A service's log is no event of the bench: it is read again and again, and so outlives the service's restart."""
    before: tuple[LogLine, ...] = ()
    limit = lines
    try:
        while True:
            now = client.logs(source=source, lines=limit)
            for line in fresh(before, now):
                _write(session, line)
            session.terminal.out.flush()
            before, limit = (*before, *fresh(before, now))[-_WATCHED:], _WATCHED
            session.doors.pause(_WATCH_EVERY_S)
    except EngineError as error:
        session.say(error.message)


def _follow(session: Session, client: BenchClient, source: str, *, lines: int) -> None:
    # The stream is opened before the past is read: a line in between would be lost, and now comes twice.
    stream = client.events()
    opened = next(stream, None)
    past = client.logs(source=source, lines=lines)
    for line in past:
        _write(session, line)
    seen = frozenset(past)
    try:
        for event in stream if opened else ():
            for line in event.lines if isinstance(event, Logged) else ():
                if line not in seen and _wanted(line, source):
                    _write(session, line)
    except EngineError as error:
        session.say(error.message)


def _wanted(line: LogLine, source: str) -> bool:
    return not source or line.source == source or (line.run_id or "").startswith(source)


def _write(session: Session, line: LogLine) -> None:
    if session.as_json:
        session.out.json_line(LOG_LINE.of(line))
        return
    session.out.line(
        Cell(clock(line.at, session.now()), Style.DIM),
        "  ",
        Cell(f"{line.source:<8} ", Style.DIM),
        Cell(line.text, _LEVELS.get(line.level, Style.PLAIN)),
    )
