"""The time cursor: the whole bench as of a moment, loudly, and nothing can be changed from there."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from threading import Event as Flag

import pytest
import shop
from rich.text import Text
from scripted_client import ScriptedClient
from sql_stage import asking
from stage import SIZES, Stage, app_on, playing, stage, text_of
from test_screens import TICKETS, Before, Compare, settled
from textual.pilot import Pilot

from floe_bench.errors import CatalogUnreachable
from floe_bench.events import RunChanged, TablesChanged
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState
from floe_bench.tui.action import UserAction
from floe_bench.tui.actions import ACTIONS, BY_NAME
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.past import cursor
from floe_bench.tui.past.board import board_then
from floe_bench.tui.render.text import Tone
from floe_bench.tui.sql_actions import SQL_BY_NAME
from floe_bench.tui.stack_actions import STACK_BY_NAME
from floe_bench.tui.table_actions import TABLE_ACTIONS, not_from

TABLE = "staging.stg_support_tickets"
EARLIER, LATER = "left_square_bracket", "right_square_bracket"
WRITING = [action for action in ACTIONS if action.group == "Run"] + [BY_NAME["since"]]


def header(found: Stage) -> str:
    return found.line("Header")


async def back(found: Stage, times: int = 1) -> None:
    await found.settled()
    await found.select(TICKETS)
    for _ in range(times):
        at = found.app.view.as_of
        await found.press(EARLIER)
        await found.until(lambda at=at: found.app.view.as_of != at)  # type: ignore[misc]
    await found.settled()


async def test_the_whole_bench_goes_to_an_earlier_moment_and_says_so() -> None:
    async with stage(playing()) as found:
        await back(found)
        assert "AS OF 2026-11-22 14:02:12.000" in header(found) and "newest commit" in header(found)
        assert "running" in found.pane("RunsPane").splitlines()[0]
        await back(found)
        assert "1 commit ago" in header(found)
        assert "6476" in found.pane("SnapshotsPane")
        assert "898" in next(line for line in found.pane("AssetsPane").splitlines() if "stg_support_tickets" in line)


async def test_what_came_later_is_dim_above_where_one_stands_and_counts_for_nothing() -> None:
    async with stage(playing()) as found:
        await back(found, 2)
        pane = found.bench.query_one("SnapshotsPane", Pane)
        lines = found.pane("SnapshotsPane").splitlines()
        assert "8841" in lines[0] and "◌" in lines[0] and "▲ later" in lines[1] and "main" in lines[2]
        assert {span.tone for span in pane.lines._draw_item(pane.lines.items[0], 60).left} == {Tone.FAINT}
        assert pane.lines.items[0].still, "nothing can be asked about it"
        assert "5 snapshots" in str(pane.border_subtitle) and "1 later" in str(pane.border_subtitle)
        await found.press("0")
        await found.until(lambda: "later" not in found.pane("SnapshotsPane"))


async def test_of_many_that_came_later_the_next_are_shown_and_the_others_counted() -> None:
    client = playing()
    many = tuple(
        Snapshot(100 + n, None, shop.ago(500 - n), "append", live_records=n, current_at=(shop.ago(500 - n),))
        for n in range(20)
    )
    client.tables_read = {**client.tables_read, TABLE: (*many[:-1], replace(many[-1], refs=("main",)))}
    async with stage(client) as found:
        await found.settled()
        await found.select(TICKETS)
        await found.press("at", *"2026-11-22 13:54", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        late = [line for line in found.pane("SnapshotsPane").splitlines() if "◌" in line]
        assert len(late) == 5 and "10 more after those" in found.pane("SnapshotsPane")


async def test_a_moment_is_worked_out_beside_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under keys that are quicker the bench moves along, and ends where the last one went."""
    go, began = Flag(), list[object]()

    def slow(state: BenchState, at: datetime) -> BenchState:
        began.append(threading.current_thread())
        assert go.wait(300)
        return board_then(state, at)

    monkeypatch.setattr(cursor, "board_then", slow)
    async with stage(playing()) as found:
        await found.settled()
        await found.press(EARLIER, EARLIER, EARLIER)
        await found.until(lambda: began)
        assert found.app.view.as_of is None and threading.main_thread() not in began
        await found.press("2")  # other keys do what they do
        await found.until(lambda: found.app.view.place == "runs")
        go.set()
        await found.until(lambda: found.app.view.as_of is not None and found.app.view.as_of.at == shop.ago(1332.6))
        assert len(began) == 2, "what nobody waits for any more is passed over"


