"""The SQL screen: its faces, its keys, and what it does with what is typed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event as Flag

import pytest
from scripted_client import ScriptedClient
from sql_stage import MANY, asking
from stage import NARROW, WIDE, Stage, app_on, stage, text_of
from table_stage import FIRST, MART
from textual.events import Key
from textual.pilot import Pilot

from floe_bench.errors import NothingToUndo
from floe_bench.tui.asking import quoted, shown_result
from floe_bench.tui.completion import candidates
from floe_bench.tui.panes.editor_box import EditorBox
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.result_box import ResultBox
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.plot import PlotSheet
from floe_bench.tui.screens.sql import SqlFooter, SqlHeader, SqlScreen
from floe_bench.tui.screens.sql_sheets import FileSheet, HistorySheet, ModelFileSheet, ModelSheet, MomentSheet
from floe_bench.tui.screens.tables import TableScreen

Compare = Callable[..., bool]
BOTH = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


async def opened(found: Stage, text: str = f"select * from {MART}") -> Stage:
    await found.settled()
    await found.press("Q")
    await found.until(lambda: isinstance(found.app.screen, SqlScreen))
    await found.until(lambda: found.app.view.asking is not None and found.app.view.asking.words.functions)
    box(found).put(text)
    await found.until(lambda: found.app.view.asking is not None and found.app.view.asking.text == text)
    return found


async def ran(found: Stage, *, key: str = "ctrl+j") -> Stage:
    await found.press(key)
    await found.until(lambda: not running(found))
    return found


def running(found: Stage) -> bool:
    view = found.app.view.asking
    return view is None or not view.results or any(each.asked_at is not None for each in view.results)


def box(found: Stage) -> EditorBox:
    assert isinstance(found.app.screen, SqlScreen)
    return found.app.screen.box


def typed(found: Stage) -> str:
    return box(found).editor.text


def rows(found: Stage) -> str:
    return text_of(found.app.screen.query_one(ResultBox).query_one(LineList))


def line(found: Stage, kind: type[SqlHeader | SqlFooter | ResultBox | EditorBox]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineView))


def border(found: Stage) -> str:
    widget = found.app.screen.query_one(ResultBox)
    return re.sub(r"\[[^\]]*\]", "", f"{widget.border_title} {widget.border_subtitle}")


Shown = Callable[[Pilot[None]], Awaitable[None]]


def showing(client: ScriptedClient, *keys: str, text: str = f"select * from {MART}") -> Shown:
    async def run(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client), text)
        for key in keys:
            await found.press(key)
            if key in ("ctrl+j", "f6", "y"):
                await found.until(lambda: not running(found) or found.app.view.question is not None)

    return run


# The faces


@BOTH
def test_rows_stand_below_the_statement_that_found_them(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()
    keys = ("ctrl+j", "tab", "down", "right")
    text = f"select * from {MART}\nwhere total_spend > 100 "
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys, text=text))


@BOTH
def test_what_is_typed_is_met_with_words(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()
    text = f"select c\nfrom {MART}"
    keys = ("up", "end")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys, text=text))


@BOTH
def test_what_failed_what_explains_and_what_wrote(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()
    keys = ("f6", "ctrl+l", "ctrl+j", "y")
    text = f"delete from {MART}"
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys, text=text))


@BOTH
def test_the_past_is_chosen_from_snapshots(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "f7"))


# Running


async def test_it_begins_with_the_table_that_the_bench_shows_and_keeps_what_was_typed() -> None:
    async with stage(asking()) as found:
        await found.settled()
        table = found.app.view.table
        assert table is not None
        await found.press("Q")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert typed(found) == f"select * from {table}"
        await found.press(*"x1", "escape")
        assert isinstance(found.app.screen, BenchScreen)
        await found.press("Q")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert typed(found) == f"select * from {table}x1"


async def test_what_is_selected_is_run_alone() -> None:
    async with stage(asking()) as found:
        await opened(found, "select 1\nselect 2")
        await found.press("shift+home")
        await ran(found)
        assert found.client.querying.opened == [("select 2", "", False)]


async def test_pages_come_as_they_are_scrolled_to() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found))
        assert "500+ rows" in border(found) and "C-0000" in rows(found) and found.client.querying.paged == []
        await found.press("tab", "end")
        await found.until(lambda: len(answer(found).rows) == MANY)
        await found.press("end")
        assert f"C-{MANY - 1}" in rows(found) and "1 250 rows" in border(found).replace("\u202f", " ")
        assert found.client.querying.paged == ["q1"]


def answer(found: Stage):  # type: ignore[no-untyped-def]  # of the one result
    return found.app.view.asking.results[0].answer  # type: ignore[union-attr]  # there is one


async def test_results_stand_side_by_side_and_are_closed() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found, "select 1"))
        box(found).put("selekt 2")
        await ran(found)
        assert "✗ 2 selekt 2" in border(found) and "Parser Error" in rows(found)
        await found.press("f2")
        assert "C-0000" in rows(found)
        await found.press("tab", "x")
        assert found.client.querying.closed == ["q1"] and "Parser Error" in rows(found)
        await found.press("x")
        assert "No result yet" in rows(found) and found.app.focused is box(found).editor


async def test_escape_ends_what_runs_in_the_engine_too() -> None:
    async with stage(asking()) as found:
        found.client.querying.held = Flag()
        await opened(found)
        await found.press("ctrl+j")
        await found.until(lambda: "running" in rows(found))
        await found.press("escape")
        assert "ended before it was done" in rows(found)
        await found.until(lambda: found.client.querying.gave_up)
        assert isinstance(found.app.screen, SqlScreen)


async def test_two_statements_run_at_once() -> None:
    async with stage(asking()) as found:
        found.client.querying.held = Flag()
        await opened(found, "select 1")
        await found.press("ctrl+j", "ctrl+j")
        await found.until(lambda: len(found.client.querying.opened) == 2)
        assert border(found).count("◐") == 2
        found.client.querying.held.set()
        await found.until(lambda: not running(found))
        assert "◐" not in border(found)


async def test_what_explains_is_shown_as_text() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found), key="f6")
        assert "29.6 ms  in all" in rows(found)
        assert found.client.querying.opened[0][0].startswith("explain analyze select")


async def test_a_row_is_shown_in_full_and_copied() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found))
        await found.press("tab", "down", "right", "y")
        assert found.app.clipboard == "7.40"
        await found.press("C")
        assert found.app.clipboard.startswith("0.40\n7.40\n")
        await found.press("enter")
        assert "total_spend" in rows(found) and "esc rows" in border(found)
        await found.press("escape")
        assert "esc rows" not in border(found) and "C-0003" in rows(found)
        await found.press("Y")
        assert found.app.clipboard == f"floe-bench query 'select * from {MART}'"


async def test_keys_without_anything_to_do_say_why() -> None:
    async with stage(asking()) as found:
        await opened(found, "")
        await found.press("ctrl+j")
        assert "write a statement first" in line(found, SqlFooter)
        await found.press("ctrl+s")
        assert "there is no result yet" in line(found, SqlFooter)
        assert found.client.querying.opened == []


# Plots


async def test_p_plots_the_column_under_the_cursor_over_names_or_the_order_of_rows() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found))
        await found.press("tab", "p")
        await found.until(lambda: isinstance(found.app.screen, PlotSheet))
        sheet = found.app.screen.query_one(".sheet")
        await found.until(lambda: "total_spend over customer_id" in str(sheet.border_title))
        assert "the first 500 rows" in str(sheet.border_title)
        lines = found.app.screen.query_one(LineList)
        await found.until(lambda: "C-0001 " in text_of(lines) and "█" in text_of(lines))
        await found.press("x", "x")
        await found.until(lambda: "over the order of the rows" in str(sheet.border_title))
        await found.press("y")
        await found.until(lambda: "┤" in found.app.clipboard)
        await found.press("escape")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))


async def test_without_numbers_p_says_why_not() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found, "explain select 1"))
        await found.press("tab", "p")
        await found.until(lambda: "no rows to plot" in line(found, SqlFooter))


@BOTH
def test_a_plot_fills_the_screen(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()
    keys = ("ctrl+j", "tab", "p", "x", "x")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys))


# Typing


async def test_a_letter_right_behind_a_backspace_comes_after_it() -> None:
    async with stage(asking()) as found:
        await opened(found, "select abc")
        for key in ("backspace", "backspace", "x", "left", "y"):
            found.app.post_message(Key(key, key if len(key) == 1 else None))
        await found.until(lambda: len(typed(found)) == len("select ayx"))
        assert typed(found) == "select ayx"


async def test_tab_takes_the_first_word_that_is_offered_else_goes_to_the_rows() -> None:
    async with stage(asking()) as found:
        await opened(found, f"select  from {MART} where tot")
        await found.until(lambda: "total_spend" in line(found, EditorBox))
        await found.press("tab")
        assert typed(found).endswith("where total_spend")
        await found.press("space", "tab")
        assert found.app.focused is found.app.screen.query_one(ResultBox).lines
        await found.press("shift+tab")
        assert found.app.focused is box(found).editor


@pytest.mark.parametrize(
    ("typing", "first"),
    [
        ("select cust", "customer_id"),
        ("from mart_c", MART),
        ("from marts.", MART),
        ("select t.tot", "total_spend"),
        ("select cou", "count("),
        ("whe", "where"),
    ],
)
async def test_words_are_of_the_catalog_and_of_duckdb(typing: str, first: str) -> None:
    async with stage(asking()) as found:
        await opened(found, f"select 1 from {MART}")
        asked = found.app.view.asking
        assert asked is not None
        await found.until(lambda: found.app.view.asking.words.columns)  # type: ignore[union-attr]  # it is open
        words = found.app.view.asking.words  # type: ignore[union-attr]  # it is open
        assert candidates(typing, f"select 1 from {MART}", words)[0].text == first
        assert candidates("select ", f"select 1 from {MART}", words) == ()


def test_a_nested_namespace_is_one_name_in_sql() -> None:
    assert [quoted(each) for each in ("a.b", "a.b.c", 'a."""x"')] == ["a.b", '"a.b".c', 'a."""x"']


