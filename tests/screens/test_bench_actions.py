"""Keys do what they say, or say why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag

import shop
from scripted_client import ScriptedClient
from stage import NARROW, playing, stage, text_of
from textual.events import Key
from textual.widgets import Input

from floe_bench.errors import CommitConflict, NothingSelected
from floe_bench.events import RunChanged, StackChanged
from floe_bench.model.run import RunRequest
from floe_bench.model.snapshot import RowChange, Sample
from floe_bench.model.stack import StackState, StackStatus
from floe_bench.tui.actions import ACTIONS
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.view import DRAWER, Link


async def test_m_submits_the_selected_asset() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted == [RunRequest(select="stg_support_tickets", launched_by="app")]
        await bench.until(lambda: "is queued" in bench.line("Footer"))


async def test_a_key_that_comes_right_behind_the_cursor_is_about_the_line_it_moved_to() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        lines, before = bench.bench.query_one("AssetsPane", Pane).lines, bench.app.view.selection

        def quick() -> None:
            lines.put_cursor("staging/stg_support_tickets")
            assert bench.app.view.selection == before, "the message has arrived already: this shows nothing"
            bench.app.perform("materialize")

        bench.app.call_later(quick)
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "stg_support_tickets"


async def test_m_on_a_group_shows_its_assets_without_the_sources_and_enter_submits_them() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("g")
        await bench.until(lambda: bench.app.view.selection.group == "raw")
        await bench.press("m")
        await bench.until(lambda: "raw_support_tickets" in text_of(bench.app.screen.query_one(LineList)))
        assert "raw_clicks" not in text_of(bench.app.screen.query_one(LineList))
        assert bench.client.submitted == []
        await bench.press("enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "raw_customers raw_transactions raw_support_tickets"


async def test_m_on_a_python_asset_selects_it_by_its_key() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("python/churn_scores")
        await bench.press("m")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted[0].select == "asset:python/churn_scores"


async def test_m_on_a_run_does_again_what_the_run_did() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_7F3A)
        await bench.press("m", "enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted == [
            RunRequest(select="stg_support_tickets+", launched_by="app", repeats=shop.RUN_7F3A)
        ]


async def test_m_on_a_source_says_why_not() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("raw/raw_clicks")
        await bench.press("m")
        assert "is a source" in bench.line("Footer")
        assert bench.client.submitted == []


async def test_capital_m_then_a_submits_everything() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("M", "a", "enter")
        await bench.until(lambda: bench.client.submitted)
        assert bench.client.submitted == [RunRequest(select=None, launched_by="app")]


async def test_m_while_booting_says_why_not() -> None:
    async with stage(ScriptedClient(shop.booting())) as bench:
        await bench.until(lambda: "dbt project" in bench.line("BootPane"))
        await bench.press("m")
        assert "still starting: catalog" in bench.line("Footer")
        assert bench.client.submitted == []


async def test_what_the_engine_refuses_is_said_with_its_remedy() -> None:
    client = playing()
    client.failing = {"submit": NothingSelected("Nothing is called that.", remedy="floe-bench assets")}
    async with stage(client) as bench:
        await bench.settled()
        await bench.press("m")
        await bench.until(lambda: "Nothing is called that. → floe-bench assets" in bench.line("Footer"))


async def test_cancel_asks_once_and_c_again_says_yes() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("c")
        assert "Cancel run 7f3a" in bench.line("Footer")
        assert bench.client.cancelled == []
        await bench.press("c")
        await bench.until(lambda: bench.client.cancelled == [shop.RUN_7F3A])


async def test_y_says_yes_to_a_question_and_does_not_copy() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("c", "y")
        await bench.until(lambda: bench.client.cancelled == [shop.RUN_7F3A])
        assert bench.app.clipboard == ""


async def test_any_other_key_says_no_to_a_question() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("c", "escape", "c", "m")
        assert bench.app.view.question is None
        assert bench.client.cancelled == [] and bench.client.submitted == []


async def test_cancel_says_why_not_when_nothing_runs() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("c")
        assert "nothing is running" in bench.line("Footer")


async def test_y_copies_the_whole_id_of_the_selection() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("y")
        assert bench.app.clipboard == "staging/stg_support_tickets"
        await bench.press("3", "y")
        assert bench.app.clipboard == str(shop.snapshots()[-1].snapshot_id)


async def test_d_compares_the_selected_snapshot_with_its_parent() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("d")
        await bench.until(lambda: bench.app.view.diff is not None and bench.app.view.diff.diff is not None)
        said = bench.drawer()
        assert "…6476 → …8841" in said and "made by stg_support_tickets in run 7f3a" in said
        assert "+3 rows  −0  ~12 by ticket_id" in said
        assert "+ severity string" in said
        assert "open → closed" in said and "∅ → low" in said


async def test_the_rows_of_a_large_diff_come_in_pages_as_somebody_scrolls_to_them() -> None:
    client = playing()
    samples = tuple(Sample("added", {"ticket_id": f"T-{n:05}"}) for n in range(120))
    large = replace(shop.diff(), samples=samples, rows=RowChange(added=120, key=("ticket_id",)))
    client.diffs = dict.fromkeys(client.diffs, large)
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("d")
        await bench.until(lambda: "T-00001" in bench.drawer())
        first = bench.app.view.diff
        assert first is not None and first.diff is not None and len(first.diff.samples) == 50
        await bench.press("4")
        bench.app.perform("tab:diff")
        for _ in range(3):
            await bench.press("end")
        await bench.until(lambda: bench.app.view.diff is not None and bench.app.view.diff.whole)
        await bench.press("end")
        assert "T-00119" in bench.drawer() and " more" not in bench.drawer()


async def test_a_slow_diff_says_how_long_it_takes_and_is_given_up_with_esc() -> None:
    client = playing()
    client.held = {"diff": Flag()}
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("d")
        await bench.until(lambda: bench.app.view.diff is not None)
        asked = bench.app.view.diff
        assert asked is not None and asked.pending
        bench.app.look(diff=replace(asked, asked_at=bench.app.now() - timedelta(seconds=12)))
        await bench.until(lambda: "12.0s" in bench.drawer() and "esc  gives it up" in bench.drawer())
        await bench.press("escape")
        await bench.until(lambda: client.gave_up == ["diff"])
        assert bench.app.view.diff is None and "Nothing was compared yet" in bench.drawer()


async def test_another_diff_gives_the_one_before_up() -> None:
    client = playing()
    client.held = {"diff": Flag()}
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("d")
        await bench.until(lambda: bench.app.view.diff is not None)
        await bench.press("d")
        await bench.until(lambda: client.gave_up == ["diff"])
        client.held["diff"].set()
        await bench.until(lambda: bench.app.view.diff is not None and bench.app.view.diff.diff is not None)


async def test_a_diff_that_fails_says_why_in_the_drawer() -> None:
    client = playing()
    client.failing = {"diff": CommitConflict("The snapshot expired meanwhile.", remedy="floe-bench snapshots T")}
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("d")
        await bench.until(lambda: "The snapshot expired meanwhile." in bench.drawer())
        assert "→ floe-bench snapshots T" in bench.drawer()


async def test_r_asks_the_engine_to_look_again() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("r")
        await bench.until(lambda: bench.client.refreshed == 1)


async def test_quitting_closes_the_client_before_the_screen_goes() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("q")
        await bench.until(bench.client.closed.is_set)
        await bench.until(lambda: not bench.app.is_running)


async def test_quitting_asks_when_a_run_of_ours_would_be_cancelled() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        await bench.press("q")
        assert "would be cancelled" in bench.line("Footer")
        assert not bench.client.closed.is_set()
        await bench.press("q")
        await bench.until(bench.client.closed.is_set)


async def test_quitting_does_not_ask_when_the_engine_stays() -> None:
    async with stage(playing(over=False)) as bench:
        bench.client.tell(StackChanged(StackStatus("embedded", StackState.READY, kept=True)))
        await bench.until(lambda: bench.app.bench_state.stack and bench.app.bench_state.stack.kept)
        await bench.press("q")
        await bench.until(bench.client.closed.is_set)


async def test_quitting_does_not_ask_about_a_run_that_somebody_else_started() -> None:
    async with stage(playing()) as bench:
        foreign = replace(shop.run_7f3a(over=False), run_id="ffff-foreign", launched_by="dagster")
        bench.client.tell(RunChanged(foreign))
        await bench.until(lambda: "ffff" in bench.pane("RunsPane"))
        await bench.press("q")
        await bench.until(bench.client.closed.is_set)


async def test_while_closing_takes_long_the_screen_says_so_and_q_again_does_not_wait() -> None:
    client = playing()
    slow = client.close
    client.close = lambda: client.closed.wait(timeout=300) and slow()  # type: ignore[method-assign]
    async with stage(client) as bench:
        await bench.settled()
        await bench.press("q")
        assert bench.app.view.link is Link.STOPPING
        assert "stopping" in bench.line("Header") and "stopping" in bench.line("Footer")
        await bench.press("q")
        await bench.until(lambda: not bench.app.is_running)
        client.closed.set()


async def test_digits_tab_and_shift_tab_go_to_the_panes() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        seen = []
        for key in ("2", "3", "4", "1", "tab", "shift+tab", "shift+tab"):
            await bench.press(key)
            seen.append(bench.app.view.place)
        assert seen == ["runs", "snapshots", "drawer", "assets", "runs", "assets", "drawer"]
        assert bench.app.focused is not None and bench.app.focused.parent is not None


async def test_in_the_drawer_arrows_and_4_change_the_tab() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        seen = []
        for key in ("4", "l", "right", "h", "4", "4"):
            await bench.press(key)
            seen.append(bench.app.view.tab)
        assert seen == ["log", "sql", "checks", "sql", "checks", "data"]


async def test_a_click_selects_a_line_and_a_click_on_a_tab_shows_it() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        await bench.pilot.click("AssetsPane LineList", offset=(10, 7))
        await bench.until(lambda: bench.app.view.selection.asset == "staging/stg_transactions")
        await bench.pilot.click("TabLine LineView", offset=(45, 0))
        await bench.until(lambda: (bench.app.view.place, bench.app.view.tab) == (DRAWER, "checks"))


async def test_help_begins_with_the_keys_of_where_somebody_is() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("question_mark")
        await bench.until(lambda: "Run" in text_of(bench.app.screen.query_one(LineList)).splitlines()[0])
        await bench.press("escape", "4", "question_mark")
        await bench.until(lambda: "Drawer" in text_of(bench.app.screen.query_one(LineList)).splitlines()[0])
        assert "Log" in str(bench.app.screen.query_one(".sheet").border_title)


async def test_help_lists_every_action_and_says_why_a_key_would_do_nothing() -> None:
    async with stage(playing(), size=(140, 115)) as bench:
        await bench.settled()
        await bench.press("question_mark")
        shown = bench.everything()
        assert [action.help for action in ACTIONS if action.help[:30] not in shown] == []
        assert "not now: nothing is running" in shown
        await bench.press("escape")
        assert bench.app.screen is bench.app.screen_stack[0]


async def test_help_is_searched_by_word_and_by_key() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("question_mark", "slash", *"undo down")
        help_ = bench.app.screen.query_one(LineList)
        await bench.until(lambda: "with everything that was made from it" in text_of(help_))
        assert "materialize" not in text_of(help_).casefold().replace("materialization", "")
        assert "1 of " in str(bench.app.screen.query_one(".sheet").border_subtitle)
        await bench.press("escape")
        await bench.until(lambda: "Run" in text_of(help_).splitlines()[0])
        await bench.press("slash", "E")
        await bench.until(lambda: "Go to what failed" in text_of(help_).splitlines()[1])
        assert "1 of " in str(bench.app.screen.query_one(".sheet").border_subtitle)
        await bench.press("escape", "slash", *"xyzzy")
        await bench.until(lambda: "No key is like that" in text_of(help_))
        await bench.press("escape", "escape")
        assert bench.app.screen is bench.bench


async def test_enter_in_help_does_what_the_key_does() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("question_mark", "slash", *"snapshots.", "enter", "enter")
        await bench.until(lambda: bench.app.screen is bench.bench and bench.app.view.place == "snapshots")


async def test_keys_typed_faster_than_the_screen_follows_are_for_what_the_first_of_them_opened() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        for key in "2j":
            bench.app.post_message(Key(key, key))
        await bench.until(lambda: bench.app.view.selection.origin == "runs")
        assert bench.bench.query_one("RunsPane", Pane).lines.has_focus
        for key in ("slash", *"mmm"):
            bench.app.post_message(Key(key, key if len(key) == 1 else "/"))
        await bench.until(lambda: bench.app.view.filter == "mmm")
        assert bench.client.submitted == []


async def test_help_works_with_the_mouse_alone() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("question_mark")
        await bench.pilot.click("HelpScreen Input")
        await bench.press(*"one pane")
        help_ = bench.app.screen.query_one(LineList)
        await bench.until(lambda: "One pane at a time" in text_of(help_).splitlines()[1])
        await bench.pilot.click("HelpScreen LineList", offset=(10, 1))
        await bench.until(lambda: bench.app.view.zoomed)


async def test_the_palette_finds_every_action() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("colon")
        await bench.until(lambda: bench.app.screen.query(Input))
        titles = {command.title for command in bench.app.get_system_commands(bench.app.screen)}
        assert {f"{action.group}: {action.label}" for action in ACTIONS if action.do} == titles


def test_no_key_means_two_things() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


async def test_escape_leaves_one_thing_at_a_time_and_a_message_goes_along() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("slash", *"stg", "enter")
        await bench.until(lambda: not bench.app.view.filtering)
        await bench.press("z", "4", "c")
        assert "nothing is running" in bench.line("Footer")
        await bench.press("escape")
        assert bench.app.view.notice is None and not bench.app.view.zoomed
        assert (bench.app.view.place, bench.app.view.filter) == (DRAWER, "stg")
        await bench.press("escape")
        assert (bench.app.view.place, bench.app.view.filter) == ("assets", "stg")
        await bench.press("escape")
        assert bench.app.view.filter == ""
