"""The last log lines: a ring, not state, written by folds and drained by whoever shows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from floe_bench.model.answer import LogLine

KEPT = 5000


class Logbook:
    """``written`` only grows, so a reader knows whether there is anything new."""

    def __init__(self, kept: int = KEPT) -> None:
        self._lines: deque[tuple[int, LogLine]] = deque(maxlen=kept)
        self.written = 0

    def add(self, lines: Iterable[LogLine]) -> None:
        for line in lines:
            self._lines.append((self.written, line))
            self.written += 1

    def numbered(self) -> list[tuple[int, LogLine]]:
        """Oldest first, each with its number since the start."""
        return list(self._lines)

    def clear(self) -> None:
        self._lines.clear()