# The past


async def test_a_moment_is_for_every_statement_until_it_is_now_again() -> None:
    async with stage(asking()) as found:
        await opened(found)
        await found.press("f7")
        await found.until(lambda: isinstance(found.app.screen, MomentSheet))
        await found.press("down", "down", "down", "down", "enter")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert str(FIRST) in line(found, SqlHeader) and "in the past" in line(found, SqlHeader)
        await ran(found)
        assert found.client.querying.opened == [(f"select * from {MART}", str(FIRST), False)]
        assert f"as of {FIRST}" in border(found)
        await found.press("ctrl+l")
        assert "in the past nothing can be written" in line(found, SqlFooter)
        await found.press("f7")
        await found.until(lambda: isinstance(found.app.screen, MomentSheet))
        await found.press(*"audit", "enter")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert "audit" in line(found, SqlHeader)
        await found.press("f7")
        await found.until(lambda: isinstance(found.app.screen, MomentSheet))
        await found.press("down", "up", "enter")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert "as of now" in line(found, SqlHeader)


async def test_from_a_table_of_the_past_it_asks_that_past() -> None:
    async with stage(asking()) as found:
        await found.settled()
        await found.press("t")
        await found.until(lambda: isinstance(found.app.screen, TableScreen))
        found.app.explorer.change(table=MART, snapshot_id=FIRST)
        await found.settled()
        await found.press("Q")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert typed(found) == f"select * from {MART}" and str(FIRST) in line(found, SqlHeader)
        await found.press("escape")
        assert isinstance(found.app.screen, TableScreen)


