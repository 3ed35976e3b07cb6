"""The app in a real browser: who is let in, what is seen, and that nothing stays."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.builders import dbt_project
from tests.contracts.workbench import eventually, kill_left, processes
from tests.end_to_end.browser import PATIENCE_S, PROGRAM, browser

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = dbt_project(tmp_path / "shop")
    (root / "models").mkdir(exist_ok=True)
    (root / "models" / "tea_time.sql").write_text("select 1 as n\n")
    yield root
    kill_left(root)


@contextmanager
def served(root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the address that it printed."""
    command = [sys.executable, "-m", "floe_bench", "web", "--json", "--project", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
        process.kill()
        process.communicate()


def apps(root: Path) -> list[psutil.Process]:
    """Those of open pages."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if "web_driver" in process.environ().get("TEXTUAL_DRIVER", "") and str(root) in process.cmdline():
                found.append(process)
    return found


async def test_the_app_is_drawn_in_a_browser_hears_keys_and_ends_with_the_page(root: Path, tmp_path: Path) -> None:
    with served(root) as (server, url):
        here = re.sub(r"/\?.*", "", url)
        async with browser() as page:
            await page.open(url)
            await page.until(lambda: "tea_time" in page.text and "? help" in page.text, "the assets are shown")
            assert await page.value("location.href") == f"{here}/", "the token is not left in the address bar"
            drawn = await page.picture(tmp_path / "bench.png")
            assert len(drawn) > 10_000, "a blank page packs to less"
            assert page.errors == []
            elsewhere = [each for each in page.asked if not re.match(rf"(http|ws)://{here[7:]}/|data:", each)]
            assert elsewhere == [], "nothing is loaded from anywhere else"
            await page.do("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
            await page.press("y")
            await page.until(lambda: "copied shop/tea_time" in page.text, "the key of the asset is copied")
            await page.comes("navigator.clipboard.readText()", "shop/tea_time")
            await page.press("?")
            await page.until(lambda: "Keys" in page.text, "the help screen")

            await page.open(f"{here}/")
            await page.until(lambda: "tea_time" in page.text, "the app again, after a reload")
            assert len(apps(root)) >= 1
            await page.press("q")
            await page.until(lambda: not apps(root), "q ends the app")
            await page.comes("document.body.innerText.includes('has ended')", True)
            await page.open(f"{here}/")
            await page.until(lambda: apps(root), "and once more")
        assert eventually(lambda: not apps(root)), "a closed browser leaves no app"
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE_S) == 0
    assert eventually(lambda: not processes(root))


async def test_nobody_is_let_in_without_the_token_twice_with_it_or_from_another_site(root: Path) -> None:
    with served(root) as (_, url):
        here, token = url.split("/?token=")
        wrong = token[:-1] + ("y" if token.endswith("x") else "x")
        listening = {each.laddr.ip for each in psutil.net_connections("tcp") if each.laddr.port == int(here[17:])}
        assert listening == {"127.0.0.1"}
        async with aiohttp.ClientSession() as stranger, aiohttp.ClientSession(cookie_jar=jar()) as guest:
            for path in ("/", f"/?token={wrong}", "/?token=", "/ws", "/static/js/textual.js", "/download/x"):
                assert await status(stranger, here + path) == 403, path
            assert await status(stranger, url, Host="evil.example") == 403
            assert await status(guest, url) == 200
            assert await status(stranger, url) == 403, "the token works once"
            assert await status(guest, f"{here}/") == 200
            for origin in ("http://evil.example", "http://127.0.0.1:1", "null"):
                assert await status(guest, f"{here}/ws", Origin=origin) == 403
        assert apps(root) == []


async def test_an_app_ends_when_its_server_is_killed(root: Path) -> None:
    with served(root) as (server, url):
        async with browser() as page:
            await page.open(url)
            await page.until(lambda: "tea_time" in page.text, "the app")
            os.kill(server.pid, signal.SIGKILL)
            assert eventually(lambda: not apps(root))
    assert eventually(lambda: not processes(root))


def jar() -> aiohttp.CookieJar:
    return aiohttp.CookieJar(unsafe=True)  # unsafe: also from an address without a name


async def status(session: aiohttp.ClientSession, url: str, **headers: str) -> int:
    async with session.get(url, headers=headers) as answer:
        return answer.status
