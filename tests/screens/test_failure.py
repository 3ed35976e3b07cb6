"""From something that failed to the place where it failed, with one key."""

from __future__ import annotations

from dataclasses import replace

import shop
from drawer_stage import FAILED_CHECK, MART, TICKETS, looked_into
from stage import NARROW, Stage, stage
from test_drawer import said

from floe_bench.events import AssetsChanged, NodeChanged, RunChanged
from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import NodeStatus, RunStatus
from floe_bench.tui.failure import told

MESSAGE = """\
Runtime Error in model stg_support_tickets (models/staging/stg_support_tickets.sql)
  Binder Error: Referenced column "severity" not found in FROM clause!
  Candidate bindings: "status"

  LINE 12:     coalesce(severity, 'low') as severity,
                        ^"""


async def broken(bench: Stage, message: str = MESSAGE) -> None:
    """The newest run failed at the tickets, and their checks were skipped."""
    run = shop.run_7f3a(over=True)
    node = replace(run.nodes[0], status=NodeStatus.FAILED, message=message)
    checks = [replace(each, status=NodeStatus.SKIPPED) for each in run.nodes if each.is_check]
    await bench.settled()
    bench.client.tell(
        RunChanged(replace(run, status=RunStatus.FAILED, nodes=())),
        *(NodeChanged(run.run_id, each) for each in (node, *checks)),
    )
    await bench.until(lambda: bench.app.bench_state.nodes[run.run_id][node.node_id].status is NodeStatus.FAILED)


async def test_E_on_an_asset_goes_to_the_failing_line_and_says_what_was_said_below_it() -> None:  # noqa: N802
    async with stage(looked_into(), size=NARROW) as bench:
        await broken(bench)
        await bench.select(TICKETS)
        await bench.press("E")
        await bench.until(lambda: "   9✗     coalesce(severity" in said(bench))
        lines = said(bench).splitlines()
        at = next(index for index, line in enumerate(lines) if "✗" in line)
        assert "↑ Binder Error: Referenced column" in lines[at + 1]
        assert "LINE 12" not in said(bench) and "Runtime Error in model" not in said(bench)
        assert bench.app.view.place == "drawer"


async def test_a_failing_line_far_down_is_scrolled_to_and_the_user_may_scroll_away() -> None:
    client = looked_into()
    node_id = "model.shop.stg_support_tickets"
    code = client.codes[node_id]
    client.codes = {node_id: replace(code, compiled="select 1\n" * 200 + code.compiled)}
    async with stage(client) as bench:
        await broken(bench)
        await bench.select(TICKETS)
        await bench.press("E")
        await bench.until(lambda: " 209✗" in said(bench))
        await bench.press("g")
        await bench.until(lambda: "   1  select 1" in said(bench))
        bench.app.beat += 1
        await bench.pilot.pause()
        assert "   1  select 1" in said(bench)


async def test_an_error_without_a_place_stands_above_the_code() -> None:
    async with stage(looked_into()) as bench:
        await broken(bench, "Constraint Error: NOT NULL constraint failed")
        await bench.select(TICKETS)
        await bench.press("E")
        await bench.until(lambda: "   1  with tickets" in said(bench))
        assert said(bench).index("NOT NULL constraint failed") < said(bench).index("with tickets")
        assert "✗" not in said(bench)


async def test_enter_on_a_failed_node_goes_there_too() -> None:
    async with stage(looked_into()) as bench:
        await broken(bench)
        await bench.press("2", "g", "j", "enter")
        await bench.until(lambda: "   9✗" in said(bench))


async def test_E_on_a_run_goes_to_the_node_that_failed_and_the_cursor_is_on_it_afterwards() -> None:  # noqa: N802
    async with stage(looked_into()) as bench:
        await broken(bench)
        await bench.press("2", "g", "E")
        await bench.until(lambda: bench.app.view.tab == "sql" and "   9✗" in said(bench))
        await bench.press("2")
        await bench.until(lambda: bench.app.view.place == "runs")
        assert bench.app.view.selection.node_id == "model.shop.stg_support_tickets"


async def test_E_where_a_check_failed_opens_the_failing_rows() -> None:  # noqa: N802
    async with stage(looked_into()) as bench:
        await bench.settled()
        await bench.select(MART)
        await bench.press("E")
        await bench.until(lambda: "C-0001" in said(bench))
        assert bench.app.view.drawing.check == (shop.RUN_91BC, FAILED_CHECK)


async def test_E_where_nothing_failed_says_so() -> None:  # noqa: N802
    async with stage(looked_into()) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("E")
        assert "nothing failed in the selection" in bench.line("Footer")


async def test_checks_that_were_skipped_are_not_shown_as_passed() -> None:
    async with stage(looked_into()) as bench:
        await broken(bench)
        line = next(line for line in bench.pane("RunsPane").splitlines() if "checks" in line)
        assert "5 checks skipped" in line and "✓" not in line


async def test_a_failed_asset_says_what_it_failed_of_and_the_key() -> None:
    async with stage(looked_into()) as bench:
        await broken(bench)
        assets = bench.app.bench_state.assets
        assert assets is not None
        failed = replace(assets[TICKETS], status=AssetStatus.FAILED)
        bench.client.tell(AssetsChanged(tuple({**assets, TICKETS: failed}.values())))
        await bench.select(TICKETS)
        await bench.until(lambda: "Binder Error" in bench.detail("AssetsPane"))
        assert "run 7f3a  E goes there" in bench.detail("AssetsPane")


def test_what_the_database_said_is_one_line_without_the_place() -> None:
    assert told(MESSAGE) == (
        'Binder Error: Referenced column "severity" not found in FROM clause! Candidate bindings: "status"'
    )
    assert told("one line") == "one line"
    assert told("") == ""
