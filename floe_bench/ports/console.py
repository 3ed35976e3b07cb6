"""The orchestrator's own web interface: its verbs, and what an orchestrator that has one provides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from floe_bench.model.console import Console
from floe_bench.ports.stack import Emit


class ConsoleVerbs(Protocol):
    """Verbs of the bench. It is stopped with the engine at the latest."""

    def open(self, asset: str | None = None, run_id: str | None = None) -> Console:
        """Start it where it does not run, wait until it answers, and say where the asset or run is found in it.

        Raises ConsoleUnavailable; NoSuchRun.
        """

    def status(self) -> Console:
        """At once."""

    def close(self) -> None:
        """Stop it and wait until it is gone. Nothing to stop is not an error."""


class ConsoleServer(Protocol):
    """One per project, on loopback only. Thread-safe."""

    def open(self, emit: Emit, cancelled: Callable[[], bool]) -> Console:
        """Start it where it does not run and wait until it answers; ``emit`` hears of every change, also later.

        Raises:
            ConsoleUnavailable: it ended, or did not answer in time, with its last words.
            Cancelled: ``cancelled`` turned true while waiting; it goes on starting.
        """

    def status(self) -> Console: ...

    def link(self, *, asset: str | None, run_id: str | None) -> str:
        """The address of their page; of the first page for neither."""

    def close(self) -> None: ...


@runtime_checkable
class HasConsole(Protocol):
    @property
    def console(self) -> ConsoleServer: ...
