"""Every key of the step screen, from its table."""

from __future__ import annotations

from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render.text import Line, Span, Tone, cell, wrap
from floe_bench.tui.screens.sheet import Sheet
from floe_bench.tui.step_actions import STEP_ACTIONS

_KEYS = 9


class StepHelp(Sheet[None]):
    def show(self) -> None:
        known = facts(self)
        self.label("Keys", "esc back")
        room = max(self.lines.size.width - _KEYS - 5, 30)
        lines: list[Line] = []
        for action in STEP_ACTIONS:
            reason = action.disabled_reason(known.bench_state, known.view.stepping)
            said = [Span(each, Tone.SOFT if reason else Tone.TEXT) for each in wrap(action.help, room)]
            said += [Span(each, Tone.WARN) for each in wrap(f"not now: {reason}", room)] if reason else []
            key = cell(action.key, _KEYS, Tone.FAINT if reason else Tone.LIT, bold=not reason)
            lines.append(Line((key, said[0])))
            lines += [Line((Span(" " * _KEYS), each)) for each in said[1:]]
        self.lines.show([Item(index, line, still=True) for index, line in enumerate(lines)])
