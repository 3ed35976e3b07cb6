"""What Dagster's SQLite files promise, and what using them costs."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
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


def keep_engines() -> None:
    """SQLAlchemy compiles a statement once for each engine, and Dagster makes an engine for each event that it writes.

    For this process, from now on.
    """
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage

    modules: tuple[Any, ...] = (sqlite_event_log, sqlite_run_storage)
    for module in modules:
        if not isinstance(module.create_engine, _Engines):
            module.create_engine = _Engines(module.create_engine)


class _Engines:
    """In place of ``create_engine``: the engine of a file, one of the last that were asked for or a new one.

    They pool no connections, so that one of them may serve several threads, and none holds its file open.
    """

    def __init__(self, make: Callable[..., Engine]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: OrderedDict[str, Engine] = OrderedDict()

    def __call__(self, url: str, **options: Any) -> Engine:
        with self._lock:
            if url not in self._made:
                self._made[url] = self._make(url, **options)
            self._made.move_to_end(url)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[url]


def _relax(connection: Any, record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")
