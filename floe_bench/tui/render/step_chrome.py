"""The footer of the step screen: the question that waits, the notice, or the keys that work now."""

from __future__ import annotations

from floe_bench.state import BenchState
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.key_row import key_row
from floe_bench.tui.render.text import Line
from floe_bench.tui.step_actions import STEP_ACTIONS
from floe_bench.tui.view import View


def footer(state: BenchState, view: View, width: int) -> Line:
    said = said_line(view, width)
    dead = {action.name for action in STEP_ACTIONS if action.disabled_reason(state, view.stepping)}
    return said if said is not None else Line(key_row(STEP_ACTIONS, dead, width))
