"""Rehearsals as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.cli.diff_report import show_diff
from floe_bench.cli.noun import DIFF
from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import iso, plural
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff

_STYLES = {
    RehearsalState.READY: Style.GOOD,
    RehearsalState.PUBLISHED: Style.GOOD,
    RehearsalState.FAILED: Style.BAD,
    RehearsalState.DISCARDED: Style.DIM,
}

REHEARSED = Shape(
    "table",
    Field("table", "full name, as namespace.name"),
    Field("asset", "asset that it belongs to; null for stored failures of a test"),
    Field("base", "snapshot that main has; null when it has none"),
    Field("head", "snapshot that its branch has"),
    Field("behind", "somebody wrote to main since: it cannot be published"),
    Field("new", "the rehearsal made it; to others it reads as empty"),
)
REHEARSAL = Shape(
    "rehearsal",
    Field("rehearsal_id", "names it in the other commands"),
    Field("run_id", "its run"),
    Field("at", "when it was started", lambda found: iso(found.at)),
    Field("state", "running, ready, failed, publishing, published, discarding or discarded", lambda f: str(f.state)),
    Field("branch", "name of the branch of each table"),
    Field("tables", "list of its tables, parents before children; empty in a list", lambda found: _tables(found)),
    Field("note", "how the last command ended, where that is worth a word"),
)
REHEARSED_DIFF = Shape(
    "rehearsed diff",
    Field("table", "{table, asset, base, head, behind, new}", lambda found: REHEARSED.of(found.table)),
    Field("diff", "main as it is now against the branch", lambda found: DIFF.of(found.diff)),
)


def _tables(found: Rehearsal) -> list[dict[str, object]]:
    return [REHEARSED.of(each) for each in found.tables]


def show(out: Output, found: Rehearsal) -> None:
    _headline(out, found)
    if not found.tables:
        return
    short = out.ids([each for table in found.tables for each in (table.base, table.head)])
    out.table(
        (Column("table", elastic=True), Column("main"), Column(" "), Column("branch"), Column("", elastic=True)),
        [
            (
                table.table,
                Cell("nothing" if table.new else short(table.base) or "nothing", Style.ID),
                Cell("→", Style.DIM),
                Cell(short(table.head), Style.ID),
                Cell("! somebody wrote to it since", Style.WARN) if table.behind and not found.state.over else "",
            )
            for table in found.tables
        ],
    )


def show_list(out: Output, found: Sequence[Rehearsal]) -> None:
    if not found:
        out.line(Cell("nothing was rehearsed yet", Style.DIM))
        return
    out.table(
        (
            Column("rehearsal"),
            Column("at"),
            Column("state"),
            Column("selection", elastic=True),
            Column("", elastic=True),
        ),
        [
            (
                Cell(each.rehearsal_id, Style.ID),
                Cell(iso(each.at) or "", Style.DIM),
                Cell(each.state.value, _STYLES.get(each.state, Style.WARN)),
                each.request.select or "everything",
                Cell(each.note, Style.DIM),
            )
            for each in found
        ],
    )


def show_diffs(out: Output, found: Sequence[RehearsedDiff]) -> None:
    if not found:
        out.line(Cell("it wrote no table", Style.DIM))
    for place, each in enumerate(found):
        if place:
            out.line()
        show_diff(out, each.diff)
        for words in _remarks(each.table):
            out.line(Cell(words, Style.WARN))


def _remarks(table: Rehearsed) -> list[str]:
    found = ["the rehearsal made this table: to others it reads as empty"] if table.new else []
    return [*found, *(["! somebody wrote to main since: their rows are in this diff too"] if table.behind else [])]


def _headline(out: Output, found: Rehearsal) -> None:
    about = f"  {plural(len(found.tables), 'table')} on branch {found.branch}" if found.tables else ""
    about = "" if found.state.over else about
    state = Cell(found.state.value, _STYLES.get(found.state, Style.WARN))
    note = Cell(f"  {found.note}", Style.DIM) if found.note else ""
    out.line("rehearsal ", Cell(found.rehearsal_id, Style.ID), "  ", state, Cell(about, Style.DIM), note)