# Writing


async def test_rows_change_only_after_an_unlock_and_a_question() -> None:
    async with stage(asking()) as found:
        await opened(found, f"delete from {MART}")
        await ran(found)
        await found.press("ctrl+l")
        assert "statements can change rows" in line(found, SqlHeader)
        await found.press("ctrl+j")
        await found.until(lambda: found.app.view.question is not None)
        await found.press("escape")
        assert [write for _, _, write in found.client.querying.opened] == [False]
        await found.press("ctrl+j")
        await found.until(lambda: found.app.view.question is not None)
        await found.press("y")
        await found.until(lambda: len(found.client.querying.opened) == 2)
        await found.until(lambda: not running(found))
        assert found.client.querying.opened[1] == (f"delete from {MART}", "", True)
        assert typed(found) == f"delete from {MART}" and found.app.focused is box(found).editor
        assert f"{MART} …5369 → …8841" in line(found, ResultBox)
        await found.press("ctrl+l")
        assert "reads only" in line(found, SqlHeader)


async def test_what_a_change_would_do_is_shown_before_it_is_asked_and_can_be_scrolled() -> None:
    async with stage(asking(), size=(80, 24)) as found:
        await opened(found, f"delete from {MART}")
        await found.press("ctrl+l", "ctrl+j")
        await found.until(lambda: found.app.view.question is not None)
        await found.until(lambda: "ICEBERG_DELETE  mart_customers" in rows(found))
        assert "step 39" not in rows(found)
        assert "Run it?" in line(found, SqlFooter)
        await found.press("end")
        await found.until(lambda: "step 39" in rows(found))
        await found.press("escape")
        assert found.client.querying.opened == [] and shown_result(found.app.view.asking) is None


