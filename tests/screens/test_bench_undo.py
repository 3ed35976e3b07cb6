"""Undo and redo on the screen: what is shown first, what has to be typed, what is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import shop
from stage import SIZES, Stage, app_on, playing, stage, text_of
from textual.pilot import Pilot
from textual.widgets import Input

from floe_bench.errors import NothingToUndo
from floe_bench.model.snapshot import SchemaChange
from floe_bench.model.table import Column
from floe_bench.model.undo import HeadMove, TableHead, TakeBack, UndoKind, UndoPlan
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.screens.undo import UndoScreen

TICKETS = "staging/stg_support_tickets"


def taken(asset: str, before: int, after: int | None, rows: tuple[int, int, int, int], **more: object) -> TakeBack:
    heads = (TableHead("u", before, 0, 0, 0), TableHead("u", after or 1, 0, 0, 0, empty=after is None))
    return TakeBack(asset, HeadMove(asset.replace("/", "."), *heads), *rows, **more)  # type: ignore[arg-type]


def plan(*, others: bool = False) -> UndoPlan:
    tickets = shop.snapshots()
    passed = tuple(reversed(tickets[1:2] if others else tickets[-1:]))
    severity = SchemaChange(removed=(Column(7, "severity", "string"),))
    return UndoPlan(
        UndoKind.UNDO,
        f"the last materialization of {TICKETS} (run 7f3a52c0) and everything made from it",
        (
            taken(TICKETS, 7_000_000_000_000_008_841, 7_000_000_000_000_006_476, (901, 898, 15, 12),
                  schema=severity, passed=passed),
            taken("intermediate/int_customer_orders", 8_000_000_000_000_003_388, 8_000_000_000_000_003_310,
                  (12_500, 12_500, 188, 188), readers=("marts/mart_customer_360",)),
            taken("python/churn_scores", 9_000_000_000_000_000_017, None, (500, 0, 500, 0)),
        ),
        together=True,
    )  # fmt: skip


async def shown(bench: Stage, key: str = "u") -> None:
    await bench.settled()
    await bench.select(TICKETS)
    await bench.press(key)
    await bench.until(lambda: isinstance(bench.app.screen, UndoScreen) and "901" in sheet(bench))


def sheet(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineList))


def below(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineView))


async def test_the_plan_is_shown_in_numbers_and_nothing_is_moved_before_enter() -> None:
    client = playing()
    client.undoing.plan_made = plan()
    async with stage(client) as bench:
        await shown(bench)
        assert client.undoing.asked == [(TICKETS, None, False)]
        first = next(line for line in sheet(bench).splitlines() if "901" in line)
        assert "…8841 → …6476" in first and "901 → 898" in first and "−15" in first and "+12" in first
        assert "−severity" in first
        assert "still read by  mart_customer_360" in below(bench)
        assert "python.churn_scores will read as empty" in below(bench)
        await bench.press("escape")
        assert client.undoing.applied == []
        await bench.press("u")
        await bench.until(lambda: isinstance(bench.app.screen, UndoScreen))
        await bench.press("enter")
        await bench.until(lambda: client.undoing.applied)
        assert client.undoing.applied == [plan()]
        await bench.until(lambda: "3 tables taken back" in bench.line("Footer"))


async def test_capital_u_takes_what_is_downstream_too_and_a_run_is_taken_as_a_whole() -> None:
    client = playing()
    client.undoing.plan_made = plan()
    async with stage(client) as bench:
        await shown(bench, "U")
        await bench.press("escape", "2")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_7F3A)
        await bench.press("u")
        await bench.until(lambda: len(client.undoing.asked) == 2)
        assert client.undoing.asked == [(TICKETS, None, True), (None, shop.RUN_7F3A, False)]


async def test_what_somebody_else_wrote_since_has_to_be_typed_away() -> None:
    client = playing()
    client.undoing.plan_made = plan(others=True)
    async with stage(client) as bench:
        await shown(bench)
        assert "somebody else wrote since, and loses it: staging.stg_support_tickets …2210" in below(bench)
        await bench.press("enter")
        assert client.undoing.applied == [] and isinstance(bench.app.screen, UndoScreen)
        bench.app.screen.query_one(Input).value = "staging.stg_support_tickets"
        await bench.press("enter")
        await bench.until(lambda: client.undoing.applied)


async def test_what_the_sql_screen_wrote_since_is_ones_own_and_enter_is_enough() -> None:
    client = playing()
    made = plan(others=True)
    own = tuple(replace(each, typed=True) for each in made.tables[0].passed)
    client.undoing.plan_made = replace(made, tables=(replace(made.tables[0], passed=own), *made.tables[1:]))
    async with stage(client) as bench:
        await shown(bench)
        assert "✎ written on the SQL screen:  stg_support_tickets …2210" in below(bench)
        assert "somebody else" not in below(bench)
        await bench.press("enter")
        await bench.until(lambda: client.undoing.applied)


async def test_a_table_that_cannot_be_read_goes_back_without_numbers_and_says_why() -> None:
    client = playing()
    made = plan()
    lost = replace(
        made.tables[0], rows_before=None, rows_lost=None, rows_regained=None, fault="a.parquet is not in the store"
    )
    client.undoing.plan_made = replace(made, tables=(lost, *made.tables[1:]))
    async with stage(client) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("u")
        await bench.until(lambda: isinstance(bench.app.screen, UndoScreen) and "? → 898" in sheet(bench))
        assert "its rows were not compared: a.parquet is not in the store" in " ".join(below(bench).split())
        await bench.press("enter")
        await bench.until(lambda: client.undoing.applied)


async def test_redo_shows_its_plan_too() -> None:
    client = playing()
    client.undoing.plan_made = replace(plan(), kind=UndoKind.REDO, undo_id="3f2a91bc")
    async with stage(client) as bench:
        await shown(bench, "ctrl+r")
        assert client.undoing.asked == ["redo"]
        assert "Redo" in str(bench.app.screen.query_one(".sheet").border_title)
        await bench.press("enter")
        await bench.until(lambda: "brought forward" in bench.line("Footer"))


async def test_where_there_is_nothing_to_undo_it_says_why() -> None:
    client = playing()
    client.undoing.plan_made = NothingToUndo("there is no undo that could be brought back")
    async with stage(client) as bench:
        await bench.settled()
        await bench.press("ctrl+r")
        await bench.until(lambda: "there is no undo" in bench.line("Footer"))
        await bench.select("raw/raw_clicks")
        await bench.press("u")
        await bench.until(lambda: "is a source" in bench.line("Footer"))
        await bench.select("python/churn_scores")
        await bench.press("u")
        await bench.until(lambda: "was never made" in bench.line("Footer"))
        assert client.undoing.asked == ["redo"]


@SIZES
@pytest.mark.parametrize("others", [False, True], ids=["ours", "others"])
def test_undo_preview(snap_compare: Callable[..., bool], size: tuple[int, int], others: bool) -> None:
    client = playing()
    client.undoing.plan_made = plan(others=others)

    async def run(pilot: Pilot[None]) -> None:
        await shown(Stage(pilot, client))

    before: Callable[[Pilot[None]], Awaitable[None]] = run
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)
