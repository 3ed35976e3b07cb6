"""A file that a statement would become, before it is written."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.model.saving import ModelPlan
from floe_bench.tui.render.code import code_lines
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean, wrap


def plan_lines(plan: ModelPlan, width: int) -> Sequence[Line]:
    lines = [Line((Span(clean(each), Tone.SOFT),)) for each in wrap(plan.path, width)]
    lines.append(Line((Span("A new file, and nothing else: deleting it takes this back.", Tone.FAINT),)))
    for note in plan.notes:
        lines += [Line((Span(("! " if at == 0 else "  ") + each, Tone.WARN),)) for at, each in _told(note, width)]
    lines += [BLANK, *code_lines(plan.text, "sql+jinja", width)]
    return lines


def _told(note: str, width: int) -> enumerate[str]:
    return enumerate(wrap(note, max(width - 2, 20)))
