"""Header and footer of the SQL screen: what is asked and what may happen, and the keys that work there."""

from __future__ import annotations

from floe_bench.state import BenchState
from floe_bench.tui.asking import RESULTS, SqlView
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.key_row import key_row
from floe_bench.tui.render.text import Line, Span, Tone, clean, width_of
from floe_bench.tui.sql_actions import SQL_ACTIONS
from floe_bench.tui.view import View


def header(view: SqlView | None, width: int) -> Line:
    """Loud where it is not now, and where rows can be changed."""
    start = (Span(" floe-bench ", Tone.BADGE, bold=True), Span("  "), Span("sql", bold=True))
    if view is None:
        return Line(start)
    if view.at:
        loud = " ◂ in the past: nothing can be written " if width >= 110 else " ◂ in the past "
        moment = (Span("   every table as of ", Tone.FAINT), Span(clean(view.at), Tone.ID), Span("  "))
        return Line((*start, *moment, Span(loud, Tone.ALERT, bold=True)))
    if view.unlocked:
        loud = " ✎ statements can change rows " if width >= 60 else " ✎ writes "
        return Line((*start, Span("   as of now  ", Tone.FAINT), Span(loud, Tone.ALERT, bold=True)))
    only = (Span("reads only ", Tone.SOFT),)
    spans = (*start, Span("   every table as of now", Tone.FAINT))
    return Line(spans, only if width_of((*spans, *only)) < width else ())


def footer(state: BenchState, view: View, width: int) -> Line:
    said = said_line(view, width)
    if said is not None:
        return said
    in_results = view.asking is not None and view.asking.box == RESULTS
    shown = [action for action in SQL_ACTIONS if in_results or not action.plain]
    dead = {action.name for action in shown if action.disabled_reason(state, view)}
    return Line(key_row(shown, dead, width))
