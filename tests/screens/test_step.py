"""The step screen: its faces, its keys, and what it says when a key can do nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag

import pytest
import shop
import step_stage
from scripted_client import ScriptedClient
from stage import NARROW, SIZES, Stage, app_on, playing, stage, text_of
from step_stage import MART, ORDERS, RUN, STEP, SUPPORT, stepped
from test_bench_undo import plan as undo_plan
from textual.pilot import Pilot

from floe_bench.errors import NothingSelected, QueryFailed
from floe_bench.events import ComparisonProgressed, StepChanged, TablesChanged
from floe_bench.model.snapshot import Diff, RowChange, Sample
from floe_bench.model.step import Breakpoint, Condition, Place, Step, StepState, Stop, StopKind
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.step_box import EffectBox, SqlBox
from floe_bench.tui.panes.step_order import StepOrder
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.step import StepFooter, StepHeader, StepScreen
from floe_bench.tui.screens.undo import UndoScreen

Compare = Callable[..., bool]


async def opened(found: Stage) -> Stage:
    await found.settled()
    await found.press("s")
    await found.until(lambda: isinstance(found.app.screen, StepScreen))
    await read(found)
    return found


async def read(found: Stage) -> None:
    from floe_bench.tui.glance import wanted

    def is_read() -> bool:
        view = found.app.view.stepping
        want = wanted(found.app.bench_state, view)
        if view is None or view.glance is None or view.glance.of != want:
            return False
        known = view.comparison
        return "diff" in found.client.held or known is None or known.of != want or known.asked_at is None

    await found.until(is_read)


def box(found: Stage, kind: type[StepOrder | SqlBox | EffectBox]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineList))


def compared(found: Stage) -> Diff:
    view = found.app.view.stepping
    assert view is not None and view.comparison is not None and view.comparison.diff is not None
    return view.comparison.diff


def line(found: Stage, kind: type[StepHeader | StepFooter]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineView))


def started() -> Step:
    nodes = tuple(
        replace(each, place=Place.WAITING, attempts=0, effect=None, inputs=()) for each in step_stage.step().nodes
    )
    stop = Stop(StopKind.START, nodes[0].asset, before=True, words="before raw_customers")
    return replace(step_stage.step(), nodes=nodes, stop=stop)


# The faces


def showing(client: ScriptedClient, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        for key in keys:
            await found.press(key)
            await read(found)

    return run


@SIZES
def test_it_looks_like_this_at_a_breakpoint(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = stepped()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client))


@SIZES
def test_it_looks_like_this_where_a_check_failed(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = stepped(step_stage.failed())
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client))


@SIZES
def test_it_looks_like_this_before_a_node_that_reads_something_newer(
    snap_compare: Compare, size: tuple[int, int]
) -> None:
    client = stepped()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "down"))


@SIZES
def test_it_looks_like_this_where_a_node_cannot_be_compiled(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = stepped()
    said = "Compilation Error: unexpected '}', expected ')' in models/int.sql line 14"
    client.stepping.outlooks = {SUPPORT: replace(step_stage.outlooks()[SUPPORT], sql="", error=said)}
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "down"))


@SIZES
@pytest.mark.parametrize("found", [step_stage.at_work(), step_stage.over()], ids=["at-work", "over"])
def test_it_looks_like_this_as_it_goes_on(snap_compare: Compare, size: tuple[int, int], found: Step) -> None:
    client = stepped(found)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client))


async def test_a_node_that_has_run_says_how_far_counting_what_it_changed_is() -> None:
    client = stepped(step_stage.at_work())
    async with stage(client) as found:
        await opened(found)
        assert "at work …" in box(found, EffectBox)
        client.tell(ComparisonProgressed("intermediate.int_customer_support", 77, 45.0))
        await found.until(lambda: "counting what it changed … 45 %" in box(found, EffectBox))
        uncounted = step_stage.over()
        nodes = tuple(replace(each, effect=each.effect and replace(each.effect, rows=None)) for each in uncounted.nodes)
        client.tell(StepChanged(replace(uncounted, nodes=nodes)))
        await found.until(lambda: "not counted" in box(found, StepOrder))


def test_it_looks_like_this_before_the_first_node_of_a_narrow_terminal(snap_compare: Compare) -> None:
    client = stepped(started())
    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=showing(client, "tab", "tab"))


# What it says


async def test_a_stop_says_where_why_what_was_read_what_ran_and_what_it_did() -> None:
    async with stage(stepped()) as found:
        await opened(found)
        assert "stopped after int_customer_orders" in line(found, StepHeader)
        assert "breakpoint: rows changed > 100" in line(found, StepHeader)
        sql, effect = box(found, SqlBox), box(found, EffectBox)
        assert "staging.stg_transactions at …9120  newer than last time (…7001)" in sql
        assert "staging.stg_crm_customers at …4001  as last time" in sql
        assert "2−" in sql and "2+" in sql and "case when status" in sql
        assert "3120.50 → 2990.50" in effect and "… 185 more" in effect
        order = box(found, StepOrder)
        assert "+211" in order and "left out" in order and "if check failed" in order


async def test_a_stop_says_what_became_of_the_files_and_what_each_check_cost() -> None:
    async with stage(stepped()) as found:
        await opened(found)
        await found.until(lambda: "+1 41 kB  −1 41 kB   2 in both   in all 120 kB → 121 kB" in box(found, EffectBox))
        order = box(found, StepOrder).splitlines()
        at = next(index for index, each in enumerate(order) if "4 checks" in each)
        assert order[at].endswith("0.8s")
        assert [each.split()[-1] for each in order[at + 1 : at + 5]] == ["0.4s", "0.3s", "0.2s", "40ms"]


async def test_more_samples_come_when_the_end_of_them_is_reached_until_there_are_none() -> None:
    client = stepped()
    rows = tuple(Sample("added", {"customer_id": f"C-{number:04}"}) for number in range(130))
    client.diffs = {3388: replace(step_stage.diff(), rows=RowChange(added=130), samples=rows)}
    async with stage(client) as found:
        await opened(found)
        await found.until(lambda: "C-0000" in box(found, EffectBox))
        assert len(compared(found).samples) == 50
        await found.press("tab", "tab", "end")
        await found.until(lambda: len(compared(found).samples) == 100)
        await found.press("end")
        await found.until(lambda: len(compared(found).samples) == 130)
        await found.press("end")
        await found.until(lambda: "C-0129" in box(found, EffectBox))
        assert compared(found).samples == rows
        assert "more" not in box(found, EffectBox)


async def test_a_comparison_that_takes_long_says_how_far_it_is_and_esc_gives_it_up() -> None:
    client = stepped()
    client.held = {"diff": Flag()}
    async with stage(client) as found:
        await opened(found)
        assert "case when status" in box(found, SqlBox), "what is known already does not wait for it"
        assert "comparing" in box(found, EffectBox)
        found.app._clock = lambda: shop.NOW + timedelta(seconds=7)
        client.tell(ComparisonProgressed(ORDERS.replace("/", "."), 3388, 42.4))
        await found.until(lambda: "42 %  7.0s  esc  gives it up" in box(found, EffectBox))
        await found.press("escape")
        assert isinstance(found.app.screen, StepScreen)
        await found.until(lambda: client.gave_up == ["diff"])
        assert "was given up" in box(found, EffectBox)
        del client.held["diff"]
        await found.press("R")
        await found.until(lambda: "3120.50 → 2990.50" in box(found, EffectBox))
        await found.press("escape")
        assert isinstance(found.app.screen, BenchScreen)


async def test_a_comparison_that_fails_says_why_where_its_answer_would_be() -> None:
    client = stepped()
    client.failing = {"diff": QueryFailed("the key is not unique", remedy="leave it out")}
    async with stage(client) as found:
        await opened(found)
        await found.until(lambda: "the key is not unique" in box(found, EffectBox))
        assert "case when status" in box(found, SqlBox)


async def test_a_failed_check_shows_its_rows_and_its_sql() -> None:
    async with stage(stepped(step_stage.failed())) as found:
        await opened(found)
        effect = box(found, EffectBox)
        assert "unique_mart_customer_360_customer_id" in effect
        assert "C-0007" in effect and "having count(*) > 1" in effect


async def test_a_node_that_cannot_be_compiled_says_so_in_its_box() -> None:
    client = stepped()
    client.stepping.outlooks = {SUPPORT: replace(step_stage.outlooks()[SUPPORT], error="no node named 'nobody'")}
    async with stage(client) as found:
        await opened(found)
        await found.press("down")
        await read(found)
        assert "no node named 'nobody'" in box(found, SqlBox)


async def test_text_of_others_cannot_draw_on_the_screen() -> None:
    evil = "[bold]\x1b[31mred\u202ertl"
    nodes = tuple(
        replace(each, message=evil, place=Place.FAILED) if each.asset == ORDERS else each
        for each in step_stage.step().nodes
    )
    async with stage(stepped(replace(step_stage.step(), nodes=nodes))) as found:
        await opened(found)
        assert "\x1b" not in box(found, EffectBox) and "\u202e" not in box(found, EffectBox)
        assert "[bold]" in box(found, EffectBox)


async def test_a_node_is_compiled_once_to_be_looked_at_whatever_happens_meanwhile() -> None:
    client = stepped()
    client.stepping.blocked = Flag()
    at_work = tuple(
        replace(each, place=Place.RUNNING) if each.asset == SUPPORT else each for each in step_stage.step().nodes
    )
    async with stage(client) as found:
        await opened(found)
        await found.press("down")
        await found.until(lambda: client.stepping.looked == [SUPPORT])
        for number in range(5):
            client.tell(TablesChanged(()), StepChanged(replace(step_stage.step(), started_at=shop.ago(number))))
            await found.settled()
            await found.until(lambda n=number: found.app.bench_state.steps[-1].started_at == shop.ago(n))
        client.stepping.blocked.set()
        await read(found)
        client.tell(StepChanged(replace(step_stage.step(), state=StepState.RUNNING, stop=None, nodes=at_work)))
        await found.until(lambda: "running" in line(found, StepHeader))
        await read(found)
        assert "tickets" in box(found, SqlBox)
        assert client.stepping.looked == [SUPPORT], "nor is it again when it begins"


# The keys


@pytest.mark.parametrize(("key", "verb"), [("n", "next"), ("c", "proceed"), ("r", "retry"), ("k", "skip")])
async def test_each_key_speaks_its_verb_about_this_run(key: str, verb: str) -> None:
    client = stepped()
    async with stage(client) as found:
        await opened(found)
        await found.press(key)
        await found.until(lambda: (verb, STEP) in client.stepping.said)


async def test_the_cursor_goes_along_with_the_run() -> None:
    client = stepped()
    made = tuple(
        replace(each, place=Place.DONE, attempts=1) if each.asset == SUPPORT else each
        for each in step_stage.step().nodes
    )
    client.stepping.becomes["next"] = replace(
        step_stage.step(),
        nodes=made,
        stop=Stop(StopKind.NEXT, SUPPORT, before=False, words="after int_customer_support"),
    )
    client.codes = {**client.codes, "model.shop.int_customer_support": next(iter(client.codes.values()))}
    async with stage(client) as found:
        await opened(found)
        await found.press("up", "n")
        await found.until(lambda: "after int_customer_support" in line(found, StepHeader))
        order = found.app.screen.query_one(StepOrder).lines
        await found.until(lambda: order.current is not None and order.current.key == SUPPORT)


async def test_abort_asks_once_and_yes_ends_it() -> None:
    client = stepped()
    async with stage(client) as found:
        await opened(found)
        await found.press("x")
        assert "Abort this run?" in line(found, StepFooter)
        assert client.stepping.said == []
        await found.press("n")
        assert client.stepping.said == [], "another key means no, and does nothing else"
        await found.press("x", "y")
        await found.until(lambda: "aborted" in line(found, StepHeader))


async def test_b_sets_a_breakpoint_where_the_cursor_is_and_takes_it_away() -> None:
    client = stepped()
    async with stage(client) as found:
        await opened(found)
        await found.press("down")
        await found.press("b")
        await found.until(lambda: Breakpoint(SUPPORT) in client.stepping.stops)
        await found.until(lambda: Breakpoint(SUPPORT) in found.app.bench_state.breakpoints)
        await found.press("b")
        await found.until(lambda: Breakpoint(SUPPORT) not in client.stepping.stops)


async def test_a_condition_is_chosen_from_a_list() -> None:
    client = stepped()
    async with stage(client) as found:
        await opened(found)
        await found.press("down", "B")
        await found.press("down", "enter")
        await found.until(lambda: Breakpoint(SUPPORT, Condition.ROWS, 0.0) in client.stepping.stops)


async def test_a_key_that_can_do_nothing_says_why() -> None:
    over = replace(step_stage.step(), state=StepState.SUCCESS, stop=None)
    client = stepped()
    async with stage(client) as found:
        await opened(found)
        await found.press("p")
        assert "it stands already" in line(found, StepFooter)
        client.tell(StepChanged(over))
        await found.until(lambda: "done" in line(found, StepHeader))
        await found.press("n")
        assert "the run is over" in line(found, StepFooter)
        assert client.stepping.said == []


async def test_tab_goes_through_the_boxes_and_esc_back_to_the_bench() -> None:
    async with stage(stepped(), size=NARROW) as found:
        await opened(found)
        assert not found.app.screen.query_one(EffectBox).display
        await found.press("tab", "tab")
        assert found.app.screen.query_one(EffectBox).display
        await found.press("escape")
        assert isinstance(found.app.screen, BenchScreen)
        assert found.app.view.stepping is None


@pytest.mark.parametrize(("key", "downstream"), [("u", False), ("U", True)])
async def test_u_takes_back_what_the_node_wrote_after_a_look_at_the_plan(key: str, downstream: bool) -> None:
    client = stepped()
    client.undoing.plan_made = undo_plan()
    async with stage(client) as found:
        await opened(found)
        await found.press(key)
        await found.until(lambda: isinstance(found.app.screen, UndoScreen))
        assert client.undoing.asked == [(ORDERS, None, downstream)]
        await found.press("enter")
        await found.until(lambda: client.undoing.applied)
        assert isinstance(found.app.screen, StepScreen)
        await found.until(lambda: "taken back" in line(found, StepFooter))


async def test_a_node_that_wrote_nothing_has_nothing_to_take_back() -> None:
    client = stepped(started())
    async with stage(client) as found:
        await opened(found)
        await found.press("u")
        await found.until(lambda: "it wrote nothing in this run" in line(found, StepFooter))
        assert client.undoing.asked == []


async def test_help_lists_every_key_of_the_screen() -> None:
    from floe_bench.tui.step_actions import STEP_ACTIONS

    async with stage(stepped()) as found:
        await opened(found)
        await found.press("question_mark")
        said = " ".join(text_of(each) for each in found.app.screen.query(LineList))
        assert all(action.help.split(";")[0].split(".")[0][:20] in said for action in STEP_ACTIONS)


# From the bench


async def test_s_starts_a_run_over_the_selection_and_shows_it() -> None:
    client = playing()
    client.stepping.becomes["start"] = started()
    async with stage(client) as found:
        await found.settled()
        await found.select(MART)
        await found.press("s")
        await found.until(lambda: isinstance(found.app.screen, StepScreen))
        assert client.stepping.said == [("start", "mart_customer_360")]
        await found.until(lambda: "stopped before raw_customers" in line(found, StepHeader))


async def test_what_cannot_be_started_is_said_on_the_bench() -> None:
    client = playing()

    def refuse(request: object) -> Step:
        raise NothingSelected("'x' selects nothing to step through", remedy="floe-bench assets")

    client.stepping.start = refuse  # type: ignore[method-assign]
    async with stage(client) as found:
        await found.settled()
        await found.select(MART)
        await found.press("s")
        await found.until(lambda: "selects nothing" in found.line("Footer"))
        assert isinstance(found.app.screen, BenchScreen)


async def test_p_pauses_the_run_that_goes_and_shows_its_rest() -> None:
    client = playing(over=False)
    client.stepping.becomes["pause"] = started()
    async with stage(client) as found:
        await found.settled()
        await found.press("p")
        await found.until(lambda: isinstance(found.app.screen, StepScreen))
        assert client.stepping.said[0][0] == "pause"


async def test_a_stepped_run_that_stands_is_listed_as_stopped() -> None:
    from floe_bench.events import RunChanged
    from floe_bench.model.run import Run, RunStatus

    client = stepped()
    client.replay = [*client.replay, RunChanged(Run(RUN, RunStatus.STOPPED, "step", step_id=STEP))]
    async with stage(client) as found:
        await found.settled()
        assert "stopped" in found.pane("RunsPane") or "‖" in found.pane("RunsPane")
