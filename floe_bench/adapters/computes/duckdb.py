"""Reading rows with DuckDB, in processes apart: an object store that does not answer, or a manifest that is damaged,
makes it end the process that it is in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from floe_bench.adapters.computes.apart.process import QueryProcesses
from floe_bench.adapters.computes.apart.reading_process import Ended, ReadingProcess, StoodStill
from floe_bench.adapters.computes.apart.wire import Hello, revealed
from floe_bench.adapters.computes.failure import known
from floe_bench.adapters.computes.redaction import without_secrets
from floe_bench.errors import Cancelled, QueryFailed
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.drift import Figures
from floe_bench.model.export import FileFormat
from floe_bench.model.profile import Profile
from floe_bench.model.saving import Select
from floe_bench.model.snapshot import Ground, RowChange, Sample
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.ports.compute import Told, nobody

_COUNT_S = 1800.0


def _never() -> bool:
    return False


class DuckDBCompute:
    """Fulfils ``ports.compute.Compute``, ``CanReadThePast``, ``CanCompareFile`` and ``ports.saving.CanTakeApart``, and
    runs queries apart.

    One process reads for all who ask, from the first call on. A call whose process ended is made once more in a process
    of its own, so that it takes nobody along, and nobody takes it along. Beyond ``memory_limit`` (DuckDB's spelling;
    40 % of the memory and at most 4 GB by default) a process spills to ``state_dir``.
    """

    def __init__(self, endpoints: Endpoints, *, state_dir: Path, memory_limit: str | None = None) -> None:
        self._hello = Hello(revealed(endpoints), str(state_dir), memory_limit)
        self._hide = without_secrets(endpoints)
        self._apart = QueryProcesses(endpoints, state_dir=state_dir, memory_limit=memory_limit)
        self._lock = threading.Lock()
        self._process: ReadingProcess | None = None
        self._alone: set[ReadingProcess] = set()
        self._closed = False

    @property
    def apart(self) -> QueryProcesses:
        return self._apart

    def query(self, sql: str, *, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        found: QueryAnswer = self._read("query", sql, limit=limit, cancelled=cancelled)
        return found

    def rows(
        self, table: TableName, snapshot_id: int | None, *, offset: int, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        found: QueryAnswer = self._read("rows", table, snapshot_id, offset=offset, limit=limit, cancelled=cancelled)
        return found

    def query_at(
        self, sql: str, snapshots: Mapping[TableName, int], *, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        found: QueryAnswer = self._read("query_at", sql, dict(snapshots), limit=limit, cancelled=cancelled)
        return found

    def names_in(self, sql: str) -> frozenset[str]:
        found: frozenset[str] = self._read("names_in", sql)
        return found

    def select_of(self, sql: str) -> Select:
        found: Select = self._read("select_of", sql)
        return found

    def row_change(
        self,
        table: TableName,
        before: int | None,
        after: int,
        *,
        key: tuple[str, ...],
        limit: int,
        offset: int = 0,
        cancelled: Callable[[], bool],
        told: Told = nobody,
        ground: Ground | None = None,
    ) -> tuple[RowChange, tuple[Sample, ...]]:
        """As ``ports.compute.Compute.row_change``; ``before`` None: every row is added.

        Raises:
            UsageError: a key column is missing from a snapshot.
            KeyNotUnique: a key stands for several rows of what was read.
        """
        named = {"key": key, "limit": limit, "offset": offset, "ground": ground}
        found: tuple[RowChange, tuple[Sample, ...]] = self._read(
            "row_change", table, before, after, cancelled=cancelled, told=told, **named
        )
        return found

    def row_change_from(
        self,
        file: Path,
        table: TableName,
        after: int,
        *,
        key: tuple[str, ...],
        limit: int,
        offset: int = 0,
        cancelled: Callable[[], bool],
        told: Told = nobody,
    ) -> tuple[RowChange, tuple[Sample, ...]]:
        """Raises as ``row_change``."""
        named = {"key": key, "limit": limit, "offset": offset}
        found: tuple[RowChange, tuple[Sample, ...]] = self._read(
            "row_change_from", file, table, after, cancelled=cancelled, told=told, **named
        )
        return found

    def count(self, table: TableName, snapshot_id: int | None = None) -> int:
        """Nobody waits for it who could cancel it: it is given up when DuckDB cannot be expected to answer any more."""
        until = time.monotonic() + _COUNT_S
        try:
            found: int = self._read("count", table, snapshot_id, cancelled=lambda: time.monotonic() > until)
        except Cancelled:
            raise QueryFailed(f"{table} was not counted within half an hour", remedy="floe-bench health") from None
        return found

    def profile(
        self, table: TableName, snapshot_id: int, columns: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Profile:
        found: Profile = self._read("profile", table, snapshot_id, columns, cancelled=cancelled)
        return found

    def figures(
        self, table: TableName, snapshot_id: int, path: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Figures:
        found: Figures = self._read("figures", table, snapshot_id, path, cancelled=cancelled)
        return found

    def export(
        self,
        what: TableName | str,
        snapshot_id: int | None,
        path: Path,
        *,
        form: FileFormat,
        cancelled: Callable[[], bool],
        past: Mapping[TableName, int] | None = None,
    ) -> int:
        pinned = None if past is None else dict(past)
        found: int = self._read("export", what, snapshot_id, path, form=form, past=pinned, cancelled=cancelled)
        return found

    def close(self) -> None:
        with self._lock:
            self._closed = True
            gone = [*self._alone, *([self._process] if self._process else [])]
        for process in gone:
            process.kill()
        self._apart.close()

    def _read(self, method: str, *given: Any, cancelled: Callable[[], bool] = _never, **named: Any) -> Any:
        try:
            return self._shared().call(method, *given, cancelled=cancelled, **named)
        except StoodStill as error:
            raise _gave_up(error) from None
        except Ended:
            pass
        alone = self._started_alone()
        try:
            return alone.call(method, *given, cancelled=cancelled, **named)
        except Ended as error:
            if self._closed:
                raise _down() from None
            raise _gave_up(error) from None
        finally:
            with self._lock:
                self._alone.discard(alone)
            alone.kill()

    def _shared(self) -> ReadingProcess:
        with self._lock:
            if self._closed:
                raise _down()
            if self._process is None or self._process.over:
                self._process = ReadingProcess(self._hello, hide=self._hide)
            return self._process

    def _started_alone(self) -> ReadingProcess:
        with self._lock:
            if self._closed:
                raise _down()
            process = ReadingProcess(self._hello, hide=self._hide)
            self._alone.add(process)
            return process


def _gave_up(error: Ended) -> QueryFailed:
    return known(str(error)) or QueryFailed(f"DuckDB gave up over it: {error}", remedy="floe-bench health")


def _down() -> QueryFailed:
    return QueryFailed("the stack is down", remedy="floe-bench up")
