"""What Dagster's SQLite files promise, and what using them costs."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

_KEPT = 32


def spare_the_disk() -> None:
    """A commit no longer waits for the disk: a run makes some sixty of them, at milliseconds each.

    What was committed survives the death of every process, and the files stay whole whatever happens; the last commits
    may not survive the machine's power. The tables do not depend on them: each snapshot says itself who made it.

    For this process, from now on.

    Source: SQLite docs, "PRAGMA synchronous", NORMAL in WAL mode, which Dagster uses.
    """
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "connect", _relax):
        event.listen(Engine, "connect", _relax)


def keep_engines(*, connected: bool = False) -> None:
    """SQLAlchemy compiles a statement once for each engine, and Dagster makes an engine for each event that it writes.

    ``connected``: connections are kept as well, until ``let_go``, for a process that writes one run: opening one is
    half of what an event costs. Whoever keeps them holds the files open, also where somebody deletes them.

    For this process, from now on.
    """
    for module in _dagster():
        if not isinstance(module.create_engine, _Engines):
            module.create_engine = _Engines(module.create_engine, connected=connected)


def let_go() -> None:
    """Close the connections that were kept; the next event opens another."""
    for module in _dagster():
        if isinstance(module.create_engine, _Engines):
            module.create_engine.disconnect()


def _dagster() -> tuple[Any, ...]:
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage

    return sqlite_event_log, sqlite_run_storage


class _Engines:
    """In place of ``create_engine``: the engine of a file, one of the last that were asked for or a new one.

    Several threads may use one of them at once.
    """

    def __init__(self, make: Callable[..., Engine], *, connected: bool) -> None:
        self._make, self._connected, self._lock = make, connected, threading.Lock()
        self._made: OrderedDict[str, Engine] = OrderedDict()

    def __call__(self, url: str, **options: Any) -> Engine:
        with self._lock:
            if url not in self._made:
                self._made[url] = self._held(url, options) if self._connected else self._make(url, **options)
            self._made.move_to_end(url)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[url]

    def _held(self, url: str, options: Mapping[str, Any]) -> Engine:
        from sqlalchemy.pool import QueuePool

        engine = self._make(url, **{**options, "poolclass": QueuePool})
        engine.dispose = lambda close=True: None  # type: ignore[method-assign]  # Dagster's, after each event
        return engine

    def disconnect(self) -> None:
        with self._lock:
            for engine in self._made.values():
                type(engine).dispose(engine)


def _relax(connection: Any, record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")