async def test_an_unlocked_statement_that_only_reads_or_cannot_be_planned_is_not_asked_about() -> None:
    async with stage(asking()) as found:
        await opened(found, f"select * from {MART}")
        await found.press("ctrl+l")
        await ran(found)
        assert found.client.querying.opened == [(f"select * from {MART}", "", True)]
        box(found).put("delete from nowhere")
        await ran(found)
        await found.until(lambda: "no table nowhere" in rows(found))
        assert found.app.view.question is None and len(found.client.querying.opened) == 1


async def test_rows_that_are_locked_again_while_a_plan_is_made_are_not_asked_about() -> None:
    async with stage(asking()) as found:
        await opened(found, f"delete from {MART}")
        found.client.querying.held = held = Flag()
        await found.press("ctrl+l", "ctrl+j", "ctrl+l")
        held.set()
        await found.until(lambda: shown_result(found.app.view.asking) is None)
        assert found.app.view.question is None and found.client.querying.opened == []


async def test_what_was_written_is_taken_back_through_a_plan_and_not_written_again() -> None:
    async with stage(asking()) as found:
        found.client.undoing.plan_made = NothingToUndo("somebody was quicker")
        await opened(found, f"delete from {MART}")
        await found.press("ctrl+l", "ctrl+j")
        await found.until(lambda: found.app.view.question is not None)
        await found.press("y")
        await found.until(lambda: not running(found))
        await found.press("tab", "ctrl+s")
        assert "would write again" in line(found, SqlFooter)
        await found.press("Y")
        assert found.app.clipboard == f"floe-bench query --write 'delete from {MART}'"
        await found.press("u")
        await found.until(lambda: found.client.undoing.asked)
        assert found.client.undoing.asked == [f"{MART} to {FIRST}"]
        await found.until(lambda: "somebody was quicker" in line(found, SqlFooter))


# What was asked before, and files


async def test_what_was_asked_before_comes_back_into_the_editor() -> None:
    async with stage(asking()) as found:
        await opened(found, "x")
        await found.press("f8")
        await found.until(lambda: isinstance(found.app.screen, HistorySheet))
        await found.press(*"COUNT")
        assert "selekt" not in text_of(found.app.screen.query_one(LineList))
        await found.press("enter")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert typed(found) == f"select count(*)\nfrom {MART}"
        await found.press("ctrl+z")
        assert typed(found) == "x"


