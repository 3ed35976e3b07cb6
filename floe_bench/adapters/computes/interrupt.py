"""Ending a statement that runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import duckdb

from floe_bench.adapters.computes.pace import Pace
from floe_bench.errors import Cancelled

_LOOK_EVERY_S = 0.05


@contextlib.contextmanager
def interrupting(
    cursor: duckdb.DuckDBPyConnection, cancelled: Callable[[], bool], pace: Pace | None = None
) -> Iterator[None]:
    """Interrupts again and again while it is cancelled: an interrupt between two statements is lost. Until then the
    ``pace`` is kept told."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_S):
            if cancelled():
                cursor.interrupt()
            elif pace is not None:
                pace.look(cursor)

    if cancelled():
        raise Cancelled("the query was cancelled")
    watcher = threading.Thread(target=watch, name="query-cancel", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
