"""Plans of undo and redo, as they are told, asked about and carried out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.noun import TAKEN
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import count, iso, plural
from floe_bench.errors import Cancelled, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import SchemaChange
from floe_bench.model.undo import TakeBack, Undo, UndoKind, UndoPlan

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

UNDO = Shape(
    "undo",
    Field("undo_id", "names it in redo; null when it was not applied"),
    Field("plan", "list of tables, parents before children"),
    Field("applied", "the tables were moved"),
)
PAST_UNDO = Shape(
    "undo",
    Field("undo_id", "names it in redo"),
    Field("at", "when", lambda undo: iso(undo.at)),
    Field("state", "undone, redone, dropped (not carried out), or undoing and redoing while it goes on"),
    Field("about", "what was taken back, in words", lambda undo: undo.plan.about),
    Field("note", "how it ended, where that is worth a word"),
    Field("plan", "list of tables, parents before children", lambda undo: _listed(undo.plan)),
)
_COLUMNS = (
    Column("table", elastic=True),
    Column("from"),
    Column(" "),
    Column("to"),
    Column("rows", right=True),
    Column("", right=True),
    Column("lost", right=True),
    Column("regained", right=True),
    Column("columns", elastic=True),
    Column("still read by", elastic=True, spare=True),
)


def carry_out(
    session: Session, client: BenchClient, plan: UndoPlan, *, dry_run: bool, yes: bool, with_others: bool
) -> int:
    """Show, ask, do. Raises UsageError where it cannot ask, Cancelled for a no."""
    if not session.as_json:
        _show(session, plan)
    if dry_run:
        return _answer(session, plan, None)
    _agree(session, plan, yes=yes, with_others=with_others)
    return _answer(session, plan, client.undo.apply(plan))


def show_history(session: Session, undos: tuple[Undo, ...]) -> int:
    if session.as_json:
        session.out.json([PAST_UNDO.of(undo) for undo in undos])
        return 0
    if not undos:
        session.out.line("nothing was undone yet")
        return 0
    session.out.table(
        (Column("undo"), Column("at"), Column("state"), Column("tables", right=True), Column("what", elastic=True)),
        [
            (
                Cell(undo.undo_id, Style.ID),
                Cell(iso(undo.at) or "", Style.DIM),
                str(undo.state),
                count(len(undo.plan.tables)),
                undo.plan.about + (f"; {undo.note}" if undo.note else ""),
            )
            for undo in undos
        ],
    )
    return 0


def _answer(session: Session, plan: UndoPlan, undo: Undo | None) -> int:
    if session.as_json:
        answer = {"undo_id": undo.undo_id if undo else None, "plan": _listed(plan), "applied": undo is not None}
        session.out.json({name: answer[name] for name in UNDO.names})
    elif undo is None:
        session.say("nothing was changed")
    else:
        done = "taken back" if plan.kind is UndoKind.UNDO else "brought forward"
        session.out.line(f"{plural(len(plan.tables), 'table')} {done}, undo ", Cell(undo.undo_id, Style.ID))
        if plan.kind is UndoKind.UNDO:
            session.say(f"bring it back: {to_type('redo', undo.undo_id)}")
    return 0


def _listed(plan: UndoPlan) -> list[dict[str, object]]:
    return [TAKEN.of(table) for table in plan.tables]


def _agree(session: Session, plan: UndoPlan, *, yes: bool, with_others: bool) -> None:
    """The more it takes from somebody else, the more has to be typed."""
    command = to_type(plan.kind)
    if yes and plan.others and not with_others:
        raise UsageError(
            f"this would also take back {plural(len(plan.others), 'commit')} that no run of ours made",
            remedy=f"{command} … --yes --with-others",
        )
    if yes:
        return
    if not session.terminal.interactive or session.as_json:
        raise UsageError(f"{plan.kind} moves tables and cannot ask here", remedy=f"{command} … --yes, or --dry-run")
    if plan.others:
        table = next(table.table for table in plan.tables if table.others)
        agreed = click.prompt(f"Type {table} to lose what somebody else wrote", default="", err=True) == table
    else:
        word = "Take" if plan.kind is UndoKind.UNDO else "Bring"
        agreed = click.confirm(f"{word} {plural(len(plan.tables), 'table')} back?", default=False, err=True)
    if not agreed:
        raise Cancelled("nothing was changed")


def _show(session: Session, plan: UndoPlan) -> None:
    out = session.out
    out.line(Cell(f"{plan.kind.capitalize()} {plan.about}", Style.BOLD))
    out.line()
    short = out.ids(_ids(plan.tables))
    out.table(
        _COLUMNS,
        [
            (
                table.table,
                Cell(short(table.move.before.reads) or "nothing", Style.ID),
                Cell("→", Style.DIM),
                Cell(short(table.move.after.reads) or "nothing", Style.ID),
                f"{_count(table.rows_before)} →",
                count(table.rows_after),
                Cell(f"−{_count(table.rows_lost)}", Style.BAD if table.rows_lost else Style.DIM),
                Cell(f"+{_count(table.rows_regained)}", Style.GOOD if table.rows_regained else Style.DIM),
                Cell(_columns(table.schema), Style.WARN),
                Cell(", ".join(table.readers), Style.DIM),
            )
            for table in plan.tables
        ],
    )
    for table in plan.tables:
        if table.fault:
            said = f"{table.table} cannot be read as it is, so its rows were not compared: {table.fault}"
            out.line(Cell(f"! {said}", Style.WARN))
    for table in plan.tables if plan.typed else ():
        for each in table.typed:
            wrote = f"the SQL screen wrote to {table.table} since: {each.operation} {short(each.snapshot_id)}"
            out.line(Cell(f"! {wrote}; that is taken back", Style.WARN))
    for table in plan.tables if plan.others else ():
        for each in table.others:
            mark = f" ({each.written_by})" if each.written_by else ""
            wrote = f"somebody else wrote to {table.table} since: {each.operation} {short(each.snapshot_id)}{mark}"
            out.line(Cell(f"! {wrote}; that is lost too", Style.WARN))
    if len(plan.tables) > 1:
        out.line(Cell("in one commit" if plan.together else "one table after the other", Style.DIM))


def _count(rows: int | None) -> str:
    return "?" if rows is None else count(rows)


def _ids(tables: Iterable[TakeBack]) -> list[int | None]:
    heads = [head.reads for table in tables for head in (table.move.before, table.move.after)]
    passed = (each.snapshot_id for table in tables for each in (*table.typed, *table.others))
    return [*heads, *passed]


def _columns(schema: SchemaChange) -> str:
    told = [f"+{column.name}" for column in schema.added] + [f"−{column.name}" for column in schema.removed]
    return ", ".join([*told, *(f"~{new.name}" for _, new in schema.changed)])
