"""The assets pane: what the filter lets through, how it is grouped, what fits beside a name, who is next of kin."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shop
from stage import NARROW, playing, stage
from textual.events import Key

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.tui.filter import kept, parse_filter
from floe_bench.tui.panes.field import Field
from floe_bench.tui.render.asset import columns_for

ASSETS = tuple(
    replace(each, tags=("finance",), owners=("Ada",)) if each.group == "marts" else each for each in shop.assets()
)


def names(assets: tuple[Asset, ...]) -> list[str]:
    return [asset.asset.split("/")[1] for asset in assets]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("status:stale", ["int_customer_support"]),
        ("status:stale,failed", ["int_customer_support", "mart_customer_360"]),
        ("tag:finance", ["mart_customer_360"]),
        ("owner:ada kind:table", ["mart_customer_360"]),
        ("support -kind:seed", ["stg_support_tickets", "int_customer_support"]),
        ("group:python", ["churn_scores"]),
        ("namespace:raw status:source", ["raw_clicks"]),
        ("name:360", ["mart_customer_360"]),
        ("ORDERS", ["int_customer_orders"]),
        ("kind:", names(ASSETS)),
        ("-", names(ASSETS)),
    ],
)
def test_words_and_fields_must_all_hold(text: str, left: list[str]) -> None:
    assert names(kept(ASSETS, text)) == left


def test_an_unknown_field_narrows_nothing_and_names_the_known_ones() -> None:
    assert kept(ASSETS, "colour:red") == ASSETS
    assert "no field colour: use status, tag, owner" in parse_filter("colour:red").problem


def test_an_asset_that_runs_is_running_whatever_was_known() -> None:
    assert names(kept(ASSETS, "status:run", running=("marts/mart_customer_360",))) == ["mart_customer_360"]
    assert "mart_customer_360" not in names(kept(ASSETS, "status:failed", running=("marts/mart_customer_360",)))


async def test_slash_filters_as_it_is_typed_and_enter_returns_to_what_is_left() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"status:sta")
        await bench.until(lambda: bench.pane("AssetsPane").count("\n") == 1)
        assert "int_customer_support" in bench.pane("AssetsPane")
        await bench.press("enter", "j")
        await bench.until(lambda: bench.app.view.selection.asset == "intermediate/int_customer_support")
        pane = bench.bench.query_one("AssetsPane")
        assert "/status:sta" in str(pane.border_title) and "1 of 11 assets" in str(pane.border_subtitle)


async def test_a_letter_right_behind_a_backspace_comes_after_it() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"abc")
        field = bench.app.screen.query_one(Field)
        for key in ("backspace", "backspace", "x", "left", "y"):
            bench.app.post_message(Key(key, key if len(key) == 1 else None))
        await bench.until(lambda: len(field.value) == 3)
        assert field.value == "ayx"


async def test_escape_leaves_the_filter_and_takes_it_away() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"marts")
        await bench.until(lambda: "raw_customers" not in bench.pane("AssetsPane"))
        await bench.press("escape")
        await bench.until(lambda: not bench.app.view.filtering)
        await bench.until(lambda: "raw_customers" in bench.pane("AssetsPane"))
        assert bench.bench.query_one("AssetsPane").lines.has_focus


async def test_escape_in_the_list_clears_a_filter_that_was_left() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"marts", "enter")
        await bench.until(lambda: not bench.app.view.filtering)
        await bench.press("escape")
        await bench.until(lambda: "raw_customers" in bench.pane("AssetsPane"))


async def test_a_filter_that_lets_nothing_through_says_how_to_clear_it() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"zebra")
        await bench.until(lambda: "No asset is like zebra" in bench.pane("AssetsPane"))
        assert "esc" in bench.pane("AssetsPane")


async def test_after_a_filter_in_vain_what_was_selected_is_selected_again() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_transactions")
        await bench.press("slash", *"mart")
        await bench.until(lambda: bench.app.view.selection.asset == "marts/mart_customer_360")
        await bench.press(*"zebra", "escape")
        await bench.until(lambda: bench.app.view.selection.asset == "staging/stg_transactions")
        await bench.press("m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "stg_transactions"


async def test_m_on_a_filtered_group_takes_only_what_is_shown() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"name:tickets group:raw", "enter", "g", "m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "raw_support_tickets"


async def test_v_groups_by_namespace_and_then_not_at_all() -> None:
    other = tuple(replace(each, table=f"lake.{each.table}") for each in shop.assets())
    client = playing()
    client.replay = [replace(each, assets=other) if hasattr(each, "assets") else each for each in client.replay]
    async with stage(client) as bench:
        await bench.until(lambda: "▾ raw" in bench.pane("AssetsPane"))
        await bench.press("v")
        await bench.until(lambda: "▾ lake.raw" in bench.pane("AssetsPane"))
        await bench.press("v")
        await bench.until(lambda: "▾" not in bench.pane("AssetsPane"))
        assert "in one list" in str(bench.bench.query_one("AssetsPane").border_subtitle)


def test_columns_give_way_in_their_order_and_age_stays_last() -> None:
    assets = shop.assets()
    seen = []
    for width in range(20, 70):
        columns = columns_for(assets, width)
        seen.append(tuple(bool(each) for each in (columns.word, columns.checks, columns.rows, columns.age)))
    assert list(dict.fromkeys(seen)) == [
        (False, False, False, True), (False, False, True, True), (False, True, True, True), (True, True, True, True),
    ]  # fmt: skip


async def test_at_140_columns_names_are_whole_and_ages_are_shown() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        line = next(line for line in bench.pane("AssetsPane").splitlines() if "int_customer_support" in line)
        assert line.endswith("14m") and "500" in line and "…" not in bench.pane("AssetsPane")


async def test_a_list_that_is_longer_than_its_pane_shows_ages_beside_its_scrollbar() -> None:
    many = tuple(shop.asset(f"staging/model_{index:03}") for index in range(100))
    client = playing()
    client.replay = [replace(each, assets=many) if hasattr(each, "assets") else each for each in client.replay]
    async with stage(client) as bench:
        await bench.until(lambda: "model_000" in bench.pane("AssetsPane"))
        assert all(line.endswith("2m") for line in bench.pane("AssetsPane").splitlines()[1:])
        lines = bench.bench.query_one("AssetsPane").lines
        assert lines.render_line(3).cell_length == lines.scrollable_content_region.width < lines.size.width + 1


async def test_a_terminal_that_gets_narrow_shows_one_pane_and_three_again_when_it_grows() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.pilot.resize_terminal(*NARROW)
        await bench.until(lambda: bench.app.view.narrow and not bench.bench.query_one("RunsPane").display)
        await bench.pilot.resize_terminal(140, 40)
        await bench.until(lambda: bench.bench.query_one("RunsPane").display)


async def test_alone_on_a_narrow_screen_checks_and_words_are_there_too() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        line = next(line for line in bench.pane("AssetsPane").splitlines() if "mart_customer_360" in line)
        assert line.split() == ["✗", "mart_customer_360", "failed", "✗7/8", "500", "14m"]


async def test_what_the_selected_asset_reads_and_what_reads_it_carry_a_sign() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("intermediate/int_customer_support")
        lines = bench.pane("AssetsPane").splitlines()
        assert [line.split()[2] for line in lines if "↑" in line] == ["stg_crm_customers", "stg_support_tickets"]
        assert [line.split()[2] for line in lines if "↓" in line] == ["mart_customer_360"]


async def test_wider_and_narrower_move_the_border_and_equals_takes_it_back() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        pane = bench.bench.query_one("AssetsPane")
        first = pane.size.width
        await bench.press("greater_than_sign", "greater_than_sign")
        await bench.until(lambda: pane.size.width > first)
        await bench.press("less_than_sign", "less_than_sign", "less_than_sign")
        await bench.until(lambda: pane.size.width < first)
        await bench.press("equals_sign")
        await bench.until(lambda: pane.size.width == first)


async def test_a_pane_that_cannot_get_smaller_says_so() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press(*["less_than_sign"] * 12)
        assert "no further" in bench.line("Footer")
        assert bench.bench.query_one("AssetsPane").size.width > 12


async def test_where_one_pane_fills_the_screen_wider_says_why_not() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        await bench.press("greater_than_sign")
        assert "one pane fills the screen" in bench.line("Footer")


def test_the_status_of_every_asset_can_be_asked_for() -> None:
    for status in AssetStatus:
        asset = replace(shop.asset("raw/x"), status=status)
        assert kept((asset,), f"status:{status.value}") == (asset,)
