"""Since when a check fails: asked from the bench, told as it goes, given up, and gone to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from threading import Event as Flag

import pytest
import shop
from scripted_client import ScriptedClient
from stage import SIZES, Stage, app_on, playing, stage, text_of
from textual.pilot import Pilot

from floe_bench.errors import QueryFailed
from floe_bench.model.bisection import Bisection, Culprit, Evaluation, Outcome, Trail, Verdict
from floe_bench.model.run import NodeStatus
from floe_bench.model.step import Input
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.since import SinceScreen
from floe_bench.tui.view import DRAWER, SNAPSHOTS

Compare = Callable[..., bool]
TABLE = "staging.stg_support_tickets"
MART = "marts/mart_customer_360"
_BEFORE = 'select ticket_id, severity\nfrom "lake"."raw"."raw_support_tickets"\nwhere severity is not null\n'
_AFTER = _BEFORE.replace("where severity is not null\n", "")


def evaluation(place: int, *, fails: bool) -> Evaluation:
    verdict = Verdict.FAILED if fails else Verdict.PASSED
    return Evaluation(place, shop.ago(3600 - place * 300), verdict, 12 if fails else 0, duration_s=0.1)


def culprit() -> Culprit:
    made = shop.snapshots()[-2]
    reads = (Input("raw.raw_support_tickets", 9120, 7001),)
    return Culprit(TABLE, made, shop.snapshots()[-3].snapshot_id, _AFTER, _BEFORE, shop.RUN_91BC, reads)


def failing() -> ScriptedClient:
    client = playing()
    check = next(
        node for run in shop.runs() for node in run.nodes if node.is_check and node.status is NodeStatus.FAILED
    )
    found = Bisection(
        check.node_id, check.name, Outcome.FOUND, (Trail(TABLE, 7),), 7,
        (evaluation(1, fails=False), evaluation(4, fails=False), evaluation(6, fails=True), evaluation(7, fails=True)),
        first=6, culprits=(culprit(),), turns=(6,),
    )  # fmt: skip
    client.checks.known = {check.node_id: found}
    return client


async def asked(bench: Stage) -> None:
    await bench.settled()
    await bench.select(MART)
    await bench.press("b")
    await bench.until(lambda: isinstance(bench.app.screen, SinceScreen))


async def answered(bench: Stage) -> None:
    await asked(bench)
    await bench.until(lambda: bench.app.view.since is not None and bench.app.view.since.asked_at is None)
    await bench.until(lambda: "looked at" in sheet(bench))


def sheet(bench: Stage) -> str:
    return text_of(bench.app.screen.query_one(LineList))


async def test_a_failing_check_is_asked_since_when_and_names_what_made_it_fail() -> None:
    client = failing()
    async with stage(client) as bench:
        await answered(bench)
        said = sheet(bench)
        assert f"it fails since a write to {TABLE}" in said and "4 of 7 moments looked at" in said
        assert "✗ failed   12 failures   ← first" in said
        assert "3−" in said and "where severity is not null" in said
        assert "raw.raw_support_tickets   …7001 → …9120   newer than the time before" in said
        assert "3 moments not looked at" in said


async def test_enter_goes_to_the_snapshot_its_run_and_its_diff() -> None:
    client = failing()
    async with stage(client) as bench:
        await answered(bench)
        await bench.press("down", "enter")
        await bench.until(lambda: isinstance(bench.app.screen, BenchScreen))
        made = culprit().snapshot
        await bench.settled()
        view = bench.app.view
        assert (view.selection.origin, view.selection.snapshot_id, view.table) == (SNAPSHOTS, made.snapshot_id, TABLE)
        assert (view.place, view.tab, view.diff and view.diff.to_snapshot) == (DRAWER, "diff", made.snapshot_id)
        pane = bench.bench.query_one("SnapshotsPane").query_one(LineList)
        await bench.until(lambda: pane.current is not None and pane.current.key == made.snapshot_id)
        assert bench.app.view.selection.snapshot_id == made.snapshot_id, "the cursor does not take it back"
        assert any((made.run_id or "?")[:4] in each for each in _marked(bench))


async def test_a_statement_of_ones_own_is_told_as_typed_sql() -> None:
    client = failing()
    own = replace(culprit().snapshot, run_id=None, asset=None, node_id=None, typed=True)
    client.checks.known = {
        name: replace(found, culprits=(replace(culprit(), snapshot=own),))
        for name, found in client.checks.known.items()
    }
    async with stage(client) as bench:
        await answered(bench)
        said = bench.everything()
        assert "typed SQL   a statement of your own" in said and "somebody else" not in said


def _marked(bench: Stage) -> list[str]:
    return [line for line in bench.pane("RunsPane").splitlines() if "▌" in line]


async def test_what_was_looked_at_is_told_as_it_comes_and_esc_gives_it_up() -> None:
    client = failing()
    client.checks.held = Flag()
    async with stage(client) as bench:
        await asked(bench)
        await bench.until(lambda: "4 of 7 moments looked at" in sheet(bench))
        assert "✓ passed" in sheet(bench) and "✗ failed" in sheet(bench)
        await bench.press("escape")
        await bench.until(lambda: client.checks.gave_up == 1)
        assert isinstance(bench.app.screen, BenchScreen)
        assert bench.app.view.since is None


async def test_a_check_that_cannot_be_evaluated_says_why() -> None:
    client = failing()

    def refuse(check: str, every: bool = False, cancelled: object = None) -> Bisection:
        raise QueryFailed("column severity is not there", remedy="floe-bench run")

    client.checks.bisect = refuse  # type: ignore[method-assign]
    async with stage(client) as bench:
        await asked(bench)
        await bench.until(lambda: "column severity is not there" in sheet(bench))


async def test_where_nothing_fails_the_key_says_so() -> None:
    client = failing()
    async with stage(client) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("b")
        assert "no check of the selection fails" in bench.line("Footer")
        assert client.checks.asked == []


def showing(client: ScriptedClient) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await answered(Stage(pilot, client))

    return run


@SIZES
def test_bisection(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = failing()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client))


@pytest.mark.parametrize("outcome", [Outcome.PASSES, Outcome.ALWAYS])
async def test_it_also_says_that_it_passes_now_or_failed_ever_since(outcome: Outcome) -> None:
    client = failing()
    ((name, found),) = client.checks.known.items()
    client.checks.known = {name: replace(found, outcome=outcome, first=None, culprits=())}
    words = {Outcome.PASSES: "it does not fail now", Outcome.ALWAYS: "at the oldest moment that can be read"}
    async with stage(client) as bench:
        await answered(bench)
        assert words[outcome] in sheet(bench)
        await bench.press("enter")
        assert isinstance(bench.app.screen, SinceScreen), "there is nothing to go to"
