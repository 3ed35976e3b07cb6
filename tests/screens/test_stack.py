"""The stack screen: its faces, its keys, and what it says when a key can do nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from threading import Event as Flag

import pytest
from scripted_client import ScriptedClient
from stack_stage import CONTAINERS, EMBEDDED, changed, log_of, tending
from stage import NARROW, WIDE, Stage, app_on, stage, text_of
from textual.pilot import Pilot

from floe_bench.errors import StackNotReady
from floe_bench.model.stack import StackState, StackStatus
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.service_box import ServiceFacts, ServiceList, ServiceLog
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.connection import TOOLS, ConnectionSheet, Tool
from floe_bench.tui.screens.stack import StackFooter, StackHeader, StackScreen
from floe_bench.tui.services import chosen_service

Compare = Callable[..., bool]
BOTH = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
BROKEN = replace(changed(CONTAINERS, "minio", StackState.STOPPED, "ended with exit 137"), catalog_uri=None)


async def opened(found: Stage) -> Stage:
    await found.settled()
    await found.press("i")
    await found.until(lambda: isinstance(found.app.screen, StackScreen))
    await read(found)
    return found


async def read(found: Stage) -> None:
    def is_read() -> bool:
        view = found.app.view.tending
        chosen = chosen_service(found.app.bench_state, view)
        return view is None or (view.look is not None and (chosen is None or view.look.of == chosen.service))

    await found.until(is_read)


def box(found: Stage, kind: type[ServiceList | ServiceLog]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineList))


def line(found: Stage, kind: type[StackHeader | StackFooter | ServiceFacts]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineView))


def border(found: Stage, kind: type[ServiceList | ServiceLog]) -> str:
    widget = found.app.screen.query_one(kind)
    return f"{widget.border_title} {widget.border_subtitle}"


def showing(client: ScriptedClient, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        for key in keys:
            await found.press(key)
            await read(found)

    return run


# The faces


@BOTH
@pytest.mark.parametrize("status", [CONTAINERS, EMBEDDED, BROKEN], ids=["containers", "process", "broken"])
def test_it_looks_like_this(snap_compare: Compare, size: tuple[int, int], status: StackStatus) -> None:
    client = tending(status)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "down"))


@BOTH
def test_copying_a_connection_looks_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = tending()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "c"))


def test_it_looks_like_this_before_a_stop(snap_compare: Compare) -> None:
    client = tending()
    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=showing(client, "down", "x"))


# What it says


async def test_each_service_is_told_with_state_memory_ports_image_and_digest() -> None:
    async with stage(tending()) as found:
        await opened(found)
        first, second, _ = box(found, ServiceList).splitlines()
        assert first.split()[1:6] == ["●", "PostgreSQL", "ready", "14", "MB"]
        assert "40101" in first and "floe-bench/postgres:15  5b1c9e0a77d2" in first
        assert "63 MB" in second and "2h" in second
        assert "polaris-minio  ● ready" in line(found, StackHeader)
        assert "383 MB in memory" in border(found, ServiceList)


async def test_the_cursor_chooses_whose_log_and_facts_are_shown() -> None:
    async with stage(tending()) as found:
        await opened(found)
        await found.press("down")
        await read(found)
        assert "14cea493d9a3" in line(found, ServiceFacts) and "pid 4102" in line(found, ServiceFacts)
        assert "connection reset by peer" in box(found, ServiceLog)
        assert "Log of MinIO" in border(found, ServiceLog)


async def test_the_log_goes_on_after_a_restart_of_its_service() -> None:
    client = tending()
    async with stage(client) as found:
        await opened(found)
        await found.press("r")
        await found.until(lambda: client.services.asked == [("restart", "postgres")])
        fresh = replace(log_of("postgres")[-1], level="info", text="ready to accept connections")
        client.kept_log = (*client.kept_log, fresh)
        await found.until(lambda: "ready to accept connections" in box(found, ServiceLog))


async def test_a_restart_is_shown_while_it_lasts_and_nothing_else_can_be_done_to_a_service() -> None:
    client = tending()
    client.services.held = Flag()
    async with stage(client) as found:
        await opened(found)
        await found.press("down", "r")
        await found.until(lambda: "restarting minio" in border(found, ServiceList))
        await found.press("x")
        await found.until(lambda: "restarting minio; wait for its end" in line(found, StackFooter))
        client.services.held.set()
        await found.until(lambda: "MinIO is ready" in line(found, StackFooter))
        assert client.services.asked == [("restart", "minio")]


async def test_a_restart_during_a_run_asks_first() -> None:
    client = tending(over=False)
    async with stage(client) as found:
        await opened(found)
        await found.press("r")
        assert "may fail meanwhile. Restart PostgreSQL?" in line(found, StackFooter)
        await found.press("escape")
        assert client.services.asked == []
        await found.press("r", "y")
        await found.until(lambda: client.services.asked == [("restart", "postgres")])


async def test_a_stop_asks_first_and_a_stopped_service_says_so_until_it_is_restarted() -> None:
    client = tending()
    async with stage(client) as found:
        await opened(found)
        await found.press("down", "x")
        assert "Stop MinIO?" in line(found, StackFooter) and client.services.asked == []
        await found.press("y")
        await found.until(lambda: "○ MinIO" in box(found, ServiceList) and not found.app.view.tending.doing)  # type: ignore[union-attr]  # it is there
        await found.press("x")
        await found.until(lambda: "stop: MinIO is stopped" in line(found, StackFooter))
        await found.press("c")
        await found.until(lambda: "once the stack is ready" in line(found, StackFooter))
        await found.press("r")
        await found.until(lambda: "● MinIO" in box(found, ServiceList))


async def test_a_restart_that_fails_says_why_and_what_to_type() -> None:
    client = tending()
    client.services.fault = StackNotReady("MinIO ended with exit 1 while it started\nno space left", remedy="df -h")
    async with stage(client) as found:
        await opened(found)
        await found.press("r")
        await found.until(lambda: "MinIO ended with exit 1 while it started → df -h" in line(found, StackFooter))


@pytest.mark.parametrize("tool", TOOLS, ids=[each.tool for each in TOOLS])
async def test_a_connection_is_copied_without_its_secrets(tool: Tool) -> None:
    client = tending()
    async with stage(client) as found:
        await opened(found)
        await found.press("c")
        await found.until(lambda: isinstance(found.app.screen, ConnectionSheet))
        await found.press(tool.key)
        await found.until(lambda: f"copied for {tool.title}" in line(found, StackFooter))
        assert client.connected == [(tool.tool, False)]
        assert found.app.clipboard == f"settings of {tool.tool}"
        assert "connect env --show-secrets" in line(found, StackFooter)


async def test_escape_leaves_the_log_and_then_the_screen() -> None:
    client = tending()
    async with stage(client) as found:
        await opened(found)
        await found.press("enter")
        assert found.app.view.tending is not None and found.app.view.tending.box == "log"
        await found.press("escape")
        assert isinstance(found.app.screen, StackScreen)
        await found.press("escape")
        assert isinstance(found.app.screen, BenchScreen) and found.app.view.tending is None


async def test_a_service_that_ended_meanwhile_is_seen_without_a_key() -> None:
    client = tending()
    async with stage(client) as found:
        await opened(found)
        client.services.now = BROKEN
        await found.until(lambda: "ended with exit 137" in box(found, ServiceList))
