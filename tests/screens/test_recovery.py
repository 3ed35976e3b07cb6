"""An engine or a stack that goes away: what was last known stays, says so, and is replaced when there is one again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import shop
from drawer_stage import TICKETS, looked_into
from scripted_client import ScriptedClient
from stage import SIZES, Stage, app_on, playing, stage
from test_drawer import said
from textual.pilot import Pilot

from floe_bench.errors import EngineError
from floe_bench.events import AssetsChanged, Booted, ProblemFound, ProblemSolved, RunChanged
from floe_bench.model.run import RunStatus
from floe_bench.tui import recovery
from floe_bench.tui.view import Link


def then(*clients: ScriptedClient | Exception) -> Callable[[], ScriptedClient]:
    """Answers each connect with the next one; the last one stays."""
    left = list(clients)

    def connect() -> ScriptedClient:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    return connect


def title(bench: Stage, pane: str) -> str:
    return str(bench.bench.query_one(pane).border_title)


AWAY = EngineError("The engine went away.", remedy="floe-bench up")


@pytest.fixture
def nobody_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next attempt is far away: nothing comes between what is looked at."""
    monkeypatch.setattr(recovery, "_WAITS_S", (3600.0,))


async def lost(bench: Stage, client: ScriptedClient) -> None:
    client.go_away()
    await bench.until(lambda: bench.app.view.lost is not None and bench.app.view.link is Link.BROKEN)


async def test_what_was_last_known_stays_and_says_since_when(nobody_tries: None) -> None:
    first = playing()
    async with stage(first, connect=then(first, AWAY)) as bench:
        await bench.settled()
        await lost(bench, first)
        assert "raw_customers" in bench.pane("AssetsPane")
        for pane in ("AssetsPane", "RunsPane", "SnapshotsPane"):
            assert "last known 14:02" in title(bench, pane)
        assert "engine: " in bench.line("ProblemLine")
        assert "no engine" in bench.line("Header")


async def test_no_key_is_frozen_while_the_engine_is_away(nobody_tries: None) -> None:
    first = playing()
    async with stage(first, connect=then(first, AWAY)) as bench:
        await bench.settled()
        await lost(bench, first)
        await bench.press("j", "j")
        assert bench.app.view.selection.assets == ("raw/raw_support_tickets",)
        await bench.press("slash", "m", "a", "r", "t", "enter")
        await bench.until(lambda: "mart_customer_360" in bench.pane("AssetsPane"))
        await bench.press("z")
        assert bench.app.view.zoomed
        await bench.press("z", "l")
        assert bench.app.view.place == "lineage"
        await bench.press("escape", "m")
        await bench.until(lambda: "the engine" in bench.line("Footer"))
        assert first.submitted == []


async def test_what_was_read_stays_readable_and_the_rest_says_why_not(nobody_tries: None) -> None:
    first = looked_into()
    async with stage(first, connect=then(first, AWAY)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        bench.app.perform("tab:data")
        await bench.until(lambda: "T-00003" in said(bench))
        await lost(bench, first)
        assert "T-00003" in said(bench)
        await bench.press("1")
        await bench.select("raw/raw_customers")
        await bench.until(lambda: "The engine is away" in said(bench))


async def test_it_comes_back_by_itself_with_what_is_true_then_and_the_selection_stays() -> None:
    first, second = playing(), playing()
    assets = tuple(replace(each, rows=777) for each in shop.assets())
    second.replay = [*(e for e in shop.filled() if not isinstance(e, AssetsChanged | Booted)), AssetsChanged(assets)]
    async with stage(first, connect=then(first, second)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await lost(bench, first)
        await bench.until(lambda: bench.app.view.link is Link.LIVE)
        assert "901" in bench.pane("AssetsPane") and "777" not in bench.pane("AssetsPane"), "not before it is whole"
        second.tell(Booted(True, 3.0))
        await bench.until(lambda: "777" in bench.pane("AssetsPane"))
        assert bench.app.view.lost is None and "last known" not in title(bench, "AssetsPane")
        assert bench.app.view.selection.assets == (TICKETS,)
        await bench.until(lambda: "staging.stg_support_tickets" in second.reads)
        second.close()


async def test_an_engine_that_comes_back_and_goes_again_is_tried_again() -> None:
    first, second, third = playing(), playing(), playing()
    assets = tuple(replace(each, rows=777) for each in shop.assets())
    third.replay = [AssetsChanged(assets) if isinstance(each, AssetsChanged) else each for each in shop.filled()]
    async with stage(first, connect=then(first, second, third)) as bench:
        await bench.settled()
        first.go_away()
        second.go_away()
        await bench.until(lambda: "777" in bench.pane("AssetsPane"))
        await bench.settled()
        assert bench.app.view.lost is None and bench.app.view.link is Link.LIVE
        second.close()
        third.close()


async def test_r_does_not_wait_for_the_next_attempt(nobody_tries: None) -> None:
    first, second = playing(), playing()
    async with stage(first, connect=then(first, AWAY, AWAY, AWAY, second)) as bench:
        await bench.settled()
        await lost(bench, first)
        for _ in range(4):
            await bench.until(lambda: bench.app.view.link is not Link.CONNECTING)
            await bench.press("r")
        await bench.until(lambda: bench.app.view.lost is None)
        second.close()


async def test_a_new_engine_that_cannot_boot_says_why() -> None:
    first = playing()
    second = ScriptedClient(
        [*shop.booting(), ProblemFound("stack", "weed died", "floe-bench doctor"), Booted(False, 1)]
    )
    async with stage(first, connect=then(first, second)) as bench:
        await bench.settled()
        await lost(bench, first)
        await bench.until(lambda: "weed died" in bench.line("BootPane"))
        second.close()


async def test_while_the_catalog_does_not_answer_the_panes_say_that_they_are_old() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        message = "the catalog does not answer: " + "HTTPConnectionPool " * 10
        bench.client.tell(ProblemFound("catalog", message, "floe-bench logs stack", "", shop.ago(30)))
        await bench.until(lambda: "last known 14:01" in title(bench, "SnapshotsPane"))
        assert "→ floe-bench logs stack" in bench.line("ProblemLine"), "the remedy is not what is cut"
        assert "raw_customers" in bench.pane("AssetsPane")
        bench.client.tell(RunChanged(replace(shop.run_91bc(), run_id="aaaa", status=RunStatus.QUEUED, nodes=())))
        await bench.until(lambda: "aaaa" in bench.pane("RunsPane"))
        bench.client.tell(ProblemSolved("catalog"))
        await bench.until(lambda: "last known" not in title(bench, "SnapshotsPane"))


@SIZES
def test_the_stale_face(snap_compare: Callable[..., bool], nobody_tries: None, size: tuple[int, int]) -> None:
    first = playing()

    async def before(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, first)
        await bench.settled()
        await lost(bench, first)

    assert snap_compare(app_on(then(first, AWAY)), terminal_size=size, run_before=before)
