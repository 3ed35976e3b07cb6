"""The keys of a screen that has actions of its own, as its footer: those that work now first, as many as fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from floe_bench.tui.render.text import Span, Tone, width_of


class Keyed(Protocol):
    """An action with a key. ``rank``: the lower, the longer its key stays in a narrow footer; 0 is never shown."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def rank(self) -> int: ...


def key_row(actions: Sequence[Keyed], dead: Collection[str], width: int) -> tuple[Span, ...]:
    """In the order of ``actions``; ``dead`` are the names of those that do nothing now, drawn faint."""
    room, kept = width, set[str]()
    for action in sorted((each for each in actions if each.rank), key=lambda each: (each.name in dead, each.rank)):
        need = width_of(_key(action, lit=True))
        if need <= room:
            kept.add(action.name)
            room -= need
    return tuple(
        span for action in actions if action.name in kept for span in _key(action, lit=action.name not in dead)
    )


def _key(action: Keyed, *, lit: bool) -> tuple[Span, ...]:
    tone = Tone.BADGE if lit else Tone.FAINT
    return Span(f" {action.key} ", tone, bold=lit), Span(f" {action.label}  ", Tone.TEXT if lit else Tone.FAINT)
