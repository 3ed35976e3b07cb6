"""States as glyph, word and colour: never colour alone."""

from __future__ import annotations

from floe_bench.cli.output import Cell, Style

_FACES: dict[str, tuple[str, Style]] = {
    "never": ("○", Style.DIM),
    "fresh": ("✓", Style.GOOD),
    "stale": ("!", Style.WARN),
    "failed": ("✗", Style.BAD),
    "running": ("▶", Style.ID),
    "external": ("·", Style.DIM),
    "queued": ("○", Style.DIM),
    "cancelling": ("!", Style.WARN),
    "cancelled": ("○", Style.WARN),
    "success": ("✓", Style.GOOD),
    "warned": ("!", Style.WARN),
    "skipped": ("○", Style.DIM),
    "stopped": ("○", Style.DIM),
    "starting": ("▶", Style.ID),
    "ready": ("●", Style.GOOD),
    "stopping": ("!", Style.WARN),
    "ok": ("✓", Style.GOOD),
    "warn": ("!", Style.WARN),
    "fail": ("✗", Style.BAD),
    "skip": ("○", Style.DIM),
}


def face(state: str) -> Cell:
    glyph, style = _FACES.get(state, ("?", Style.PLAIN))
    return Cell(f"{glyph} {state}", style)


def glyph(state: str) -> Cell:
    mark, style = _FACES.get(state, ("?", Style.PLAIN))
    return Cell(mark, style)
