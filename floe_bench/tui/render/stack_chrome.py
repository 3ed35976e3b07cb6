"""Header and footer of the stack screen: which stack it is and how, and the keys that work there."""

from __future__ import annotations

from floe_bench.state import BenchState
from floe_bench.tui.render import glyph
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.text import Line, Span, Tone, clean, width_of
from floe_bench.tui.services import StackView, status_in_view
from floe_bench.tui.stack_actions import STACK_ACTIONS, StackAction
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
    said = said_line(view, width)
    return said if said is not None else Line(_keys(state, view, width))


def _keys(state: BenchState, view: View, width: int) -> tuple[Span, ...]:
    dead = {action.name for action in STACK_ACTIONS if action.disabled_reason(state, view)}
    room, kept = width, set[str]()
    ranked = (each for each in STACK_ACTIONS if each.rank)
    for action in sorted(ranked, key=lambda each: (each.name in dead, each.rank)):
        need = width_of(_key(action, lit=True))
        if need <= room:
            kept.add(action.name)
            room -= need
    return tuple(
        span for action in STACK_ACTIONS if action.name in kept for span in _key(action, lit=action.name not in dead)
    )


def _key(action: StackAction, *, lit: bool) -> tuple[Span, ...]:
    tone = Tone.BADGE if lit else Tone.FAINT
    return Span(f" {action.key} ", tone, bold=lit), Span(f" {action.label}  ", Tone.TEXT if lit else Tone.FAINT)
