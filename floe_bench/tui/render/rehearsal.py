"""A rehearsal as lines: what publishing each of its tables would change."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.tui.render import unit
from floe_bench.tui.render.diff import diff_lines
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean, cut


def title_of(found: Rehearsal) -> str:
    return f"Rehearsal {found.rehearsal_id[:4]}: {unit.plural(len(found.tables), 'table')}"


def obstacle(found: Rehearsal) -> str:
    """Why it cannot be published; empty when it can."""
    if found.state is RehearsalState.FAILED:
        return "its run failed, so it is not published"
    behind = next((table.table for table in found.tables if table.behind), None)
    if behind is not None:
        return f"somebody wrote to {behind} since: rehearse it again"
    return "" if found.tables else "it wrote no table"


def rehearsal_lines(found: Rehearsal, diffs: Sequence[RehearsedDiff], width: int) -> Sequence[Line]:
    why = obstacle(found)
    words = cut(clean(found.request.select or "everything"), max(width - 20, 8))
    lines = [Line((Span("rehearsed  ", Tone.SOFT), Span(words)))]
    if why:
        lines.append(Line((Span("! ", Tone.WARN), Span(cut(clean(why), max(width - 2, 8)), Tone.WARN))))
    for each in diffs:
        lines += [BLANK, _head(each.table, width), *diff_lines(each.diff, None, width)]
    return lines


def _head(table: Rehearsed, width: int) -> Line:
    said = "  new; to others it reads as empty" if table.new else "  main moved since" if table.behind else ""
    return Line((
        Span(cut(clean(table.table), max(width - len(said), 8)), Tone.TEXT, bold=True),
        Span(said, Tone.WARN),
    ))  # fmt: skip


def notes(found: Rehearsal) -> Sequence[Line]:
    how = "all tables or none, undone like a run" if not obstacle(found) else "nothing is published"
    return (BLANK, Line((Span(f"  others see main as it is; {how}", Tone.FAINT),)))
