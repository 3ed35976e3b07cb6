"""Says which size is needed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.render.text import BLANK, Line, Span, Tone


class TooSmall(Widget):
    def __init__(self, least: tuple[int, int]) -> None:
        super().__init__()
        self._least = least

    def compose(self) -> ComposeResult:
        yield LineView()

    def on_resize(self) -> None:
        if not self.children:
            return
        width, height = self.app.size
        self.query_one(LineView).show((
            Line((Span("floe-bench needs more room", Tone.TEXT, bold=True),)),
            BLANK,
            _size("here", width, height, self._least),
            Line((Span(f"needed {self._least[0]} x {self._least[1]}", Tone.SOFT),)),
            BLANK,
            Line((Span("q", Tone.LIT, bold=True), Span("  quit", Tone.SOFT))),
        ))  # fmt: skip


def _size(said: str, width: int, height: int, least: tuple[int, int]) -> Line:
    tones = [Tone.OK if have >= need else Tone.BAD for have, need in zip((width, height), least, strict=True)]
    return Line(
        (
            Span(f"{said:<6} ", Tone.SOFT),
            Span(str(width), tones[0]),
            Span(" x ", Tone.SOFT),
            Span(str(height), tones[1]),
        )
    )
