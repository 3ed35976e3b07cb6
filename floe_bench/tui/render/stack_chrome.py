"""Header and footer of the stack screen: which stack it is and how, and the keys that work there."""

from __future__ import annotations

from floe_bench.state import BenchState
from floe_bench.tui.render import glyph
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.key_row import key_row
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.services import StackView, status_in_view
from floe_bench.tui.stack_actions import STACK_ACTIONS
from floe_bench.tui.view import View


def header(state: BenchState, view: StackView | None, width: int) -> Line:
    spans = [Span(" floe-bench ", Tone.BADGE, bold=True), Span("  "), Span("stack", Tone.SOFT)]
    status = status_in_view(state, view)
    if status is None:
        return Line(tuple(spans))
    mark = glyph.STACK[status.state]
    spans += [Span(" › ", Tone.FAINT), Span(clean(status.stack), bold=True), Span("  ")]
    spans += [mark.span, Span(f" {mark.word}", Tone.SOFT)]
    if status.catalog_uri:
        spans += [Span("  catalog ", Tone.FAINT), Span(clean(status.catalog_uri), Tone.ID)]
    stays = "stays up until floe-bench down " if status.kept else "stops when its last user leaves "
    return Line(tuple(spans), (Span(stays, Tone.SOFT),) if width >= 110 else ())


def footer(state: BenchState, view: View, width: int) -> Line:
    dead = {action.name for action in STACK_ACTIONS if action.disabled_reason(state, view)}
    said = said_line(view, width)
    return said if said is not None else Line(key_row(STACK_ACTIONS, dead, width))
