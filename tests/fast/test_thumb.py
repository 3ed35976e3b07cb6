"""Where the thumb of a scroll bar lies, by Textual's own drawing of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.scrollbar import ScrollBarRender

from floe_bench.tui.panes.thumb import thumb


def drawn(lines: int, window: int, position: float) -> list[str]:
    bar = ScrollBarRender.render_bar(size=window, virtual_size=lines, window_size=window, position=position)
    return [f"{each.text}{each.style}" for each in bar.segments if isinstance(each, Segment)]


@given(st.integers(2, 5_000), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_a_thumb_that_lies_the_same_is_drawn_the_same(lines: int, window: int, first: float, second: float) -> None:
    if window >= lines:
        assert thumb(lines, window, 0) == (0, 0)
        return
    one, other = (int(share * (lines - window) * 8) / 8 for share in (first, second))
    if thumb(lines, window, one) == thumb(lines, window, other):
        assert drawn(lines, window, one) == drawn(lines, window, other)
