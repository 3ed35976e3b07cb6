"""Rehearsals on the screen: started over the selection, shown as diffs, published or thrown away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import shop
from scripted_client import ScriptedClient
from stage import SIZES, Stage, app_on, playing, stage, text_of
from textual.pilot import Pilot

from floe_bench.errors import CommitConflict
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.model.run import RunRequest
from floe_bench.model.snapshot import Diff, FileChange, RowChange, Sample, SchemaChange
from floe_bench.model.table import Column
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.screens.rehearsal import RehearsalScreen

TICKETS = "staging/stg_support_tickets"
TABLES = (
    Rehearsed("staging.stg_support_tickets", TICKETS, 7_000_000_000_000_008_841, 7_000_000_000_000_009_002),
    Rehearsed("audit.ticket_counts", "audit/ticket_counts", 1, 6_000_000_000_000_000_512, new=True),
)
READY = Rehearsal(
    "ab12cd34", "5e8a72c0-9999-4aaa-8888-000000000009", shop.ago(60), RunRequest("stg_support_tickets+"),
    RehearsalState.READY, TABLES,
)  # fmt: skip


def diffs() -> tuple[RehearsedDiff, ...]:
    changed = tuple(
        Sample("changed", {"ticket_id": key, "opened_on": "2026-11-20", "severity": new},
               {"ticket_id": key, "opened_on": "2026-11-20", "severity": old})
        for key, old, new in (("T-0007", "low", "high"), ("T-0011", "low", "medium"))
    )  # fmt: skip
    rows = RowChange(changed=12, key=("ticket_id",), columns={"severity": 12})
    files = FileChange(1, 1, 0, 18_200, 18_100, 18_100, 18_200)
    tickets = Diff(TABLES[0].table, TABLES[0].base, TABLES[0].head, SchemaChange(), rows, changed, files)
    columns = SchemaChange(added=(Column(1, "n", "long"),))
    new = Diff(TABLES[1].table, 1, TABLES[1].head, columns, RowChange(added=1), (Sample("added", {"n": 901}),), files)
    return RehearsedDiff(TABLES[0], tickets), RehearsedDiff(TABLES[1], new)


def rehearsed(found: Rehearsal = READY) -> ScriptedClient:
    client = playing()
    client.rehearsing.known = {found.rehearsal_id: found}
    client.rehearsing.diffs = diffs()
    return client


async def shown(bench: Stage) -> str:
    await bench.settled()
    await bench.select(TICKETS)
    await bench.press("P")
    await bench.until(lambda: isinstance(bench.app.screen, RehearsalScreen) and "rehearsed" in sheet(bench))
    return sheet(bench)


def sheet(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineList))


async def test_it_begins_over_the_selection_and_says_that_nobody_else_sees_it() -> None:
    client = playing()
    async with stage(client) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("P")
        await bench.until(lambda: "nobody else sees it" in bench.line("Footer"))
        (asked,) = client.submitted
        assert asked.select is not None and "stg_support_tickets" in asked.select


async def test_each_table_is_compared_with_main_and_published_after_that_look_only() -> None:
    client = rehearsed()
    async with stage(client) as bench:
        told = await shown(bench)
        assert "staging.stg_support_tickets" in told and "~12 by ticket_id" in told and "low → high" in told
        assert "audit.ticket_counts  new; to others it reads as empty" in told
        await bench.press("escape")
        assert client.rehearsing.status().state is RehearsalState.READY
        await shown(bench)
        await bench.press("enter")
        await bench.until(lambda: "2 tables published" in bench.line("Footer"))
        assert client.rehearsing.status().state is RehearsalState.PUBLISHED


async def test_it_is_thrown_away_with_x() -> None:
    client = rehearsed()
    async with stage(client) as bench:
        await shown(bench)
        await bench.press("x")
        await bench.until(lambda: "discarded" in bench.line("Footer"))
        assert client.rehearsing.status().state is RehearsalState.DISCARDED


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (replace(READY, state=RehearsalState.FAILED), "its run failed"),
        (replace(READY, tables=(replace(TABLES[0], behind=True),)), "somebody wrote to staging.stg_support_tickets"),
    ],
    ids=["failed", "behind"],
)
async def test_what_cannot_be_published_says_why_and_enter_does_nothing(found: Rehearsal, why: str) -> None:
    client = rehearsed(found)
    async with stage(client) as bench:
        assert why in await shown(bench)
        await bench.press("enter")
        assert isinstance(bench.app.screen, RehearsalScreen)
        assert not client.rehearsing.status().state.over


async def test_a_publish_that_was_refused_and_one_that_still_runs_say_so() -> None:
    client = rehearsed()
    client.rehearsing.fault = CommitConflict("somebody wrote to a.b since the rehearsal began")
    async with stage(client) as bench:
        await shown(bench)
        await bench.press("enter")
        await bench.until(lambda: "since the rehearsal began" in bench.line("Footer"))
        client.rehearsing.known = {"ab12cd34": READY.now(RehearsalState.RUNNING)}
        await bench.press("P")
        await bench.until(lambda: "still runs" in bench.line("Footer"))


@SIZES
def test_rehearsal_preview(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    client = rehearsed()

    async def run(pilot: Pilot[None]) -> None:
        await shown(Stage(pilot, client))

    before: Callable[[Pilot[None]], Awaitable[None]] = run
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)
