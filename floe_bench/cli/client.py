"""What a command asks of an engine. Named in annotations alone: no command waits for all that can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from floe_bench.events import Event
from floe_bench.ports.bench import CancellableBench


class Client(CancellableBench, Protocol):
    """A bench in another process."""

    def events(self) -> Iterator[Event]:
        """What is known now, as events, then everything that happens."""

    def close(self, wait: bool = True) -> None: ...
