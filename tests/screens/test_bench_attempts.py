"""Attempts: a run that does another one again is told as such, with the tries of each node over all of them."""

from __future__ import annotations

from dataclasses import replace

import shop
from stage import Stage, playing, stage

from floe_bench.events import NodeChanged, RunChanged
from floe_bench.model.run import NodeStatus, Run, RunStatus
from floe_bench.tui.attempt import attempts_of

AGAIN, THIRD = "a61a0000-5555-4eee-8888-000000000005", "3ddd0000-6666-4fff-8888-000000000006"
MART = "marts/mart_customer_360"


def run(run_id: str, repeats: str | None = None, *, ago_s: float = 60) -> Run:
    return Run(run_id, RunStatus.SUCCESS, "app", queued_at=shop.ago(ago_s), started_at=shop.ago(ago_s), repeats=repeats)


async def tried_again(bench: Stage) -> None:
    """A second attempt at what 91bc did; it makes the mart, whose check had failed."""
    again = replace(run(AGAIN, shop.RUN_91BC, ago_s=1), selection="mart_customer_360")
    bench.client.tell(
        RunChanged(again),
        NodeChanged(AGAIN, shop.node("mart_customer_360", 0.9, 0.5, key=MART)),
    )
    await bench.until(lambda: "a61a" in bench.pane("RunsPane"))


def test_a_retry_of_a_retry_is_the_third_attempt_at_the_first() -> None:
    first, second, third = run("a"), run("b", "a"), run("c", "b")
    found = attempts_of((third, run("other"), second, first))
    assert [each.run_id for each in found["a"]] == ["a", "b", "c"]
    assert found["c"] == found["a"] and "other" not in found


def test_two_retries_of_a_run_that_is_not_known_any_more_belong_together() -> None:
    assert [each.run_id for each in attempts_of((run("c", "gone"), run("b", "gone")))["c"]] == ["b", "c"]


def test_runs_that_claim_to_repeat_each_other_do_not_hang_the_screen() -> None:
    assert attempts_of((run("a", "b"), run("b", "a"))) == {}


async def test_a_retry_carries_the_run_that_it_repeats_and_so_does_the_whole_run_again() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("R")
        await bench.until(lambda: bench.client.submitted)
        await bench.press("2", "m", "enter")
        await bench.until(lambda: len(bench.client.submitted) == 2)
        assert [each.repeats for each in bench.client.submitted] == [shop.RUN_91BC, shop.RUN_7F3A]


async def test_a_run_that_was_tried_again_lists_its_attempts_and_enter_goes_to_the_other() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await tried_again(bench)
        await bench.press("2", "g")
        await bench.until(lambda: bench.app.view.selection.run_id == AGAIN)
        lines = bench.pane("RunsPane").splitlines()
        assert "a61a  ↻2" in lines[0]
        assert "✗ ↻ 1st" in lines[1] and "91bc  failed" in lines[1]
        await bench.press("j")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_91BC)
        await bench.press("enter", "right")
        await bench.until(lambda: "↻ 2nd" in bench.pane("RunsPane").split("91bc")[-1])


async def test_a_node_tells_its_tries_in_all_attempts() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await tried_again(bench)
        await bench.press("2", "g", "j", "j")
        await bench.until(lambda: bench.app.view.selection.assets == (MART,))
        await bench.until(lambda: "attempts" in bench.detail("RunsPane"))
        assert "2nd ✓ 0.5s a61a · 1st ✓ 0.6s 91bc" in bench.detail("RunsPane")


async def test_a_node_that_was_tried_twice_inside_its_run_says_so() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        node = shop.node("int_customer_orders", 3, None, key="intermediate/int_customer_orders", attempt=2)
        bench.client.tell(NodeChanged(shop.RUN_7F3A, replace(node, status=NodeStatus.FAILED)))
        await bench.until(lambda: "✗ ↻2 int_customer_or" in bench.pane("RunsPane"))
