"""What happens elsewhere shows at once; what is late, broken or hostile does no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag

import pytest
import shop
from scripted_client import ScriptedClient
from stage import NARROW, WIDE, playing, stage
from textual.events import Key

from floe_bench.errors import CatalogUnreachable, StackUnavailable
from floe_bench.events import (
    STORAGE,
    AssetsChanged,
    Booted,
    FilesSaved,
    NodeChanged,
    PhaseEnded,
    ProblemFound,
    ProblemSolved,
    ProjectReread,
    RunChanged,
    SnapshotsRead,
    TablesChanged,
)
from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import NodeStatus, RunStatus
from floe_bench.tui.app import FOLD_MOST
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.render.text import clean
from floe_bench.tui.view import Link

TICKETS = "staging.stg_support_tickets"


def failing_connect(*errors: Exception, then: ScriptedClient) -> Callable[[], ScriptedClient]:
    left = list(errors)

    def connect() -> ScriptedClient:
        if left:
            raise left.pop(0)
        return then

    return connect


async def test_the_first_frame_does_not_wait_for_the_engine() -> None:
    gate, client = Flag(), playing()

    def connect() -> ScriptedClient:
        gate.wait(timeout=300)
        return client

    async with stage(client, connect=connect) as bench:
        await bench.until(lambda: "◐ engine" in bench.line("BootPane"))
        assert "floe-bench" in bench.line("Header")
        gate.set()
        await bench.settled()
        assert "raw_customers" in bench.pane("AssetsPane")


async def test_an_engine_that_cannot_start_says_why_and_r_tries_again() -> None:
    error = StackUnavailable("There is no weed binary for this machine.", remedy="floe-bench doctor")
    client = playing()
    async with stage(client, connect=failing_connect(error, then=client)) as bench:
        await bench.until(lambda: bench.app.view.link is Link.BROKEN)
        said = bench.line("BootPane")
        assert "There is no weed binary for this machine." in said and "→ floe-bench doctor" in said
        await bench.press("r")
        await bench.settled()
        assert "raw_customers" in bench.pane("AssetsPane")


async def test_a_bug_in_the_client_is_a_face_and_not_a_traceback() -> None:
    client = playing()
    async with stage(client, connect=failing_connect(KeyError("socket"), then=client)) as bench:
        await bench.until(lambda: "KeyError: 'socket'" in bench.line("BootPane"))
        await bench.press("r")
        await bench.settled()


async def test_a_failed_phase_is_named_with_its_remedy() -> None:
    failed = PhaseEnded("catalog", 2.0, error="no answer on port 8181", remedy="floe-bench logs stack")
    async with stage(ScriptedClient([*shop.booting(), failed, Booted(False, 4.0)])) as bench:
        await bench.until(lambda: "no answer on port 8181" in bench.line("BootPane"))
        assert "→ floe-bench logs stack" in bench.line("BootPane")
        assert "Could not start" in str(bench.app.screen.query_one("BootPane").border_title)


async def test_a_project_that_cannot_be_read_says_file_and_line() -> None:
    problem = ProblemFound("dbt project", "Unexpected end of template", "edit the model", "models/a.sql:3")
    async with stage(ScriptedClient([*shop.empty(), problem])) as bench:
        await bench.until(lambda: "Unexpected end of template" in bench.pane("AssetsPane"))
        assert "models/a.sql:3" in bench.pane("AssetsPane")


async def test_a_problem_while_the_bench_runs_on_is_said_with_its_remedy_until_it_is_solved() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        assert not bench.bench.query_one("ProblemLine").display
        bench.client.tell(ProblemFound("dbt project", "Unknown macro cents()", "edit it", "models/a.sql:3"))
        await bench.until(lambda: "dbt project: Unknown macro cents()" in bench.line("ProblemLine"))
        assert "models/a.sql:3" in bench.line("ProblemLine") and "→ edit it" in bench.line("ProblemLine")
        assert "raw_customers" in bench.pane("AssetsPane")
        bench.client.tell(ProblemSolved("dbt project"))
        await bench.until(lambda: not bench.bench.query_one("ProblemLine").display)


async def test_a_new_run_on_top_of_many_is_seen_by_somebody_who_is_in_another_pane() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        for index in range(60):
            run = replace(
                shop.run_91bc(), run_id=f"a{index:03}", queued_at=shop.NOW, nodes=(), status=RunStatus.SUCCESS
            )
            bench.client.tell(RunChanged(run))
        newest = replace(shop.run_7f3a(over=False), run_id="cafe-1", queued_at=shop.NOW + timedelta(1), nodes=())
        bench.client.tell(RunChanged(newest))
        await bench.until(lambda: "cafe" in bench.pane("RunsPane").splitlines()[0])


async def test_a_run_started_elsewhere_appears_with_its_nodes_as_they_go() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        run = replace(shop.run_7f3a(over=False), run_id="cafe-1", launched_by="dagster", nodes=(), queued_at=shop.NOW)
        bench.client.tell(
            RunChanged(run), NodeChanged("cafe-1", shop.node("fresh_node", 1.0, None, key="raw/raw_customers"))
        )
        await bench.until(lambda: "fresh_node" in bench.pane("RunsPane"))
        assert "running" in next(line for line in bench.pane("RunsPane").splitlines() if "cafe" in line)
        assert "▶" in next(line for line in bench.pane("AssetsPane").splitlines() if "raw_customers" in line)
        bench.client.tell(
            NodeChanged("cafe-1", shop.node("fresh_node", 1.0, 0.5, key="raw/raw_customers")),
            RunChanged(replace(run, status=RunStatus.SUCCESS, ended_at=shop.NOW)),
        )
        await bench.until(lambda: "nothing running" in str(bench.app.screen.query_one("RunsPane").border_subtitle))
        assert "▶" not in next(line for line in bench.pane("AssetsPane").splitlines() if "raw_customers" in line)


async def test_a_node_left_running_by_a_killed_run_does_not_run_forever() -> None:
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        bench.client.tell(
            RunChanged(replace(shop.run_7f3a(over=False), status=RunStatus.FAILED, nodes=(), error="gone"))
        )
        await bench.until(lambda: "nothing running" in str(bench.app.screen.query_one("RunsPane").border_subtitle))
        assert "▶" not in bench.pane("RunsPane") and "▶" not in bench.pane("AssetsPane")


async def test_a_late_slow_read_does_not_overwrite_a_newer_one() -> None:
    client, slow, fast = playing(), Flag(), Flag()
    fast.set()
    old, new = shop.snapshots()[:3], shop.snapshots()
    client.gates = {TICKETS: [slow, fast]}
    client.tables_read = {**client.tables_read, TICKETS: old}
    async with stage(client) as bench:
        await bench.until(lambda: "raw_customers" in bench.pane("AssetsPane"))
        bench.app.screen.query_one("AssetsPane").lines.put_cursor("staging/stg_support_tickets")
        await bench.until(lambda: client.reads.count(TICKETS) == 1)
        client.tables_read = {**client.tables_read, TICKETS: new}
        client.tell(TablesChanged(tuple(replace(each, snapshot_id=99) for each in shop.tables())))
        await bench.until(lambda: "…8841" in bench.pane("SnapshotsPane"))
        slow.set()
        await bench.until(lambda: not client.gates[TICKETS])
        for _ in range(20):
            await bench.pilot.pause()
        assert bench.app.bench_state.snapshots[TICKETS] == new
        assert client.reads.count(TICKETS) == 2


async def test_snapshots_are_read_again_when_a_node_of_the_table_ends() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        before = bench.client.reads.count(TICKETS)
        node = shop.node("stg_support_tickets", 1.0, None, key="staging/stg_support_tickets")
        bench.client.tell(NodeChanged("cafe-1", node))
        bench.client.tell(NodeChanged("cafe-1", replace(node, status=NodeStatus.SUCCESS, duration_s=0.5)))
        await bench.until(lambda: bench.client.reads.count(TICKETS) == before + 1)


async def test_snapshots_are_not_read_again_when_nothing_was_written() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        before = list(bench.client.reads)
        bench.client.tell(TablesChanged(shop.tables()), AssetsChanged(shop.assets()), shop.log("hello"))
        await bench.until(lambda: "hello" in bench.drawer())
        await bench.settled()
        assert bench.client.reads == before


async def test_snapshots_that_cannot_be_read_say_why_and_r_reads_again() -> None:
    client = playing()
    client.failing = {"snapshots": CatalogUnreachable("The catalog does not answer.", remedy="floe-bench up")}
    async with stage(client) as bench:
        await bench.settled()
        assert "The catalog does not answer." in bench.pane("SnapshotsPane")
        assert "→ floe-bench up" in bench.pane("SnapshotsPane")
        client.failing = {}
        await bench.press("r")
        await bench.until(lambda: "append" in bench.pane("SnapshotsPane"))


async def test_old_snapshots_stay_on_the_screen_while_they_are_read_again_in_vain() -> None:
    client = playing()
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        client.failing = {"snapshots": CatalogUnreachable("The catalog does not answer.")}
        await bench.press("r")
        await bench.until(lambda: bench.app.view.unread is not None)
        assert "…8841" in bench.pane("SnapshotsPane")
        assert "could not be read again" in str(bench.app.screen.query_one("SnapshotsPane").border_subtitle)


async def test_a_burst_of_5000_events_is_folded_in_slices_with_keys_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[int] = []
    over_when_the_key_was_heard: list[bool] = []
    async with stage(playing(over=False)) as bench:
        await bench.settled()
        move = LineList.action_move

        def moving(self: LineList, by: int) -> None:
            over_when_the_key_was_heard.append("last" in bench.app.bench_state.snapshots)
            move(self, by)

        monkeypatch.setattr(LineList, "action_move", moving)
        nodes = [shop.node(f"n{index % 500}", 1.0, float(index), key=None) for index in range(5000)]
        bench.app.watch(bench.app, "bench_state", lambda: states.append(len(bench.app._inbox)), init=False)
        bench.client.tell(*(NodeChanged(shop.RUN_7F3A, node) for node in nodes), SnapshotsRead("last", ()))
        while not states:
            await asyncio.sleep(0)
        bench.app.post_message(Key("j", "j"))
        await bench.until(lambda: "last" in bench.app.bench_state.snapshots and over_when_the_key_was_heard)
        assert not over_when_the_key_was_heard[0], "the key had to wait for the whole burst"
        assert 5000 / FOLD_MOST <= len(states) < 2500, "neither in one gulp nor event by event"


async def test_ten_thousand_assets_draw_only_the_lines_that_are_shown() -> None:
    many = tuple(shop.asset(f"staging/model_{index:05}") for index in range(10_000))
    client = ScriptedClient([*shop.ready(), AssetsChanged(many), *shop.empty()[-3:]])
    async with stage(client) as bench:
        await bench.until(lambda: "model_00000" in bench.pane("AssetsPane"))
        pane, drawn = bench.app.screen.query_one("AssetsPane"), []
        draw = pane.lines._draw_item
        pane.lines._draw_item = lambda item, width: drawn.append(item.key) or draw(item, width)
        await bench.press("G")
        assert "model_09999" in bench.pane("AssetsPane")
        assert len(set(drawn)) <= pane.lines.size.height


async def test_text_from_data_is_never_markup_or_terminal_control() -> None:
    hostile = "[bold red]x[] \x1b[31mred\x1b]0;title\x07 \u202eevil\nnext"
    asset = replace(shop.asset("staging/a", AssetStatus.STALE), asset=f"staging/{hostile}", why_stale=(hostile,))
    client = ScriptedClient([*shop.ready(), AssetsChanged((asset,)), *shop.empty()[-3:], shop.log(hostile)])
    async with stage(client, size=NARROW) as bench:
        await bench.until(lambda: "[bold red]x[] red" in bench.pane("AssetsPane"))
        await bench.press("4")
        await bench.until(lambda: "[bold red]x[] red" in bench.drawer())
        assert not any(char in bench.everything() for char in "\x1b\x07\u202e")


def test_clean_text_keeps_what_a_person_can_read() -> None:
    assert clean("naïve 数据 ok") == "naïve 数据 ok"
    assert clean("a\tb\r\nc\x00") == "a    b ⏎ c"


async def test_the_log_follows_its_end_until_the_user_scrolls_up() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        bench.client.tell(shop.log(*(f"line {index}" for index in range(200))))
        await bench.until(lambda: "line 199" in bench.drawer())
        await bench.press("4", "k", "k", "k")
        bench.client.tell(shop.log("later"))
        written = bench.app.logbook.written
        await bench.until(lambda: bench.app.logbook.written > written)
        for _ in range(20):
            await bench.pilot.pause(0.02)
        assert "later" not in bench.drawer() and "line 190" in bench.drawer()
        await bench.press("G")
        await bench.until(lambda: "later" in bench.drawer())


async def test_below_80_by_24_the_needed_size_is_said() -> None:
    async with stage(playing(), size=(79, 24)) as bench:
        await bench.settled()
        said = bench.line("TooSmall")
        assert "79 x 24" in said and "needed 80 x 24" in said
        await bench.pilot.resize_terminal(80, 24)
        await bench.until(lambda: "raw_customers" in bench.pane("AssetsPane"))
        assert not bench.app.screen.query_one("TooSmall").display


async def test_at_80_by_24_the_footer_shows_whole_keys_only() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        line = bench.line("Footer")
        assert "…" not in line and "? " in line and "quit" in line and len(line) <= 80


async def test_a_saved_file_is_said_and_then_what_it_changed() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        bench.client.tell(FilesSaved(("models/a.sql", "models/b.sql", "c.yml", "d.yml", "e.yml")))
        await bench.until(lambda: "saved models/a.sql, models/b.sql, c.yml and 2 more" in bench.line("Footer"))
        bench.client.tell(ProjectReread(("models/a.sql",), ("marts/new_one",), ("staging/a", "staging/b"), (), 0.62))
        said = "project read again in 0.6s: changed a, b · new new_one"
        await bench.until(lambda: said in bench.line("Footer"))
        bench.client.tell(ProjectReread(("notes.md",), (), (), (), 0.4))
        await bench.until(lambda: "no asset changed by notes.md" in bench.line("Footer"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_run_that_waits_for_storage_says_since_when_until_it_goes_on(size: tuple[int, int]) -> None:
    client = playing(over=False)
    async with stage(client, size=size) as found:
        await found.settled()
        if size == NARROW:
            await found.press("2")
        said = ProblemFound(STORAGE, "waiting for storage since 14:02:11", "it goes on", at=shop.ago(5))
        client.tell(said)
        await found.until(lambda: "waiting" in found.pane("RunsPane") and "since 14:02:11" in found.pane("RunsPane"))
        assert "waiting for storage" in found.everything()
        client.tell(ProblemSolved(STORAGE))
        await found.until(lambda: "since 14:02:11" not in found.everything())
