"""The app on a stage: a scripted client, a fixed clock, a fixed size, and waiting without sleeping."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from time import monotonic

import pytest
import shop
from scripted_client import ScriptedClient
from textual.pilot import Pilot
from textual.screen import Screen

from floe_bench.tui import app as module
from floe_bench.tui.app import BenchApp
from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.view import Link

WIDE, NARROW, LARGE = (140, 40), (80, 24), (200, 60)
module._NOTICE_S = 3600.0
"""On a busy machine what is said would be gone before it is looked at."""
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW, LARGE], ids=["wide", "narrow", "large"])


class PicturedApp(BenchApp):
    """Its pictures load no font from anywhere."""

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        svg = super().export_screenshot(title=title, simplify=simplify)
        return re.sub(r"<!--.*?-->|@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def app_on(
    connect: Callable[[], ScriptedClient], *, choose_stack: Callable[[str], None] = lambda stack: None
) -> BenchApp:
    return PicturedApp(connect, choose_stack=choose_stack, clock=lambda: shop.NOW, zone=UTC)


class Stage:
    def __init__(self, pilot: Pilot[None], client: ScriptedClient) -> None:
        assert isinstance(pilot.app, BenchApp)
        self.app, self.pilot, self.client = pilot.app, pilot, client

    @property
    def bench(self) -> Screen[object]:
        """The bench screen, also while help or the palette is over it."""
        return self.app.screen_stack[0]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.until(self._at_rest)

    def _has_told(self) -> bool:
        """Every list that the cursor moved in has said so."""
        return not any(lines._telling for screen in self.app.screen_stack for lines in screen.query(LineList))

    async def until(self, so: Callable[[], object], within_s: float = 60.0) -> None:
        """Wait until ``so`` holds; says what was on the screen when it never does."""
        deadline = monotonic() + within_s
        while not so():
            assert monotonic() < deadline, f"never came to be; view: {self.app.view}\n{self.everything()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def settled(self) -> None:
        """Everything that was told is folded, the snapshots of the shown table are read, and it is drawn."""
        await self.until(lambda: self.app.view.link is not Link.CONNECTING and not len(self.app._inbox))
        await self.until(lambda: self._at_rest() and self._has_read())

    def _at_rest(self) -> bool:
        """No part of the screen has anything left to hear or to draw; one that is about to go hears nothing more."""
        if self.app.view.link is Link.STOPPING:
            return True
        pumps = [self.app, *(part for screen in self.app.screen_stack for part in (screen, *screen.query("*")))]
        heard = not any(pump.message_queue_size or pump._next_callbacks for pump in pumps)
        return heard and self._has_told() and not (self.app.screen._dirty_widgets or self.app.screen._layout_required)

    def _has_read(self) -> bool:
        view, state = self.app.view, self.app.bench_state
        if view.reading is not None or self.app._snapshot_reader.waits:
            return False
        known = view.table is None or state.tables is None or view.table not in state.tables
        return known or view.table in state.snapshots or view.unread is not None

    async def select(self, asset: str) -> None:
        pane = self.bench.query_one("AssetsPane", Pane)
        pane.lines.put_cursor(asset)
        await self.until(lambda: self.app.view.selection.assets == (asset,))
        await self.settled()

    def pane(self, name: str) -> str:
        return text_of(self.bench.query_one(name, Pane).lines)

    def detail(self, name: str) -> str:
        return text_of(self.bench.query_one(name, Pane).query_one(LineView))

    def drawer(self) -> str:
        lines = self.bench.query_one(Drawer).lines
        return text_of(lines) if lines is not None else ""

    def line(self, name: str) -> str:
        """Of Header, TabLine, Footer or BootPane."""
        return text_of(self.bench.query_one(name).query_one(LineView))

    def marked(self, name: str) -> list[str]:
        """Lines of a pane that belong to the selection."""
        return [line[2:].strip() for line in self.pane(name).splitlines() if line.startswith("▌")]

    def everything(self) -> str:
        return "\n".join(text_of(each) for each in self.app.screen.query("LineList, LineView"))


def text_of(widget: LineList | LineView | object) -> str:
    assert isinstance(widget, LineList | LineView)
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height)).rstrip()


@asynccontextmanager
async def stage(
    client: ScriptedClient, *, size: tuple[int, int] = WIDE, connect: Callable[[], ScriptedClient] | None = None
) -> AsyncIterator[Stage]:
    async with app_on(connect or (lambda: client)).run_test(size=size) as pilot:
        yield Stage(pilot, client)
        client.close()


def playing(*, over: bool = True) -> ScriptedClient:
    """A client with the whole shop."""
    tickets = "staging.stg_support_tickets"
    others = {each.table: shop.snapshots_of(each) for each in shop.assets() if each.table != tickets}
    return ScriptedClient(
        shop.filled(over=over),
        {tickets: shop.snapshots(), **others},
        {each.snapshot_id: shop.diff() for each in shop.snapshots()},
    )
