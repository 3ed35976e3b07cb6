"""What is painted when, and that nothing which waits to be painted is forgotten over it."""

from __future__ import annotations

from typing import Any

import pytest
from stage import playing, stage

from floe_bench.tui.app import BenchApp
from floe_bench.tui.panes.assets import AssetsPane
from floe_bench.tui.panes.chrome import Footer


async def test_a_cursor_is_painted_with_its_key_and_the_others_that_wait_are_painted_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painted: list[Any] = []
    display = BenchApp._display

    def note(app: BenchApp, screen: Any, renderable: Any) -> None:
        painted.append(renderable)
        display(app, screen, renderable)

    monkeypatch.setattr(BenchApp, "_display", note)
    async with stage(playing()) as bench:
        await bench.settled()
        lines, footer = bench.bench.query_one(AssetsPane).lines, bench.bench.query_one(Footer)
        bench.bench._dirty_widgets.add(footer)
        painted.clear()
        lines.action_move(1)
        assert len(painted) == 1 and painted[0] is not None
        assert footer in bench.bench._dirty_widgets
        bench.bench._dirty_widgets.clear()
        painted.clear()
        bench.bench._layout_required = True
        lines.action_move(-1)
        assert painted == [], "what has no place yet is left to the frame that lays it out"
