"""The drawer: what each tab says about the selection, how it is read, and that nobody waits in vain."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event as Flag

import shop
from drawer_stage import EVIL, FAILED_CHECK, MART, NEW, OLD, SUPPORT, TICKETS, failing, looked_into
from scripted_client import ScriptedClient
from stage import NARROW, Stage, stage, text_of
from textual.widgets import Input

from floe_bench.errors import CatalogUnreachable
from floe_bench.events import Logged, NodeChanged
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeStatus
from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.tabs.tab import Tab
from floe_bench.tui.render.diff import diff_lines


def said(bench: Stage) -> str:
    """The shown tab with its head."""
    shown = next(tab for tab in bench.bench.query_one(Drawer).query(Tab) if tab.display)
    return text_of(shown.query_one(LineView)) + "\n" + text_of(shown.query_one(LineList))


async def on_tab(bench: Stage, tab: str, *, asset: str = TICKETS) -> None:
    await bench.settled()
    await bench.select(asset)
    bench.app.perform(f"tab:{tab}")
    await bench.pilot.pause()


# ── data ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_data_is_read_when_its_tab_is_shown_and_not_before() -> None:
    client = looked_into()
    async with stage(client) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        assert client.pages == []
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        assert client.pages[0] == ("staging.stg_support_tickets", NEW, 0)


async def test_column_heads_carry_their_types_and_null_is_not_text() -> None:
    async with stage(looked_into()) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        assert "customer_id int" in said(bench) and "opened_at timestamp" in said(bench)
        assert "∅" in said(bench)


async def test_pages_follow_as_the_cursor_goes_down_until_the_last_row() -> None:
    client = looked_into()
    async with stage(client) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        for _ in range(3):
            await bench.press("G")
            await bench.until(lambda: bench.app.view.inspection and not bench.app.view.inspection.asked_at)
        await bench.until(lambda: "T-00249" in said(bench))
        assert [offset for _, _, offset in client.pages] == [0, 100, 200]


async def test_the_data_of_an_older_snapshot_is_that_snapshots() -> None:
    client = looked_into()
    async with stage(client) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("3", "j")
        await bench.until(lambda: bench.app.view.selection.snapshot_id == OLD)
        bench.app.perform("tab:data")
        await bench.until(lambda: "T-00003" in said(bench))
        assert client.pages[-1][1] == OLD
        assert "in the past" in said(bench)


async def test_right_goes_to_columns_that_do_not_fit_and_back() -> None:
    async with stage(looked_into(), size=NARROW) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        assert "handling" not in said(bench)
        head, row = said(bench).splitlines()[1:3]
        assert "3 more ›" in head and "2026-11-22" not in row, "a column without its head"
        await bench.press("l", "l", "l", "l", "l", "l")
        assert "handling" in said(bench) and "ticket_id" not in said(bench)
        await bench.press("h", "h", "h", "h", "h")
        assert "ticket_id" in said(bench)
        assert bench.app.view.tab == "data"


async def test_y_copies_the_cell_Y_the_row_and_C_the_column() -> None:  # noqa: N802
    async with stage(looked_into()) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        await bench.press("j", "j", "y")
        assert bench.app.clipboard == "T-00002"
        await bench.press("Y")
        assert json.loads(bench.app.clipboard)["handling"] == {"agent": "a2", "tags": ["x", "y"]}
        await bench.press("l", "C")
        assert bench.app.clipboard.splitlines()[:3] == ["0", "1", "2"]


async def test_enter_shows_one_row_in_full_and_escape_goes_back() -> None:
    async with stage(looked_into(), size=NARROW) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "T-00003" in said(bench))
        await bench.press("j", "enter")
        await bench.until(lambda: '"agent": "a1"' in said(bench))
        await bench.press("escape")
        await bench.until(lambda: "T-00003" in said(bench))


async def test_leaving_the_tab_gives_up_what_was_being_read() -> None:
    client = looked_into(held={"rows": Flag()})
    async with stage(client) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: client.pages)
        assert "reading rows" in said(bench)
        bench.app.perform("tab:log")
        await bench.until(lambda: client.gave_up == ["rows"])
        assert bench.app.view.inspection is None


async def test_a_late_page_of_another_table_is_not_shown() -> None:
    held = Flag()
    client = looked_into(held={"rows": held})
    async with stage(client) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: client.pages)
        await bench.select(MART)
        held.set()
        await bench.until(lambda: bench.app.view.inspection and bench.app.view.inspection.trouble)
        assert "T-00003" not in said(bench)


async def test_rows_that_cannot_be_read_say_why_and_r_reads_them_again() -> None:
    client = looked_into(failing={"rows": CatalogUnreachable("no answer from the catalog", remedy="floe-bench doctor")})
    async with stage(client) as bench:
        await on_tab(bench, "data")
        await bench.until(lambda: "no answer from the catalog" in said(bench))
        assert "floe-bench doctor" in said(bench)
        client.failing = {}
        await bench.press("r")
        await bench.until(lambda: "T-00003" in said(bench))


async def test_a_table_that_was_never_written_says_how_to_make_it() -> None:
    async with stage(looked_into()) as bench:
        await on_tab(bench, "data", asset="python/churn_scores")
        await bench.until(lambda: "was never written" in said(bench))


# ── sql ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sql_shows_what_ran_then_what_was_written_then_what_changed() -> None:
    async with stage(looked_into(), size=(140, 60)) as bench:
        await on_tab(bench, "sql")
        await bench.until(lambda: '"lake"."raw"' in said(bench))
        await bench.press("s")
        await bench.until(lambda: "{{ ref('raw_support_tickets') }}" in said(bench))
        await bench.press("s")
        await bench.until(lambda: "+    coalesce(severity" in said(bench))
        assert "+1 −0" in said(bench)
        await bench.press("s")
        await bench.until(lambda: '"lake"."raw"' in said(bench))


async def test_a_source_and_a_python_asset_show_the_file_they_have() -> None:
    async with stage(looked_into()) as bench:
        await on_tab(bench, "sql", asset="raw/raw_clicks")
        await bench.until(lambda: "raw_clicks}]" in said(bench))
        await on_tab(bench, "sql", asset="python/churn_scores")
        await bench.until(lambda: "def churn_scores" in said(bench))
        await bench.press("s")
        await bench.until(lambda: "is not compiled" in said(bench))


async def test_a_node_nobody_knows_is_an_error_with_a_next_step() -> None:
    async with stage(looked_into()) as bench:
        await on_tab(bench, "sql", asset=MART)
        await bench.until(lambda: "there is no node" in said(bench))


# ── checks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def opened_check(bench: Stage) -> None:
    await on_tab(bench, "checks", asset=MART)
    await bench.until(lambda: "unique_mart" in said(bench))
    await bench.press("g", "enter")


async def test_enter_on_a_failed_check_shows_the_rows_that_fail_it_and_s_its_sql() -> None:
    async with stage(looked_into(), size=(140, 60)) as bench:
        await opened_check(bench)
        await bench.until(lambda: "C-0001" in said(bench))
        await bench.press("s")
        await bench.until(lambda: "having count(*) > 1" in said(bench))
        assert "C-0001" not in said(bench)
        await bench.press("enter")
        await bench.until(lambda: "having count(*) > 1" not in said(bench))


async def test_more_failing_rows_come_on_demand() -> None:
    async with stage(looked_into(), size=(140, 200)) as bench:
        await bench.settled()
        await bench.select(MART)
        bench.app.perform("tab:checks")
        bench.app.perform("zoom")
        await bench.until(lambda: "unique_mart" in said(bench))
        await bench.press("g", "enter")
        await bench.until(lambda: "C-0049" in said(bench) and "… more rows" in said(bench))
        assert "C-0050" not in said(bench)
        await bench.press("j", "enter")
        await bench.until(lambda: "C-0099" in said(bench))


async def test_rows_that_were_mended_since_are_said_to_be() -> None:
    client = looked_into(failing_now={FAILED_CHECK: failing(0)})
    async with stage(client) as bench:
        await opened_check(bench)
        await bench.until(lambda: "no row fails it now; in that run 3 rows did" in said(bench))


async def test_a_check_that_passed_shows_its_sql() -> None:
    client = looked_into()
    name = "test.shop.not_null_mart_0"
    client.codes = {**client.codes, name: client.codes[FAILED_CHECK]}
    async with stage(client, size=(140, 60)) as bench:
        await on_tab(bench, "checks", asset=MART)
        await bench.until(lambda: "not_null_mart_0" in said(bench))
        await bench.press("g", "j", "enter")
        await bench.until(lambda: "having count(*) > 1" in said(bench))


# ── log ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_e_leaves_warnings_and_errors_and_shows_all_again() -> None:
    async with stage(looked_into()) as bench:
        await bench.settled()
        await bench.press("4")
        await bench.until(lambda: "Running with dbt" in said(bench))
        await bench.press("e")
        await bench.until(lambda: "Running with dbt" not in said(bench))
        assert "usually 0.9 s" in said(bench)
        await bench.press("e")
        await bench.until(lambda: "Running with dbt" in said(bench))


async def test_the_log_can_be_searched_and_esc_takes_the_search_away() -> None:
    async with stage(looked_into()) as bench:
        await bench.settled()
        await bench.press("4", "slash")
        await bench.until(lambda: isinstance(bench.app.focused, Input))
        await bench.press(*"pass", "enter")
        await bench.until(lambda: "5 of 5 PASS" in said(bench) and "Running with dbt" not in said(bench))
        assert isinstance(bench.app.focused, LineList)
        await bench.press("escape")
        await bench.until(lambda: "Running with dbt" in said(bench))


async def test_n_shows_the_kept_lines_of_the_selected_node_in_its_last_run() -> None:
    async with stage(looked_into()) as bench:
        await bench.settled()
        await bench.press("2", "g", "j", "j", "j", "j")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_91BC)
        await bench.press("4", "n")
        await bench.until(lambda: "FAIL 3 unique_mart" in said(bench))
        assert "Running with dbt" not in said(bench)
        assert "run 91bc" in said(bench)


async def test_the_log_follows_until_somebody_scrolls_up_and_G_follows_again() -> None:  # noqa: N802
    client = looked_into()
    async with stage(client) as bench:
        await bench.settled()
        await bench.press("4")
        client.tell(Logged(tuple(LogLine(shop.NOW, "info", "dbt", f"line {index}") for index in range(100))))
        await bench.until(lambda: "line 99" in said(bench))
        await bench.press("k", "k")
        client.tell(Logged((LogLine(shop.NOW, "info", "dbt", "the last word"),)))
        await bench.until(lambda: bench.app.logbook.written >= 106)
        await bench.until(lambda: len(bench.bench.query_one(Drawer).lines.items) >= 106)  # type: ignore[union-attr]
        assert "the last word" not in said(bench)
        await bench.press("G")
        await bench.until(lambda: "the last word" in said(bench))


# ── lineage and meta ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_lineage_tells_the_snapshot_that_was_read_from_the_one_there_is_now() -> None:
    async with stage(looked_into()) as bench:
        await on_tab(bench, "lineage", asset=SUPPORT)
        await bench.until(lambda: "read …6476" in said(bench))
        assert "now …" in said(bench)
        await on_tab(bench, "lineage")
        await bench.until(lambda: "→ ! intermediate/int_customer_support" in said(bench))


async def test_meta_has_what_is_known_of_asset_and_snapshot() -> None:
    async with stage(looked_into(), size=(200, 60)) as bench:
        await on_tab(bench, "meta")
        for fact in ("team:support, finance", "nightly, pii", "ticket_id", str(NEW), "61 kB", "5 of 5 checks passed"):
            await bench.until(lambda fact=fact: fact in said(bench))


async def test_meta_has_all_that_dbt_says_of_a_node_that_failed_however_long_it_is() -> None:
    client = looked_into()
    told = "Database Error in model mart_customer_360\n" + "\n".join(f"line {n} of it" for n in range(60))
    broken = replace(shop.node("mart_customer_360", 1.0, 0.6, key=MART), status=NodeStatus.FAILED, message=told)
    client.replay = [*client.replay, NodeChanged(shop.RUN_7F3A, broken)]
    async with stage(client) as bench:
        await on_tab(bench, "meta", asset=MART)
        await bench.press("4")
        bench.app.perform("tab:meta")
        await bench.press("end")
        await bench.until(lambda: "line 59 of it" in said(bench))
        await bench.press("home")
        await bench.until(lambda: "mart_customer_360" in said(bench))


async def test_texts_of_others_are_shown_and_never_obeyed() -> None:
    client = looked_into()
    whole = client.contents["staging.stg_support_tickets"]
    evil = (EVIL, *whole.rows[0][1:])
    client.contents = {"staging.stg_support_tickets": type(whole)(whole.columns, whole.types, (evil,))}
    async with stage(client, size=(160, 60)) as bench:
        for tab in ("data", "meta"):
            await on_tab(bench, tab)
            await bench.until(lambda: "[bold" in said(bench) and "redrtl" in said(bench) and "表" in said(bench))
            assert not set(said(bench)) & set("\x1b\x07\u202e\u200b")


async def test_every_tab_has_something_to_say_on_an_empty_bench() -> None:
    async with stage(ScriptedClient(shop.empty())) as bench:
        await bench.settled()
        for tab in ("log", "sql", "checks", "data", "diff", "lineage", "meta"):
            bench.app.perform(f"tab:{tab}")
            await bench.pilot.pause()
            assert said(bench).strip(), tab


def test_a_diff_says_in_how_many_rows_each_column_changed_and_what_was_read() -> None:
    def told(**changes: object) -> list[str]:
        made = shop.diff()
        rows = replace(made.rows, **changes)  # type: ignore[arg-type]
        return ["".join(span.text for span in line.left) for line in diff_lines(replace(made, rows=rows), None, 120)]

    found = told(columns={"severity": 3, "status": 12}, partial=True)
    assert "columns status 12  severity 3" in found
    assert found[1].startswith("files   +1") and "in both, not read" in found[1]
    assert not any(line.startswith("columns") for line in told())
