"""Lineage: the graph around an asset, line by line, and the way along it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shop
from hypothesis import given
from hypothesis import strategies as st
from stage import NARROW, playing, stage

from floe_bench.model.asset import Asset
from floe_bench.tui.lineage import MOST, lineage_of
from floe_bench.tui.render.lineage import graph_rows, graph_width, lineage_line
from floe_bench.tui.render.text import fit, width_of


def made(key: str, *reads: str) -> Asset:
    return replace(shop.asset(f"x/{key}"), upstream=tuple(f"x/{each}" for each in reads))


def picture(*assets: Asset, focus: str) -> list[str]:
    found = lineage_of({asset.asset: asset for asset in assets}, f"x/{focus}")
    return [f"{row.rails}{row.asset.asset[2:]} {row.after}".rstrip() for row in graph_rows(found)]


def test_a_diamond_reads_from_top_to_bottom() -> None:
    assert picture(made("a"), made("b", "a"), made("c", "a"), made("d", "b", "c"), focus="a") == [
        "a",
        "├─b",
        "c │",
        "└─┴─d",
    ]


def test_a_chain_stays_in_its_lane() -> None:
    assert picture(made("a"), made("b", "a"), made("c", "b"), focus="b") == ["a", "b", "c"]


def test_what_reads_nothing_does_not_look_like_a_child_of_the_line_above() -> None:
    assert picture(made("a"), made("b", "a"), made("c"), made("d", "b", "c"), focus="d") == [
        "a",
        "b",
        "│ c",
        "└─┴─d",
    ]


def test_a_circle_ends() -> None:
    assert len(picture(made("a", "b"), made("b", "a"), focus="a")) == 2


def test_only_the_nearest_are_shown_and_the_rest_is_counted() -> None:
    chain = {asset.asset: asset for asset in (made(f"n{i}", f"n{i - 1}") for i in range(300))}
    found = lineage_of(chain, "x/n150")
    assert len(found.assets) == MOST
    assert found.hidden_upstream + found.hidden_downstream == 200
    assert "x/n150" in {asset.asset for asset in found.assets}


@given(st.lists(st.sets(st.integers(0, 39), max_size=4), min_size=1, max_size=40), st.integers(0, 39))
def test_every_asset_follows_what_it_reads_and_every_read_has_a_rail(reads: list[set[int]], focus: int) -> None:
    assets = [made(f"n{i}", *(f"n{j}" for j in sorted(each) if j < i)) for i, each in enumerate(reads)]
    found = lineage_of({asset.asset: asset for asset in assets}, f"x/n{focus % len(assets)}")
    place = {asset.asset: index for index, asset in enumerate(found.assets)}
    rows = graph_rows(found)
    assert len(rows) == len(place)
    for row in rows:
        parents = found.parents[row.asset.asset]
        assert all(place[parent] < place[row.asset.asset] for parent in parents)
        joints = sum(row.rails.count(each) for each in "├└┼┴")
        assert joints == len(parents) or (len(parents) == 1 and joints == 0)
    for width in (30, 80):
        lines = [lineage_line(row, width, graph_width(rows), shop.NOW, focus=found.focus) for row in rows]
        assert {width_of(fit(line, width)) for line in lines} == {width}


@pytest.mark.parametrize("size", [(140, 40), NARROW], ids=["wide", "narrow"])
async def test_l_shows_the_lineage_moving_along_it_selects_and_escape_returns_there(size: tuple[int, int]) -> None:
    async with stage(playing(), size=size) as bench:
        await bench.settled()
        await bench.select("intermediate/int_customer_support")
        await bench.press("l")
        await bench.until(lambda: "here" in bench.pane("LineagePane"))
        shown = [line for line in bench.pane("LineagePane").splitlines() if line]
        assert len(shown) == 7 and "int_customer_orders" not in bench.pane("LineagePane")
        marked = "\n".join(bench.marked("LineagePane"))
        assert all(name in marked for name in ("stg_crm_customers", "stg_support_tickets", "mart_customer_360"))
        assert "raw_customers" not in marked
        await bench.press("j")
        await bench.until(lambda: bench.app.view.selection.asset == "marts/mart_customer_360")
        await bench.until(lambda: bench.app.view.table == "marts.mart_customer_360")
        await bench.press("enter")
        await bench.until(lambda: "int_customer_orders" in bench.pane("LineagePane"))
        await bench.press("escape")
        await bench.until(lambda: bench.app.view.place == "assets")
        current = bench.bench.query_one("AssetsPane").lines.current
        assert current is not None and current.key == "marts/mart_customer_360"


async def test_on_a_group_lineage_says_to_select_one_asset() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("g")
        await bench.until(lambda: bench.app.view.selection.group == "raw")
        bench.app.perform("lineage")
        await bench.until(lambda: "select one asset" in bench.line("Footer"))
        assert bench.app.view.place == "assets"


async def test_m_in_the_lineage_makes_the_asset_under_the_cursor() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("intermediate/int_customer_support")
        await bench.press("l", "k")
        await bench.until(lambda: bench.app.view.selection.asset == "staging/stg_support_tickets")
        await bench.press("m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "stg_support_tickets"
