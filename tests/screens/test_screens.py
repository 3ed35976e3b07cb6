"""Pictures of every face, wide and narrow. Update with --snapshot-update, and look at them before you do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import shop
from scripted_client import ScriptedClient
from stage import NARROW, SIZES, WIDE, Stage, app_on, playing
from textual.pilot import Pilot

from floe_bench.errors import StackUnavailable
from floe_bench.events import Booted, Event, ProblemFound
from floe_bench.tui.view import Link

Compare = Callable[..., bool]
Before = Callable[[Pilot[None]], Awaitable[None]]


def settled(client: ScriptedClient, *keys: str, select: str = "") -> Before:
    async def run(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, client)
        await bench.settled()
        if select:
            await bench.select(select)
        for key in keys:
            await bench.press(key)
            await bench.settled()
        if bench.app.logbook.written and bench.bench.query_one("Drawer").display and bench.app.view.tab == "log":
            await bench.until(lambda: "dbt" in bench.drawer())

    return run


TICKETS = "staging/stg_support_tickets"
UNREADABLE = ProblemFound(
    "dbt project",
    "Compilation Error in model int_customer_orders: unexpected '}', expected ')' in line 14 "
    "from {{ ref('stg_transactions' }}",
    "o opens it",
    "models/intermediate/int_customer_orders.sql:14",
    shop.ago(40),
)


@SIZES
@pytest.mark.parametrize("over", [True, False], ids=["filled", "running"])
def test_bench(snap_compare: Compare, size: tuple[int, int], over: bool) -> None:
    client = playing(over=over)
    assert snap_compare(
        app_on(lambda: client), terminal_size=size, run_before=settled(client, select=TICKETS if over else "")
    )


@pytest.mark.parametrize("place", ["2", "3", "4"], ids=["runs", "snapshots", "log"])
def test_narrow_panes(snap_compare: Compare, place: str) -> None:
    client = playing()
    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=settled(client, place, select=TICKETS))


@SIZES
def test_diff_in_the_drawer(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = playing()

    async def compared(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, client)
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("d")
        await bench.until(lambda: "T-00417" in bench.drawer())

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=compared)


def test_failed_check_of_a_run(snap_compare: Compare) -> None:
    client = playing()
    keys = ("2", "enter", "j", "right", "4", "l", "l")
    assert snap_compare(app_on(lambda: client), terminal_size=WIDE, run_before=settled(client, *keys))


@SIZES
def test_empty(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = ScriptedClient(shop.empty())
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client))


@SIZES
def test_loading(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Each pane on its own: the engine is there, and what they show is still being read."""
    client = ScriptedClient([*shop.ready(), Booted(True, 1.2)])
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client))


@SIZES
@pytest.mark.parametrize("before", [shop.empty, shop.filled], ids=["at-first", "later"])
def test_project_that_cannot_be_read(
    snap_compare: Compare, size: tuple[int, int], before: Callable[[], list[Event]]
) -> None:
    client = ScriptedClient([*before(), UNREADABLE], playing().tables_read)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client))


@SIZES
def test_boot(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = ScriptedClient(shop.booting())

    async def booting(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, client)
        await bench.until(lambda: bench.app.view.link is Link.LIVE and "dbt project" in bench.line("BootPane"))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=booting)


@SIZES
def test_broken(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = ScriptedClient()

    def connect() -> ScriptedClient:
        raise StackUnavailable("There is no weed binary for this machine.", remedy="floe-bench doctor")

    async def broken(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, client)
        await bench.until(lambda: bench.app.view.link is Link.BROKEN)

    assert snap_compare(app_on(connect), terminal_size=size, run_before=broken)


@SIZES
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = playing()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client, "question_mark"))


@SIZES
def test_question(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = playing(over=False)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client, "c"))


@SIZES
def test_no_color(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    client = playing(over=False)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=settled(client, select=TICKETS))


@SIZES
def test_ansi_theme(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = playing(over=False)

    async def ansi(pilot: Pilot[None]) -> None:
        await settled(client, select=TICKETS)(pilot)
        pilot.app.theme = "ansi-dark"
        await pilot.pause()

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=ansi)
