"""Changes of a table: the plan is shown, then asked about, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import click

from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Shape
from floe_bench.errors import Cancelled, UsageError

Plan = TypeVar("Plan")
Done = TypeVar("Done")
_AGES = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_Command = Callable[..., int]


def change_options(command: _Command) -> _Command:
    """--dry-run and --yes."""
    command = click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)
    return click.option("--dry-run", is_flag=True, help="Only say what would be done.")(command)


def carry_out(
    session: Session,
    plan: Plan,
    apply: Callable[[Plan], Done],
    *,
    shapes: tuple[Shape, Shape],
    show: Callable[[Plan], None],
    tell: Callable[[Done], None],
    question: str,
    dry_run: bool,
    yes: bool,
) -> int:
    """As JSON: the plan, and what was done, null if nothing was. Without a ``question`` there is nothing to do.

    Raises UsageError where it cannot ask, Cancelled for a no.
    """
    if not session.as_json:
        show(plan)
    done = None
    if question and not dry_run:
        _agree(session, question, yes=yes)
        done = apply(plan)
    if session.as_json:
        session.out.json({"plan": shapes[0].of(plan), "done": None if done is None else shapes[1].of(done)})
    elif done is None:
        session.say("nothing was changed")
    else:
        tell(done)
    return 0


def _agree(session: Session, question: str, *, yes: bool) -> None:
    if yes:
        return
    if not session.terminal.interactive or session.as_json:
        raise UsageError("this asks first, and cannot ask here", remedy="the same with --yes, or --dry-run")
    if not click.confirm(question, default=False, err=True):
        raise Cancelled("nothing was changed")


def warn(session: Session, text: str) -> None:
    session.out.line(Cell(f"! {text}", Style.WARN))


def seconds(typed: str) -> int:
    """``90s``, ``30m``, ``12h``, ``5d`` or ``2w``. Raises UsageError."""
    number, unit = typed[:-1], typed[-1:]
    if unit not in _AGES or not number.isdecimal():
        raise UsageError(f"'{typed}' is no age", remedy="write 30m, 12h, 5d or 2w")
    return int(number) * _AGES[unit]


def before(typed: str | None, now: datetime) -> datetime | None:
    """An age, or a point in time; without a zone it is the user's own. Raises UsageError."""
    if typed is None:
        return None
    if typed[-1:] in _AGES and typed[:-1].isdecimal():
        return now - timedelta(seconds=seconds(typed))
    try:
        return datetime.fromisoformat(typed).astimezone()
    except ValueError as error:
        raise UsageError(f"'{typed}' is neither an age nor a time", remedy="write 12h, 5d, or 2026-01-31") from error
