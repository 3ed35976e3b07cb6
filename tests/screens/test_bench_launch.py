"""Runs: what is chosen, what is shown before it starts, how it is stopped and tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import shop
from stage import NARROW, Stage, playing, stage, text_of

from floe_bench.events import RunChanged
from floe_bench.model.run import Ending, Means, NodeStatus, RunRequest, RunStatus
from floe_bench.tui.critical import critical_path
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.screens.preview import PreviewScreen
from floe_bench.tui.screens.run_menu import RunMenu


def sheet(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineList))


def options(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineView))


async def test_the_menu_says_how_much_each_choice_is_and_why_one_cannot_be_made() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("g")
        await bench.until(lambda: bench.app.view.selection.group == "raw")
        await bench.press("M")
        await bench.until(lambda: "10 assets" in sheet(bench))
        lines = {line.split()[1]: line for line in sheet(bench).replace("›", " ").splitlines()}
        assert "int_customer_support, mart_customer_360, churn_scores" in lines["stale"]
        assert "dbt compares with the last good run" in lines["changed"]
        assert "not now: select one asset" in lines["upstream"]


async def test_a_choice_that_cannot_be_made_says_why_and_starts_nothing() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("g", "M", "u")
        assert isinstance(bench.app.screen, RunMenu)
        assert "select one asset" in str(bench.app.screen.query_one(".sheet").border_title)
        assert bench.client.submitted == []


async def test_stale_takes_what_is_downstream_of_it_with_a_reason_each() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "s")
        await bench.until(lambda: isinstance(bench.app.screen, PreviewScreen) and "churn" in sheet(bench))
        assert "stg_support_tickets has snapshot" in sheet(bench)
        assert "1 of its checks failed" in sheet(bench) or "downstream of int_customer_support" in sheet(bench)
        await bench.press("enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "int_customer_support mart_customer_360 asset:python/churn_scores"


async def test_upstream_and_downstream_are_spelled_as_dbt_does_with_python_assets_by_name() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("M", "u", "enter")
        await bench.until(lambda: bench.client.submitted)
        await bench.press("M", "d", "enter")
        await bench.until(lambda: len(bench.client.submitted) == 2)
        assert [each.select for each in bench.client.submitted] == [
            "+stg_support_tickets",
            "stg_support_tickets+ asset:python/churn_scores",
        ]


async def test_changed_is_left_to_dbt_and_says_so() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "c")
        await bench.until(lambda: isinstance(bench.app.screen, PreviewScreen))
        assert "dbt decides which" in str(bench.app.screen.query_one(".sheet").border_title)
        await bench.press("m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "state:modified+"


async def test_options_of_a_run_travel_with_the_request() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "a", "f")
        await bench.until(lambda: "rows that are only in the tables are lost" in options(bench))
        await bench.press("v", *"day: 3", "enter", "e", *"raw_customers", "enter")
        await bench.until(lambda: "left out" in sheet(bench))
        assert "9 assets" in str(bench.app.screen.query_one(".sheet").border_title)
        await bench.press("enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted == [RunRequest(None, "raw_customers", True, "app", "day: 3")]


async def test_vars_that_are_no_mapping_are_refused_before_the_run() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "a", "v", *"- 1", "enter", "enter")
        assert "vars must be a mapping" in options(bench)
        assert bench.client.submitted == []


async def test_escape_leaves_a_field_first_and_then_the_preview_without_a_run() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "a", "v", "x", "escape")
        assert isinstance(bench.app.screen, PreviewScreen)
        await bench.press("escape")
        assert bench.app.screen is bench.bench and bench.client.submitted == []


async def test_retry_runs_what_failed_in_the_newest_failed_run() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("R")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted == [RunRequest("mart_customer_360", launched_by="app", repeats=shop.RUN_91BC)]


async def test_retry_takes_what_was_skipped_too() -> None:
    async with stage(playing()) as bench:
        nodes = (
            shop.node("int_customer_orders", 9, 1, key="intermediate/int_customer_orders", status=NodeStatus.FAILED),
            shop.node("mart_customer_360", 8, 0, key="marts/mart_customer_360", status=NodeStatus.SKIPPED),
        )
        bench.client.tell(RunChanged(replace(shop.run_91bc(), run_id="dead-1", queued_at=shop.NOW, nodes=nodes)))
        await bench.until(lambda: "dead" in bench.pane("RunsPane"))
        await bench.press("R")
        await bench.until(lambda: "did not get to it" in sheet(bench))
        await bench.press("enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "int_customer_orders mart_customer_360"


async def test_cancel_says_what_happens_when_it_does_not_stop() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("c")
        assert "after 10 s its process is ended, after 15 s killed" in bench.line("Footer")
        await bench.press("escape")
        assert bench.client.cancelled == []


async def test_a_second_cancel_does_not_wait_and_the_state_of_the_ending_is_shown() -> None:
    def ending(means: Means, ago_s: float, left_s: float | None) -> RunChanged:
        until = shop.NOW + timedelta(seconds=left_s) if left_s is not None else None
        run = replace(shop.run_7f3a(over=False), status=RunStatus.CANCELLING, nodes=())
        return RunChanged(replace(run, ending=Ending(means, shop.ago(ago_s), until)))

    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("2", "g", "c", "y")
        await bench.until(lambda: bench.client.cancelled == [shop.RUN_7F3A])
        assert "c again does not wait" in bench.line("Footer")
        bench.client.tell(ending(Means.ASKED, 3, 7))
        await bench.until(lambda: "cancelling 7s" in bench.pane("RunsPane"))
        assert "asked 3s ago: dbt ends its node" in bench.detail("RunsPane")
        assert "its process is ended in 7s; c does" in bench.detail("RunsPane")
        await bench.press("c")
        await bench.until(lambda: bench.client.cancelled == [shop.RUN_7F3A] * 2)
        assert "ending the process of run 7f3a" in bench.line("Footer")
        bench.client.tell(ending(Means.ENDED, 1, 4))
        await bench.until(lambda: "ending 4s" in bench.pane("RunsPane"))
        await bench.press("c")
        await bench.until(lambda: "killing the process of run 7f3a" in bench.line("Footer"))
        bench.client.tell(ending(Means.KILLED, 0, None))
        await bench.until(lambda: "7f3a  killed" in bench.pane("RunsPane"))
        await bench.press("c")
        assert "was killed; it is over in a moment" in bench.line("Footer") and len(bench.client.cancelled) == 3


async def test_queued_runs_say_their_place_in_line() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        for index, run_id in enumerate(("bbbb-2", "aaaa-1")):
            run = replace(
                shop.run_7f3a(over=False), run_id=run_id, status=RunStatus.QUEUED, queued_at=shop.ago(-index), nodes=()
            )
            bench.client.tell(RunChanged(run))
        await bench.press("2")
        await bench.until(lambda: "2nd in line" in bench.pane("RunsPane"))
        assert "1st in line" in next(line for line in bench.pane("RunsPane").splitlines() if "bbbb" in line)
        assert "2 queued" in str(bench.bench.query_one("RunsPane").border_subtitle)


async def test_the_critical_path_of_a_run_is_marked() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2", "j", "j", "j", "j", "enter")
        await bench.until(lambda: "mart_customer_360" in bench.pane("RunsPane"))
        marked = [line.split("┃")[1].split()[1] for line in bench.pane("RunsPane").splitlines() if "┃" in line]
        assert marked == ["int_customer_orders", "mart_customer_360"]


def test_the_critical_path_goes_through_the_parent_that_ended_last() -> None:
    assets = {each.asset: each for each in shop.assets()}
    nodes = (
        shop.node("slow", 10, 5, key="intermediate/int_customer_orders"),
        shop.node("quick", 10, 1, key="intermediate/int_customer_support"),
        shop.node("last", 5, 1, key="marts/mart_customer_360"),
    )
    assert critical_path(nodes, assets, shop.NOW) == {"model.shop.slow", "model.shop.last"}
    assert critical_path(nodes[:1], assets, shop.NOW) == frozenset()


async def test_enter_on_a_failed_check_shows_the_checks_and_on_a_node_its_log() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2", "enter", "j", "enter")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_91BC)
        await bench.press("j", "enter")
        await bench.until(lambda: (bench.app.view.place, bench.app.view.tab) == ("drawer", "log"))
        await bench.press("2", "G", "k", "k", "enter")
        await bench.until(lambda: bench.app.view.tab == "checks")


async def test_a_run_of_somebody_else_says_whose_it_is() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        lines = bench.pane("RunsPane").splitlines()
        assert "dagster" in next(line for line in lines if "5d02" in line)
        assert "mart_c" in next(line for line in lines if "2ab9" in line), "what was run before who started it"
        await bench.press("2", "G")
        await bench.until(lambda: "started by cli" in bench.detail("RunsPane"))
