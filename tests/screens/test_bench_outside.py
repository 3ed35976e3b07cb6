"""Doors to the outside: Dagster's own web interface, and a browser for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import shop
from stage import NARROW, playing, stage

from floe_bench.errors import ConsoleUnavailable
from floe_bench.tui.browser import browsed
from tests.fake_console import URL

TICKETS = "staging/stg_support_tickets"


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def browser(folder: Path, *, code: int = 0) -> tuple[str, Path]:
    """The command of a browser that writes down what it was given, and where it does."""
    seen, script = folder / "seen", folder / "browser.py"
    script.write_text(f"import sys, pathlib\npathlib.Path({str(seen)!r}).write_text(sys.argv[-1])\nsys.exit({code})\n")
    return f"{sys.executable} {script}", seen


async def test_w_copies_the_address_of_the_selected_assets_page_where_no_browser_is() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("w")
        await bench.until(lambda: bench.app.clipboard == f"{URL}/assets/{TICKETS}")
        assert f"copied {URL}/assets/{TICKETS}" in bench.line("Footer")
        assert bench.client.console.opened == [(TICKETS, None)]


async def test_w_on_a_run_leads_to_the_run() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_7F3A)
        await bench.press("w")
        await bench.until(lambda: bench.app.clipboard == f"{URL}/runs/{shop.RUN_7F3A}")


async def test_w_gives_the_page_to_the_users_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command, seen = browser(tmp_path)
    monkeypatch.setenv("BROWSER", command)
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("w")
        await bench.until(lambda: f"opened {URL}" in bench.line("Footer"))
        assert seen.read_text() == f"{URL}/assets/{TICKETS}"
        assert bench.app.clipboard == ""


@pytest.mark.parametrize("size", [(140, 40), NARROW])
async def test_the_header_says_where_it_answers_and_that_it_died(size: tuple[int, int]) -> None:
    async with stage(playing(), size=size) as bench:
        await bench.settled()
        assert "web" not in bench.line("Header")
        bench.client.console.open()
        await bench.until(lambda: "web ●" in bench.line("Header"))
        assert ("127.0.0.1:3117" if size != NARROW else ":3117") in bench.line("Header")
        bench.client.console.die()
        await bench.until(lambda: "web ✗" in bench.line("Header"))
        bench.client.console.close()
        await bench.until(lambda: "web" not in bench.line("Header"))


async def test_one_that_does_not_start_says_why_and_what_to_read() -> None:
    client = playing()
    client.console.fault = ConsoleUnavailable("it ended while it started", remedy="less dagster-webserver.log")
    async with stage(client) as bench:
        await bench.settled()
        await bench.press("w")
        await bench.until(lambda: "ended while it started → less dagster-webserver.log" in bench.line("Footer"))


def test_of_several_browsers_the_first_that_works_gets_the_page(tmp_path: Path) -> None:
    bad, _ = browser(tmp_path, code=3)
    (tmp_path / "good").mkdir()
    good, seen = browser(tmp_path / "good")
    assert browsed(URL, {"BROWSER": f"no-such-browser-7:{bad}:{good} --new %s"})
    assert seen.read_text() == URL
    assert not browsed(URL, {"BROWSER": f"'unfinished:{bad}"})
    assert not browsed(URL, {})
