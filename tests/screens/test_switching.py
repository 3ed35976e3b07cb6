"""Going from one stack to another: what can be chosen, what happens then, and what came along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from scripted_client import ScriptedClient
from stack_stage import CONTAINERS, tending
from stage import NARROW, WIDE, Stage, app_on, text_of
from test_stack import line, opened
from textual.pilot import Pilot

from floe_bench.errors import StackNotReady
from floe_bench.events import Booted, CarryProgressed
from floe_bench.model.stack import StackStatus
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.carriage import CarriageSheet, CarryingSheet
from floe_bench.tui.screens.stack import StackFooter
from floe_bench.tui.screens.stack_sheet import StackSheet

Compare = Callable[..., bool]
BOTH = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
AT_WORK = CarryProgressed("polaris-minio", "marts.mart_customer_360", 2, 3, 1_200_000)
THERE = replace(CONTAINERS, stack="seaweedfs", kept=False)


class Road:
    """Two engines, one after the other; ``chosen`` is what was told to whoever starts the second."""

    def __init__(self, there: StackStatus = THERE, *, ok: bool = True) -> None:
        self.first, self.second = tending(), tending(there)
        if not ok:
            self.second.replay = [*self.second.replay, Booted(False, 3.0)]
        self.chosen: list[str] = []
        self._engines = [self.first, self.second]

    def connect(self) -> ScriptedClient:
        return self._engines.pop(0)


@asynccontextmanager
async def on(road: Road, *, size: tuple[int, int] = WIDE) -> AsyncIterator[Stage]:
    app = app_on(road.connect, choose_stack=road.chosen.append)
    async with app.run_test(size=size) as pilot:
        yield Stage(pilot, road.first)
        road.first.close()
        road.second.close()


async def asked(found: Stage) -> Stage:
    await opened(found)
    await found.press("S")
    await found.until(lambda: isinstance(found.app.screen, StackSheet))
    return found


async def to_seaweedfs(found: Stage, key: str) -> None:
    await asked(found)
    found.app.screen.query_one(LineList).put_cursor("seaweedfs")
    await found.press(key)


def showing(client: ScriptedClient) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await asked(Stage(pilot, client))

    return run


@BOTH
def test_the_choice_looks_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = tending()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client))


def over_the_bench(sheet: CarryingSheet | CarriageSheet) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Once the bench stands still: where its cursor is by then, when another stack has just booted, nobody can say."""

    async def run(pilot: Pilot[None]) -> None:
        found = Stage(pilot, tending(THERE))
        await found.settled()
        found.app.look(carrying=AT_WORK)
        found.app.push_screen(sheet)
        await found.until(lambda: found.app.screen is sheet)
        await found.settled()

    return run


@BOTH
def test_what_came_along_looks_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = tending(THERE)
    sheet = CarriageSheet(client.carrying.carry("polaris-minio"))
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=over_the_bench(sheet))


@BOTH
def test_tables_on_their_way_look_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client, sheet = tending(THERE), CarryingSheet("polaris-minio", "seaweedfs")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=over_the_bench(sheet))


async def test_one_that_cannot_start_here_says_why_and_cannot_be_chosen() -> None:
    road = Road()
    async with on(road) as found:
        await asked(found)
        said = text_of(found.app.screen.query_one(LineList))
        assert "there is no image of Polaris" in said and "this is it" in said
        sheet = found.app.screen.query_one(LineList)
        assert {item.key for item in sheet.items if not item.still} == {"embedded", "iceberg-rest-minio", "seaweedfs"}


async def test_a_switch_ends_the_engine_and_boots_the_other_stack() -> None:
    road = Road()
    async with on(road) as found:
        await to_seaweedfs(found, "enter")
        await found.until(
            lambda: found.app.bench_state.stack is not None and found.app.bench_state.stack.stack == "seaweedfs"
        )
        await found.settled()
        assert road.chosen == ["seaweedfs"] and road.first.closed.is_set()
        assert isinstance(found.app.screen, BenchScreen)
        assert found.app.bench_state.stack == THERE
        assert road.second.carrying.asked == []


async def test_tables_come_along_where_that_was_chosen_and_what_did_not_come_is_first() -> None:
    road = Road()
    async with on(road) as found:
        await to_seaweedfs(found, "c")
        await found.until(lambda: isinstance(found.app.screen, CarriageSheet))
        said = text_of(found.app.screen.query_one(LineList)).splitlines()
        assert road.second.carrying.asked == ["polaris-minio"]
        assert "Not carried: 3 older snapshots, branches and tags. polaris-minio keeps them." in said[0]
        assert "✗ raw.raw_orders" in said[2] and "and it is left as it is" in said[3]
        assert "500 rows" in said[4]


async def carrying(found: Stage, road: Road) -> None:
    road.second.carrying.stands = True
    road.second.replay = [*road.second.replay, AT_WORK]
    await to_seaweedfs(found, "c")
    await found.until(lambda: isinstance(found.app.screen, CarryingSheet))
    found.app.look(carrying=AT_WORK)
    await found.until(lambda: "rows written" in text_of(found.app.screen.query_one(LineList)))


async def test_esc_ends_it_and_says_what_came() -> None:
    road = Road()
    async with on(road) as found:
        await carrying(found, road)
        await found.press("escape")
        await found.until(lambda: road.second.carrying.cancelled)
        await found.until(lambda: "ended: 1 table carried, each whole" in found.line("Footer"))
        assert isinstance(found.app.screen, BenchScreen)


async def test_a_carry_that_fails_says_so_and_the_bench_is_on_the_other_stack() -> None:
    road = Road()
    road.second.carrying.fault = StackNotReady("MinIO did not answer in time", remedy="floe-bench logs --source minio")
    async with on(road) as found:
        await to_seaweedfs(found, "c")
        await found.until(lambda: "nothing was carried: MinIO did not answer in time" in found.line("Footer"))


async def test_a_stack_that_does_not_start_says_how_to_go_back() -> None:
    road = Road(ok=False)
    async with on(road) as found:
        await to_seaweedfs(found, "c")
        await found.until(lambda: "i and then S go back to polaris-minio" in found.line("Footer"))
        assert road.second.carrying.asked == []


async def test_nobody_leaves_a_stack_on_which_a_run_is_going() -> None:
    client = tending(over=False)
    async with app_on(lambda: client).run_test(size=WIDE) as pilot:
        found = await opened(Stage(pilot, client))
        await found.press("S")
        await found.until(lambda: "a run is going; cancel it on the bench first" in line(found, StackFooter))
        client.close()


async def test_the_other_stack_is_entered_with_the_same_asset_selected() -> None:
    road = Road()
    async with on(road) as found:
        await found.settled()
        await found.select("staging/stg_support_tickets")
        await to_seaweedfs(found, "enter")
        await found.until(lambda: found.app.view.notice and found.app.view.notice.text == "on seaweedfs now")
        assert found.app.view.selection.assets == ("staging/stg_support_tickets",)
        assert found.app.view.table == "staging.stg_support_tickets"
