"""Pictures of the drawer's tabs. Update with --snapshot-update, and look at them before you do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from threading import Event as Flag

import pytest
from drawer_stage import MART, TICKETS, looked_into
from scripted_client import ScriptedClient
from stage import NARROW, SIZES, Stage, app_on
from test_drawer import said
from textual.pilot import Pilot

from floe_bench.errors import QueryFailed

Compare = Callable[..., bool]
Before = Callable[[Pilot[None]], Awaitable[None]]
ZOOMED = (
    ("log", "usually"),
    ("sql", "coalesce"),
    ("data", "T-00003"),
    ("lineage", "read by"),
    ("meta", "team:support"),
)


def showing(client: ScriptedClient, tab: str, until: str, *keys: str, asset: str = TICKETS) -> Before:
    async def run(pilot: Pilot[None]) -> None:
        bench = Stage(pilot, client)
        await bench.settled()
        await bench.select(asset)
        bench.app.perform(f"tab:{tab}")
        await pilot.pause()
        if not keys:
            await bench.until(lambda: until in said(bench))
        for key in keys:
            await bench.press(key)
            await bench.until(lambda: not (bench.app.view.inspection and bench.app.view.inspection.asked_at))
        await bench.until(lambda: until in said(bench))

    return run


@SIZES
@pytest.mark.parametrize(("tab", "until"), ZOOMED, ids=[tab for tab, _ in ZOOMED])
def test_tab(snap_compare: Compare, size: tuple[int, int], tab: str, until: str) -> None:
    client = looked_into()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, tab, until))


@SIZES
def test_change(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looked_into()
    before = showing(client, "sql", "+    coalesce", "s", "s")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


@SIZES
@pytest.mark.parametrize("keys", [("g", "enter"), ("g", "enter", "s")], ids=["rows", "sql"])
def test_failed_check(snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    client = looked_into()
    until = "C-0001" if keys[-1] == "enter" else "unique_field"
    before = showing(client, "checks", until, "z", *keys, asset=MART)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


def test_row_in_full(snap_compare: Compare) -> None:
    client = looked_into()

    async def opened(pilot: Pilot[None]) -> None:
        await showing(client, "data", "T-00003")(pilot)
        await Stage(pilot, client).press("j", "enter")

    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=opened)


@SIZES
def test_loading(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looked_into(held={"rows": Flag()})
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "data", "reading rows"))


@SIZES
def test_broken(snap_compare: Compare, size: tuple[int, int]) -> None:
    fault = QueryFailed('Catalog Error: Table with name "raw_support_tickets" does not exist', remedy="floe-bench run")
    client = looked_into(failing={"rows": fault})
    assert snap_compare(
        app_on(lambda: client), terminal_size=size, run_before=showing(client, "data", "does not exist")
    )
