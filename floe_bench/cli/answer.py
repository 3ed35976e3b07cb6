"""Rows on stdout: a table, CSV or JSON."""

from __future__ import annotations

from floe_bench.cli.noun import QUERY_ANSWER
from floe_bench.cli.output import Cell, Column, Style, encoded
from floe_bench.cli.session import Session
from floe_bench.cli.text import plural
from floe_bench.errors import UsageError
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.command import to_type

_NUMBERS = ("int", "decimal", "numeric", "double", "float", "real", "long", "hugeint", "bigint", "smallint", "tinyint")


def refuse_both(session: Session, *, as_csv: bool, command: str) -> None:
    """Raises UsageError."""
    if as_csv and session.as_json:
        raise UsageError("--csv and --json exclude each other", remedy=to_type(command, "--help"))


def write_answer(session: Session, answer: QueryAnswer, *, as_csv: bool) -> None:
    if session.as_json:
        session.out.json(QUERY_ANSWER.of(answer))
    elif as_csv:
        _write_csv(session, answer)
    else:
        _show(session, answer)
    if answer.truncated:
        session.say(f"only the first {len(answer.rows):,} rows; more: --limit N")


def _write_csv(session: Session, answer: QueryAnswer) -> None:
    import csv

    writer = csv.writer(session.out.stream, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([["" if value is None else _told(value) for value in row] for row in answer.rows])


def _show(session: Session, answer: QueryAnswer) -> None:
    if answer.plan:
        for line in answer.plan.splitlines():
            session.out.line(line)
        return
    types = answer.types or ("",) * len(answer.columns)
    session.out.table(
        [
            Column(name, right=kind.lower().startswith(_NUMBERS), elastic=True, kept=True)
            for name, kind in zip(answer.columns, types, strict=True)
        ],
        [[_cell(value) for value in row] for row in answer.rows],
    )
    session.say(f"{plural(len(answer.rows), 'row')} in {answer.duration_s:.2f} s")


def _cell(value: object) -> Cell:
    return Cell("null", Style.DIM) if value is None else Cell(_told(value))


def _told(value: object) -> str:
    return encoded(value) if isinstance(value, bool | list | dict) else str(value)