async def test_all_rows_are_written_to_the_file_that_was_named() -> None:
    async with stage(asking()) as found:
        await ran(await opened(found))
        await found.press("ctrl+s")
        await found.until(lambda: isinstance(found.app.screen, FileSheet))
        await found.press("ctrl+u", *"big", "full_stop", *"parquet", "enter")
        await found.until(lambda: found.client.export.written)
        assert found.client.export.written == [(f"select * from {MART}", str(Path("big.parquet").absolute()), "")]
        await found.until(lambda: "big.parquet" in line(found, SqlFooter))


async def test_help_lists_every_key_and_does_what_is_chosen() -> None:
    async with stage(asking()) as found:
        await opened(found)
        await found.press("f1", "slash", *"explain", "enter")
        await found.press("enter")
        await found.until(lambda: found.client.querying.opened)
        assert found.client.querying.opened[0][0].startswith("explain")


# Models


async def called(found: Stage, *keys: str) -> Stage:
    """F9, then these keys in the sheet that asks for a name."""
    await found.press("f9")
    await found.until(lambda: isinstance(found.app.screen, ModelSheet))
    await found.press(*keys)
    return found


async def test_a_statement_becomes_a_model_after_a_look_at_the_file() -> None:
    async with stage(asking()) as found:
        await called(await opened(found), *"big", "enter")
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))
        assert found.client.saving.planned == [(f"select * from {MART}", "big", "models")]
        shown = text_of(found.app.screen.query_one(LineList))
        assert "/shop/models/big.sql" in shown and f"select * from {MART}" in shown and "depends_on" in shown
        await found.press("escape")
        await found.until(lambda: isinstance(found.app.screen, SqlScreen))
        assert found.client.saving.saved == []
        await called(found, "down", "down", "enter")
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))
        await found.press("enter")
        await found.until(lambda: found.client.saving.saved)
        assert [each.shown for each in found.client.saving.saved] == ["models/marts/big.sql"]
        await found.until(lambda: "models/marts/big.sql is asset shop/big" in line(found, SqlFooter))


async def test_keys_that_come_at_once_go_as_far_down_as_they_are_many() -> None:
    client = asking()
    client.saving.FOLDERS = tuple(f"models/{number}" for number in range(9))
    async with stage(client) as found:
        await called(await opened(found), *"big")
        for key in ("down", "down", "down", "down", "enter"):
            found.app.post_message(Key(key, None))
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))
        assert found.client.saving.planned[-1][2] == "models/3"


async def test_what_is_selected_becomes_the_model_and_what_is_refused_can_be_named_again() -> None:
    async with stage(asking()) as found:
        await opened(found, "select 1\nselect 2")
        await found.press("shift+home")
        await called(found, *"big", "enter")
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))
        await found.press("enter")
        await found.until(lambda: found.client.saving.saved)
        assert found.client.saving.saved[0].sql == "select 2"
        await called(found, *"big", "enter")
        await found.until(lambda: "is there already" in line(found, SqlFooter))
        await called(found, *"ger", "enter")
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))
        assert found.client.saving.planned[-1][1] == "bigger"


async def test_what_was_asked_of_the_past_is_no_model_and_neither_is_nothing() -> None:
    async with stage(asking()) as found:
        await opened(found, "")
        await found.press("f9")
        assert "write a statement first" in line(found, SqlFooter)
        box(found).put("select 1")
        await found.press("f7")
        await found.until(lambda: isinstance(found.app.screen, MomentSheet))
        await found.press(*"audit", "enter", "f9")
        await found.until(lambda: "as they are when it runs" in line(found, SqlFooter))
        assert found.client.saving.planned == []


@BOTH
def test_the_file_is_shown_as_it_will_be(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()

    async def run(pilot: Pilot[None]) -> None:
        found = await opened(
            Stage(pilot, client), f"select customer_id, name\nfrom {MART}\njoin raw.raw_customers using (customer_id)"
        )
        await called(found, *"big_customers", "enter")
        await found.until(lambda: isinstance(found.app.screen, ModelFileSheet))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run)


@BOTH
def test_a_model_is_named_above_the_folders_it_can_lie_in(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = asking()

    async def run(pilot: Pilot[None]) -> None:
        await called(await opened(Stage(pilot, client)), *"big_customers")

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run)
