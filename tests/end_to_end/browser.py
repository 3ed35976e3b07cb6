"""A headless Chromium, driven over its debugging protocol; what the app draws in it is read by a terminal emulator."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pyte

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 180.0


class Page:
    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._numbers = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.asked: list[str] = []
        """Every address that the page asked for."""
        self.errors: list[str] = []
        self.cells = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.cells)

    async def listen(self) -> None:
        async for message in self._connection:
            said = json.loads(message.data)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self._happened(said["method"], said["params"])

    def _happened(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(params["url"])
            query = dict(pair.split("=") for pair in params["url"].partition("?")[2].split("&"))
            self.cells.resize(int(query["height"]), int(query["width"]))
        elif method == "Network.webSocketFrameReceived" and params["response"]["opcode"] == 2:
            self._stream.feed(base64.b64decode(params["response"]["payloadData"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"]["text"])

    async def do(self, method: str, **params: Any) -> dict[str, Any]:
        self._numbers += 1
        answer = self._answers[self._numbers] = asyncio.get_running_loop().create_future()
        await self._connection.send_str(json.dumps({"id": self._numbers, "method": method, "params": params}))
        found = await asyncio.wait_for(answer, PATIENCE_S)
        assert "error" not in found, found
        return dict(found["result"])

    async def open(self, url: str) -> None:
        await self.do("Page.navigate", url="about:blank")  # nothing of the page before is taken for the new one
        self.cells.reset()
        await self.do("Page.navigate", url=url)

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.do("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")

    async def value(self, script: str) -> Any:
        found = await self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def comes(self, script: str, wanted: object) -> None:
        """Waits until the script has that value."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := await self.value(script)) != wanted:
            assert time.monotonic() < deadline, f"never: {script} is {wanted!r}, but {found!r}\n{self.errors}"
            await asyncio.sleep(0.05)

    async def picture(self, file: Path) -> bytes:
        found = base64.b64decode((await self.do("Page.captureScreenshot"))["data"])
        file.write_bytes(found)
        return found

    @property
    def text(self) -> str:
        """What the app drew, as cells."""
        return "\n".join(self.cells.display)

    async def until(self, claim: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not claim():
            assert time.monotonic() < deadline, f"never: {what}\n{self.errors}\n{self.text}"
            await asyncio.sleep(0.05)


@asynccontextmanager
async def browser(*, size: tuple[int, int] = (1400, 800)) -> AsyncIterator[Page]:
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory(prefix="floe-bench-browser-", ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            [
                *(PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
                *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
                *(f"--user-data-dir={home}", f"--window-size={size[0]},{size[1]}", "about:blank"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with aiohttp.ClientSession() as session:
                address = await _address(session, Path(home) / "DevToolsActivePort")
                async with session.ws_connect(address, max_msg_size=0) as connection:
                    page = Page(connection)
                    listener = asyncio.create_task(page.listen())
                    for domain in ("Page", "Network", "Log", "Runtime"):
                        await page.do(f"{domain}.enable")
                    yield page
                    listener.cancel()
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()


async def _address(session: aiohttp.ClientSession, file: Path) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            port = file.read_text().splitlines()[0]
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
                return str(pages[0]["webSocketDebuggerUrl"])
        except (OSError, IndexError, aiohttp.ClientError):
            assert time.monotonic() < deadline, "the browser did not come up"
            await asyncio.sleep(0.05)
