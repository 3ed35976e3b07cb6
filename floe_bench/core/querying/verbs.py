"""Asking the lakehouse, as the bench offers it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from floe_bench.core.parts import Tables
from floe_bench.core.querying.past import pinned, reader_of_the_past
from floe_bench.core.querying.record import Asked
from floe_bench.core.querying.typed import written_between
from floe_bench.errors import BenchError, NoSuchTable, QueryFailed, StackUnavailable, UsageError, WriteRefused
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import AskedQuery, QueryPage, StatementPlan, Words, Written
from floe_bench.model.table import Table, TableName
from floe_bench.ports.querying import Apart, HasApart, OpenQuery

_never: Callable[[], bool] = lambda: False  # noqa: E731
_MOST_OPEN = 8


class LocalQuerying:
    """Fulfils ``ports.querying.Querying``. ``tables`` reads the catalog now; ``wrote`` is told
    the snapshots that a statement wrote; ``clean`` takes secrets out of texts."""

    def __init__(
        self,
        parts: Tables,
        *,
        history: Path,
        tables: Callable[[], Iterable[Table]],
        wrote: Callable[[Sequence[int]], None] = lambda ids: None,
        clean: Callable[[str], str] = str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._parts, self._tables, self._clean, self._now = parts, tables, clean, now
        self._asked, self._wrote = Asked(history), wrote
        self._open: dict[str, OpenQuery] = {}
        self._lock = threading.Lock()

    def past(self, sql: str, at: str, limit: int = 1000, cancelled: Callable[[], bool] = _never) -> QueryAnswer:
        _check(limit)
        with pinned(self._parts, sql, at) as snapshots:
            answer = reader_of_the_past(self._parts).query_at(sql, snapshots, limit=limit, cancelled=cancelled)
        return replace(answer, snapshots=_named(snapshots))

    def open(
        self, sql: str, at: str = "", write: bool = False, limit: int = 500, cancelled: Callable[[], bool] = _never
    ) -> QueryPage:
        _check(limit)
        if write and at:
            raise WriteRefused("nothing can be written in the past", remedy="leave --at out")
        with self._recorded(sql, at):
            if at:
                with pinned(self._parts, sql, at) as snapshots:
                    return self._opened(sql, snapshots, write=False, limit=limit, cancelled=cancelled)
            return self._opened(sql, None, write=write, limit=limit, cancelled=cancelled)

    def plan(self, sql: str, cancelled: Callable[[], bool] = _never) -> StatementPlan:
        return self._apart().plan(sql, cancelled=cancelled)

    def more(self, query_id: str, limit: int = 1000, cancelled: Callable[[], bool] = _never) -> QueryPage:
        _check(limit)
        found = self._open.get(query_id)
        if found is None:
            raise QueryFailed("this result is not open any more", remedy="run it again")
        try:
            answer = found.more(limit, cancelled)
        except BenchError:
            self.close(query_id)
            raise
        if not answer.truncated:
            self.close(query_id)
        return QueryPage(query_id, answer)

    def close(self, query_id: str) -> None:
        with self._lock:
            found = self._open.pop(query_id, None)
        if found is not None:
            found.close()

    def asked(self, limit: int = 200) -> tuple[AskedQuery, ...]:
        return tuple(self._asked.all()[:limit])

    def words(self, tables: tuple[str, ...] = ()) -> Words:
        catalog = self._parts.catalog()
        if not tables:
            return replace(self._apart().words(), tables=tuple(map(str, catalog.names())))
        columns = {}
        for table in tables:
            try:
                columns[table] = tuple(column.name for column in catalog.columns(TableName.parse(table)))
            except NoSuchTable:
                continue
        return Words(columns=columns)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _apart(self) -> Apart:
        compute = self._parts.compute()
        if not isinstance(compute, HasApart):
            raise StackUnavailable("this stack's compute runs no query apart", remedy="floe-bench query")
        return compute.apart

    def _opened(
        self,
        sql: str,
        snapshots: Mapping[TableName, int] | None,
        *,
        write: bool,
        limit: int,
        cancelled: Callable[[], bool],
    ) -> QueryPage:
        before = self._heads() if write else {}
        found = self._apart().ask(sql, snapshots, write=write, limit=limit, cancelled=cancelled)
        query_id, first = uuid.uuid4().hex[:8], replace(found.first, snapshots=_named(snapshots or {}))
        if first.truncated:
            self._keep(query_id, found)
        else:
            found.close()
        return QueryPage(query_id, first, self._changed(before) if write else ())

    def _keep(self, query_id: str, found: OpenQuery) -> None:
        with self._lock:
            oldest = next(iter(self._open), None) if len(self._open) >= _MOST_OPEN else None
            closed = self._open.pop(oldest) if oldest is not None else None
            self._open[query_id] = found
        if closed is not None:
            closed.close()

    @contextmanager
    def _recorded(self, sql: str, at: str) -> Iterator[None]:
        begun, error = monotonic(), ""
        try:
            yield
        except BenchError as failed:
            error = failed.message.partition("\n")[0]
            raise
        finally:
            took = monotonic() - begun
            self._asked.add(AskedQuery(self._now(), self._clean(sql), at, took, self._clean(error)))

    def _heads(self) -> dict[str, int | None]:
        return {table.table: table.snapshot_id for table in self._tables()}

    def _changed(self, before: Mapping[str, int | None]) -> tuple[Written, ...]:
        now = self._heads()
        found = tuple(Written(name, before.get(name), at) for name, at in now.items() if at != before.get(name))
        for each in found:
            snapshots = self._parts.catalog().snapshots(TableName.parse(each.table))
            self._wrote(written_between(snapshots, each.before, each.after))
        return found


def _check(limit: int) -> None:
    if limit < 1:
        raise UsageError(f"a limit of {limit} rows shows nothing", remedy="--limit 1000")


def _named(snapshots: Mapping[TableName, int]) -> dict[str, int]:
    return {str(table): snapshot_id for table, snapshot_id in snapshots.items()}