async def test_what_was_being_worked_out_does_not_take_somebody_back_who_went_to_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go, done = Flag(), Flag()

    def slow(state: BenchState, at: datetime) -> BenchState:
        assert go.wait(300)
        done.set()
        return board_then(state, at)

    monkeypatch.setattr(cursor, "board_then", slow)
    async with stage(playing()) as found:
        await found.settled()
        await found.press(EARLIER)
        await found.until(lambda: found.app.live.snapshots)
        found.app.cursor.go(None)
        go.set()
        await found.until(done.is_set)
        await found.press("2")
        assert found.app.view.as_of is None and found.app.bench_state is found.app.live
        await found.press(EARLIER)
        await found.until(lambda: found.app.view.as_of is not None)


async def test_later_moments_lead_back_to_now_and_so_does_0_at_once() -> None:
    async with stage(playing()) as found:
        await back(found, 2)
        now = found.app.live
        await found.press(LATER, LATER)
        await found.until(lambda: found.app.view.as_of is None)
        assert found.app.bench_state is now and "AS OF" not in header(found)
        await back(found, 3)
        await found.press("0")
        assert found.app.view.as_of is None and found.app.bench_state is now


async def test_the_oldest_moment_is_the_end_of_the_way() -> None:
    async with stage(playing()) as found:
        await found.settled()
        await found.press("at", *"2026-11-22 12:04:06", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        assert "7 commits" not in header(found)
        await found.press(EARLIER)
        assert "nothing earlier is known" in found.line("Footer")


@pytest.mark.parametrize("action", WRITING, ids=lambda action: action.name)
async def test_nothing_is_written_or_run_from_the_past(action: UserAction) -> None:
    client = playing()
    async with stage(client) as found:
        await back(found)
        found.app.perform(action.name)
        await found.until(lambda: found.app.view.notice is not None)
        assert "the past cannot be changed; 0 on the bench is now" in found.line("Footer")
        assert len(found.app.screen_stack) == 1 and found.app.view.question is None
        assert (client.submitted, client.cancelled) == ([], [])


async def test_what_happens_now_is_kept_and_does_not_move_what_is_shown() -> None:
    client = playing()
    async with stage(client) as found:
        await back(found, 2)
        shown, runs = found.everything(), found.app.bench_state.runs
        client.tell(RunChanged(Run("abcd0000-new", RunStatus.RUNNING, queued_at=shop.NOW, started_at=shop.NOW)))
        await found.until(lambda: len(found.app.live.runs or ()) == 5)
        assert found.app.bench_state.runs is runs and found.everything() == shown
        await found.press("0")
        assert "abcd" in found.pane("RunsPane")


async def test_history_is_read_once_and_again_only_of_what_was_written_since() -> None:
    client = playing()
    tickets = client.tables_read[TABLE]
    written = Snapshot(5, 4, shop.NOW, "append", refs=("main",), live_records=905)
    async with stage(client) as found:
        await back(found, 3)
        assert len(client.past.read) == 1
        client.tables_read = {**client.tables_read, TABLE: (*(replace(each, refs=()) for each in tickets), written)}
        tables = [replace(each, snapshot_id=5) if each.table == TABLE else each for each in shop.tables()]
        client.tell(TablesChanged(tuple(tables)))
        await found.until(lambda: found.app.live.snapshots[TABLE][-1] is written)
        await found.press("0", EARLIER)
        await found.until(lambda: found.app.view.as_of is not None)
        assert len(client.past.read) == 1  # the shown table was read for its pane


async def test_keys_that_are_quicker_than_the_history_all_count() -> None:
    client = playing()
    client.held = {"past": Flag()}
    async with stage(client) as found:
        await found.settled()
        await found.press(EARLIER, EARLIER, EARLIER)
        client.held["past"].set()
        await found.until(lambda: found.app.view.as_of is not None)
        assert found.app.view.as_of is not None and found.app.view.as_of.at == shop.ago(1332.6)


async def test_a_history_that_cannot_be_read_leaves_the_bench_at_now() -> None:
    client = playing()
    client.failing = {"past": CatalogUnreachable("no answer from the catalog")}
    async with stage(client) as found:
        await found.settled()
        await found.press(EARLIER)
        await found.until(lambda: "could not be read: no answer from the catalog" in found.line("Footer"))
        assert found.app.view.as_of is None


async def test_a_time_is_typed_and_what_is_none_is_refused() -> None:
    async with stage(playing()) as found:
        await found.settled()
        await found.press("at", *"tomorrow", "enter")
        await found.until(lambda: "'tomorrow' is no time and no snapshot" in found.line("Footer"))
        assert found.app.view.as_of is None
        await found.press("at", *"2026-11-22 13:20", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        await found.settled()
        assert "AS OF 2026-11-22 13:20:00.000" in header(found)


async def test_a_commit_or_a_run_is_chosen_from_the_list() -> None:
    async with stage(playing()) as found:
        await found.settled()
        await found.press("at")
        await found.until(lambda: len(found.app.screen_stack) == 2)
        assert "run 7f3a" in found.everything() and TABLE in found.everything()
        await found.press("down", "down", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        assert found.app.view.as_of is not None and found.app.view.as_of.at == shop.ago(2)


async def test_the_drawer_reads_the_rows_of_then() -> None:
    client = playing()
    client.contents = {TABLE: QueryAnswer(("ticket_id",), ("string",), (("T-1",),))}
    async with stage(client) as found:
        await back(found, 2)
        found.app.perform("tab:data")
        await found.until(lambda: client.pages and "T-1" in found.drawer())
        assert client.pages[-1][:2] == (TABLE, 7_000_000_000_000_006_476)
        assert "current then" in text_of(found.bench.query_one("DataTab").query_one(LineView))


async def test_status_that_nothing_says_is_not_known() -> None:
    client = playing()
    client.tables_read = {TABLE: client.tables_read[TABLE]}
    async with stage(client) as found:
        await back(found, 2)
        await found.select("raw/raw_customers")
        assets = found.app.bench_state.assets or {}
        assert assets["raw/raw_customers"].status is AssetStatus.UNKNOWN
        assert "not known" in found.detail("AssetsPane") and "the history of its table" in found.detail("AssetsPane")


async def test_the_log_ends_where_the_moment_is() -> None:
    client = playing()
    client.tell(shop.log("written after it"))
    async with stage(client) as found:
        await back(found, 3)
        await found.until(lambda: "written after it" not in found.drawer())
        await found.press("0")
        await found.until(lambda: "written after it" in found.drawer())


async def test_the_way_back_can_be_clicked() -> None:
    async with stage(playing()) as found:
        await back(found, 2)
        line = header(found)
        await found.pilot.click("Header", offset=(Text(line[: line.rindex("now")]).cell_len, 0))
        await found.until(lambda: found.app.view.as_of is None)


async def test_sql_asks_as_of_then_and_can_neither_unlock_nor_go_elsewhere() -> None:
    client = asking()
    async with stage(client) as found:
        await found.settled()
        await found.press("at", *"2026-11-22 13:20", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        await found.press("Q")
        await found.until(lambda: len(found.app.screen_stack) == 2)
        assert found.app.view.asking is not None and found.app.view.asking.at == "2026-11-22 13:20:00.000+00:00"
        for name in ("lock", "moment"):
            reason = SQL_BY_NAME[name].disabled_reason(found.app.bench_state, found.app.view)
            assert "the past cannot be changed" in reason
        await found.press("f5")
        await found.until(lambda: client.querying.opened)
        assert client.querying.opened[-1][1:] == ("2026-11-22 13:20:00.000+00:00", False)
        await found.press("escape", "escape")
        await found.until(lambda: len(found.app.screen_stack) == 1)
        await found.press("0")
        assert found.app.view.asking.at == ""


async def test_tables_are_looked_into_as_of_then_and_not_changed() -> None:
    client = asking()
    async with stage(client) as found:
        await found.settled()
        await found.press("at", *"2026-11-22 13:20", "enter")
        await found.until(lambda: found.app.view.as_of is not None)
        reads = {"earlier", "later", "now", "next_tab", "previous_tab", "next_box", "previous_box", "filter", "sql"}
        reads |= {"copy", "look_again", "help", "leave", "drift", "schemas", "metadata"}
        writing = [action for action in TABLE_ACTIONS if action.name not in reads]
        assert {"rollback", "compact", "expire", "tag"} <= {action.name for action in writing}
        assert all("the past cannot be changed" in not_from(found.app.view, action) for action in writing)
        for name in ("restart", "stop", "switch"):
            said = STACK_BY_NAME[name].disabled_reason(found.app.bench_state, found.app.view)
            assert "the past cannot be changed" in said


async def test_an_engine_that_starts_anew_is_shown_as_of_now() -> None:
    client = playing()
    async with stage(client) as found:
        await back(found)
        found.app.start()
        await found.until(lambda: found.app.view.as_of is None)


def going_back(client: ScriptedClient, times: int) -> Before:
    async def run(pilot: Pilot[None]) -> None:
        await back(Stage(pilot, client), times)

    return run


@SIZES
@pytest.mark.parametrize("times", [1, 2], ids=["running", "before"])
def test_past(snap_compare: Compare, times: int, size: tuple[int, int]) -> None:
    client = playing()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=going_back(client, times))


@SIZES
def test_moments(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = playing()
    run_before = settled(client, "at", select=TICKETS)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run_before)
