"""Bars of time: how far something is, and where it lay in its run."""

from __future__ import annotations

from floe_bench.tui.render.text import Span, Tone

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def progress(done: float, width: int, tone: Tone = Tone.RUN) -> tuple[Span, Span]:
    """``done`` from 0 to 1; what is left is a thin line, so that it reads without colour."""
    full = round(min(max(done, 0.0), 1.0) * width)
    return Span("█" * full, tone), Span("▁" * (width - full), Tone.FAINT)


def lane(start: float, length: float, width: int, tone: Tone) -> tuple[Span, Span, Span]:
    """A bar at its place in a lane; ``start`` and ``length`` are parts of the whole."""
    first = min(int(start * width), width - 1)
    eighths = max(1, round(min(length, 1.0 - start) * width * 8))
    full, rest = divmod(min(eighths, (width - first) * 8), 8)
    bar = "█" * full + (_EIGHTHS[rest] if rest else "")
    return Span(" " * first), Span(bar, tone), Span(" " * (width - first - len(bar)))
