"""What a pane says when it has nothing to list: what is missing, and the key or command that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.tui.render import unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean, wrap
from floe_bench.tui.view import Trouble


def loading(what: str, spent_s: float = 0.0) -> Sequence[Line]:
    """``spent_s`` is said once somebody may wonder."""
    took = (Span(f"  {unit.seconds(spent_s)}", Tone.FAINT),) if spent_s >= 1 else ()
    return (BLANK, Line((Span("◐ ", Tone.WARN), Span(f"{clean(what)} …", Tone.SOFT), *took)))


def empty(what: str, *hints: tuple[str, str], width: int = 60) -> Sequence[Line]:
    """``hints`` are (key, what it does)."""
    lines = [BLANK, *(Line((Span(each, Tone.SOFT),)) for each in wrap(what, max(width, 16)))]
    if hints:
        lines.append(BLANK)
    lines += [Line((Span(key, Tone.LIT, bold=True), Span(f"  {does}", Tone.FAINT))) for key, does in hints]
    return tuple(lines)


def broken(trouble: Trouble, width: int, *, retry: str = "") -> Sequence[Line]:
    """The message in full, where it happened, and the next command to type."""
    message = wrap(trouble.message, max(width - 2, 20))
    lines = [BLANK, Line((Span("✗ ", Tone.BAD), Span(message[0], Tone.TEXT)))]
    lines += [Line((Span(f"  {each}", Tone.TEXT),)) for each in message[1:12]]
    if trouble.where:
        lines.append(Line((Span(f"  {clean(trouble.where)}", Tone.SOFT),)))
    if trouble.remedy:
        lines.append(BLANK)
        lines += [
            Line((Span("→ " if index == 0 else "  ", Tone.LIT), Span(each, Tone.LIT)))
            for index, each in enumerate(wrap(trouble.remedy, max(width - 2, 20)))
        ]
    if retry:
        lines += [BLANK, Line((Span("r", Tone.LIT, bold=True), Span(f"  {retry}", Tone.FAINT)))]
    return tuple(lines)
