"""What the screen and the commands ask of an engine.

Named in annotations alone: nobody who starts waits for all that can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from floe_bench.events import Event
from floe_bench.ports.bench import CancellableBench


class BenchClient(CancellableBench, Protocol):
    """A bench in another process, with its stream of events; what may be big can be cancelled."""

    def events(self) -> Iterator[Event]:
        """What is now, as events, then what happens, until the engine goes away.

        Raises EngineError then; ends quietly after ``close``.
        """

    def close(self, wait: bool = True) -> None:
        """Let go of the engine. Thread-safe; may take as long as cancelling a run."""
