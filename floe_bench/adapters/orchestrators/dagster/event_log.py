"""The event log of a run, laid out before Dagster asks for it.

Dagster keeps each run's events in a SQLite file of its own and opens a connection for every event. Making the file, of
which it reads all its migrations to learn that none is due, takes a fifth of the way from a request to a snapshot; and
whoever closes the last connection to a file has its write-ahead log written back.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.orchestrators.dagster.place import Place

if TYPE_CHECKING:
    from dagster import DagsterInstance


def empty_log(place: Place) -> Path:
    """One without events, as this release of Dagster makes it; made when there is none yet."""
    import dagster
    from dagster._core.storage.event_log import SqliteEventLogStorage

    file = place.home / "empty_log" / f"{dagster.__version__}.db"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            storage = SqliteEventLogStorage(folder)
            storage.get_logs_for_run("empty")
            Path(storage.path_for_shard("empty")).replace(file)
    return file


@contextmanager
def begun(instance: DagsterInstance, place: Place, empty: Path, run_id: str) -> Iterator[None]:
    """The run has its log, and its files stay open. Where Dagster keeps its events otherwise nothing is done."""
    from dagster._core.storage.event_log import SqliteEventLogStorage

    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        yield
        return
    _lay(storage, empty, run_id)
    with ExitStack() as open_files:
        for file in (place.database, storage.path_for_shard("index"), storage.path_for_shard(run_id)):
            connection = sqlite3.connect(file, check_same_thread=False)
            open_files.enter_context(closing(connection)).execute("select 1 from sqlite_master").fetchone()
        yield


def recognize(instance: DagsterInstance, run_id: str) -> None:
    """Before the log is read: one that is laid out need not be held against all migrations to find that out."""
    from dagster._core.storage.event_log import SqliteEventLogStorage

    storage = instance.event_log_storage
    known: set[str] | None = getattr(storage, "_initialized_dbs", None)
    if not isinstance(storage, SqliteEventLogStorage) or known is None or run_id in known:
        return
    if _is_laid_out(Path(storage.path_for_shard(run_id))):
        known.add(run_id)


def _is_laid_out(log: Path) -> bool:
    if not log.exists():
        return False
    with closing(sqlite3.connect(f"{log.as_uri()}?mode=ro", uri=True)) as found:
        try:
            return found.execute("select version_num from alembic_version").fetchone() is not None
        except sqlite3.Error:
            return False


def _lay(storage: Any, empty: Path, run_id: str) -> None:
    """A log that is there already stays as it is."""
    known: set[str] | None = getattr(storage, "_initialized_dbs", None)
    if known is None:
        return
    file = Path(storage.path_for_shard(run_id))
    draft = file.with_suffix(".draft")
    shutil.copyfile(empty, draft)
    with suppress(FileExistsError):
        os.link(draft, file)
        known.add(run_id)
    draft.unlink()
