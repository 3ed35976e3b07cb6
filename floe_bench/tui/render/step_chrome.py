"""The footer of the step screen: the question that waits, the notice, or the keys that work now."""

from __future__ import annotations

from floe_bench.state import BenchState
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.text import Line, Span, Tone, width_of
from floe_bench.tui.step_actions import STEP_ACTIONS, StepAction
from floe_bench.tui.view import View


def footer(state: BenchState, view: View, width: int) -> Line:
    said = said_line(view, width)
    return said if said is not None else Line(_keys(state, view, width))


def _keys(state: BenchState, view: View, width: int) -> tuple[Span, ...]:
    dead = {action.name for action in STEP_ACTIONS if action.disabled_reason(state, view.stepping)}
    room, kept = width, set[str]()
    for action in sorted((each for each in STEP_ACTIONS if each.rank), key=lambda each: (each.name in dead, each.rank)):
        need = width_of(_key(action, lit=True))
        if need <= room:
            kept.add(action.name)
            room -= need
    return tuple(
        span for action in STEP_ACTIONS if action.name in kept for span in _key(action, lit=action.name not in dead)
    )


def _key(action: StepAction, *, lit: bool) -> tuple[Span, ...]:
    tone = Tone.BADGE if lit else Tone.FAINT
    return Span(f" {action.key} ", tone, bold=lit), Span(f" {action.label}  ", Tone.TEXT if lit else Tone.FAINT)
