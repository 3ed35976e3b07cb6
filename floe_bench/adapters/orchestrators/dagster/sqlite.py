"""How much Dagster's SQLite files promise."""

from __future__ import annotations

import sqlite3
from typing import Any


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


def _relax(connection: Any, record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")
