"""Borders that are dragged with the mouse."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from stage import NARROW, WIDE, Stage, playing, stage
from test_bench_desk import playing_in, root
from textual import events
from textual.geometry import Offset, Region

from floe_bench.tui.desk import allowed, read_desk
from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.seam import DRAWER_SEAM, Layout, dragged, seam_at
from floe_bench.tui.view import SHARES_DEFAULT, Shares

__all__ = ["root"]
LAYOUT = Layout(
    Region(0, 1, 140, 38), (Region(0, 1, 40, 25), Region(41, 1, 48, 25), Region(90, 1, 50, 25)), Region(0, 26, 140, 13)
)


async def drag(bench: Stage, start: Offset, *along: Offset) -> None:
    """Press, move with the button held, let go."""
    pilot = bench.pilot
    await pilot.mouse_down(offset=start)
    for place in along:
        await pilot._post_mouse_events([events.MouseMove], offset=place, button=1)
    await pilot.mouse_up(offset=along[-1])
    await pilot.pause()


async def test_the_border_between_two_panes_follows_the_mouse_and_is_kept_for_the_project(root: Path) -> None:
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        assets, runs, snapshots = (bench.bench.query_one(name) for name in ("AssetsPane", "RunsPane", "SnapshotsPane"))
        third = snapshots.region
        edge = Offset(assets.region.right - 1, 10)
        await drag(bench, edge, edge + Offset(4, 0), edge + Offset(9, 1))
        await bench.until(lambda: assets.region.right == edge.x + 9)
        assert runs.region.x == edge.x + 10 and snapshots.region == third
        await bench.until(lambda: read_desk(root / ".floe-bench" / "ui.json").shares == bench.app.view.shares)
        assert bench.app.view.shares != SHARES_DEFAULT


async def test_the_border_above_the_drawer_follows_the_mouse() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        drawer = bench.bench.query_one(Drawer)
        seam = Offset(100, drawer.region.y)
        await drag(bench, seam, seam - Offset(0, 6))
        await bench.until(lambda: abs(drawer.region.y - (seam.y - 6)) <= 1)


async def test_moving_the_mouse_without_the_button_and_dragging_elsewhere_move_nothing() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        pane = bench.bench.query_one("AssetsPane")
        edge = Offset(pane.region.right - 1, 10)
        await bench.pilot.mouse_down(offset=edge)
        await bench.pilot.hover(offset=edge + Offset(9, 0))
        await drag(bench, Offset(5, 5), Offset(30, 5))
        assert bench.app.view.shares == SHARES_DEFAULT


async def test_a_click_on_the_name_of_a_tab_still_shows_it() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        drawer = bench.bench.query_one(Drawer).region
        await bench.pilot.click(offset=Offset(drawer.x + 12, drawer.y))
        await bench.until(lambda: bench.app.view.tab == "sql")


async def test_one_pane_that_fills_the_screen_has_no_border_to_drag() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        await drag(bench, Offset(79, 10), Offset(40, 10))
        assert bench.app.view.shares == SHARES_DEFAULT


@given(st.integers(-5, 160), st.integers(-5, 60), st.sampled_from([0, 1, DRAWER_SEAM]))
def test_wherever_it_is_dragged_to_every_part_stays_large_enough(x: int, y: int, seam: int) -> None:
    shares: Shares = (40, 48, 50, 34)
    found = dragged(LAYOUT, seam, shares, x, y)
    assert allowed(found, otherwise=(0, 0, 0, 0)) == found
    assert sum(found[:3]) == sum(shares[:3])


def test_what_can_be_taken_hold_of_is_the_borders_and_nothing_else() -> None:
    held = {(x, y) for x in range(WIDE[0]) for y in range(WIDE[1]) if seam_at(LAYOUT, x, y) is not None}
    upright = {(x, y) for x in (39, 40, 41, 88, 89, 90) for y in range(1, 26)}
    assert held == upright | {(x, y) for x in range(WIDE[0]) for y in (25, 26)}
