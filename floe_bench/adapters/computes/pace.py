"""How far a piece of work of several statements is, by DuckDB's own count."""

from __future__ import annotations

import time

import duckdb

from floe_bench.ports.compute import Told

_TELL_EVERY_S = 0.2


class Pace:
    """Never falls, and is told again only when it grew. Looked at from another thread than the work."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._from, self._to = 0.0, 100.0
        self._reached, self._told_at = 0.0, time.monotonic()

    def counted(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """DuckDB counts only where it is told to."""
        cursor.execute("set enable_progress_bar = true")
        cursor.execute("set enable_progress_bar_print = false")

    def part(self, start: float, end: float) -> None:
        """The statement that comes goes from one percentage of the whole to another."""
        self._from, self._to = start, end

    def look(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """A statement that did not begin, or cannot be counted, says -1."""
        if time.monotonic() - self._told_at < _TELL_EVERY_S:
            return
        done = cursor.query_progress()
        percent = self._from + max(min(done, 100.0), 0.0) * (self._to - self._from) / 100
        if percent >= self._reached + 1:
            self._reached, self._told_at = percent, time.monotonic()
            self._told(percent)
