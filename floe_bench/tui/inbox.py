"""Events on their way from the bridge's thread to the app: many in, one wake-up out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock

from floe_bench.events import AssetsChanged, Event, StackChanged, TablesChanged, ViewsChanged

_WHOLE = (AssetsChanged, StackChanged, TablesChanged, ViewsChanged)
"""Events that tell all of something: an earlier one says nothing that a later one does not."""


def coalesced(events: Iterable[Event]) -> list[Event]:
    """``events`` in order, without those that a later one of them replaces."""
    kept: list[Event] = []
    told: set[type] = set()
    for event in reversed(list(events)):
        if isinstance(event, _WHOLE):
            if type(event) in told:
                continue
            told.add(type(event))
        kept.append(event)
    kept.reverse()
    return kept


class Inbox:
    """Thread-safe. ``wake`` is called once per time that it turns from empty to not."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._lock = Lock()
        self._waiting: deque[tuple[int, Event]] = deque()

    def put(self, generation: int, event: Event) -> None:
        with self._lock:
            self._waiting.append((generation, event))
            first = len(self._waiting) == 1
        if first:
            self._wake()

    def take(self, most: int) -> list[tuple[int, Event]]:
        """The oldest ``most``, each with the generation of the connection that it came over."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def __len__(self) -> int:
        return len(self._waiting)
