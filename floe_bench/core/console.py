"""The orchestrator's own web interface, for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.errors import ConsoleUnavailable
from floe_bench.model.console import Console
from floe_bench.ports.console import ConsoleServer, HasConsole


class LocalConsole:
    """``ports.console.ConsoleVerbs`` over one open project."""

    def __init__(self, boot: Boot, board: Board) -> None:
        self._boot, self._board = boot, board

    def open(
        self, asset: str | None = None, run_id: str | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> Console:
        # A unique prefix of a run's id is enough here, as everywhere.
        run = self._boot.orchestrator(parsed=False).run(run_id) if run_id else None
        server = self._server()
        found = server.open(self._board.emit, cancelled)
        return replace(found, link=server.link(asset=asset, run_id=run.run_id if run else None))

    def status(self) -> Console:
        return self._server().status()

    def close(self) -> None:
        self._server().close()

    def _server(self) -> ConsoleServer:
        orchestrator = self._boot.orchestrator(parsed=False)
        if not isinstance(orchestrator, HasConsole):
            raise ConsoleUnavailable("this orchestrator has no web interface of its own")
        return orchestrator.console
