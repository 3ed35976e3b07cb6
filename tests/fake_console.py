"""The web interface of nobody: it starts at once and has an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.errors import BenchError
from floe_bench.events import ConsoleChanged, Event
from floe_bench.model.console import Console
from floe_bench.model.stack import StackState

URL = "http://127.0.0.1:3117"


class FakeConsole:
    """Fills ``ports.console.ConsoleVerbs``. ``opened`` is what was asked for; ``fault`` is raised instead."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._now = Console()
        self.opened: list[tuple[str | None, str | None]] = []
        self.fault: BenchError | None = None

    def open(self, asset: str | None = None, run_id: str | None = None, cancelled: object = None) -> Console:
        self.opened.append((asset, run_id))
        if self.fault is not None:
            raise self.fault
        if self._now.state is not StackState.READY:
            self._become(Console(StackState.READY, URL, URL, 3117, pid=4712, log="dagster-webserver.log"))
        page = f"/runs/{run_id}" if run_id else f"/assets/{asset}" if asset else ""
        return replace(self._now, link=URL + page)

    def status(self) -> Console:
        return self._now

    def close(self) -> None:
        self._become(Console())

    def die(self) -> None:
        self._become(Console(StackState.FAILED, port=3117, log="dagster-webserver.log"))

    def _become(self, console: Console) -> None:
        self._now = console
        self._emit(ConsoleChanged(console))
