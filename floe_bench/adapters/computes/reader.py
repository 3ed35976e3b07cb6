"""Reading rows with DuckDB."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import duckdb

from floe_bench.adapters.computes.change import Comparison, source
from floe_bench.adapters.computes.connection import Connection, literal
from floe_bench.adapters.computes.export import write
from floe_bench.adapters.computes.failure import failed
from floe_bench.adapters.computes.figures import figured
from floe_bench.adapters.computes.guard import reading, without_end
from floe_bench.adapters.computes.interrupt import interrupting
from floe_bench.adapters.computes.pace import Pace
from floe_bench.adapters.computes.past import CATALOG, Past, names_in
from floe_bench.adapters.computes.plan import run
from floe_bench.adapters.computes.profile import measured, shaped
from floe_bench.adapters.computes.sides import Sides, types_of
from floe_bench.adapters.computes.taken_apart import select_of
from floe_bench.adapters.computes.value import plain
from floe_bench.errors import Cancelled, CatalogUnreachable, KeyNotUnique, QueryFailed, WriteRefused
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.drift import Figures
from floe_bench.model.export import FileFormat
from floe_bench.model.profile import ColumnProfile, Profile
from floe_bench.model.saving import Select
from floe_bench.model.snapshot import Ground, RowChange, Sample
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.ports.compute import Told, nobody

T = TypeVar("T")
Cursor = duckdb.DuckDBPyConnection
Row = dict[str, object]


class DuckDBReader:
    """What ``DuckDBCompute`` does, in this process. DuckDB can end it.

    Tables are named ``namespace.table``, or ``lake.namespace.table``; a nested namespace is one quoted name,
    ``"outer.inner".table``.
    """

    def __init__(self, endpoints: Endpoints, *, state_dir: Path, memory_limit: str | None = None) -> None:
        self._connection = Connection(endpoints, state_dir=state_dir, memory_limit=memory_limit)
        past = Connection(endpoints, state_dir=state_dir, memory_limit=memory_limit, name=CATALOG)
        self._past = Past(past)

    def query(self, sql: str, *, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        def asked(cursor: Cursor) -> None:
            run(cursor, reading(cursor, sql))

        return self._answer(asked, limit, cancelled)

    def rows(
        self, table: TableName, snapshot_id: int | None, *, offset: int, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        # DuckDB keeps the order of files and rows, so pages neither overlap nor leave a row out.
        sql = f"select * from {source(table, snapshot_id)} s limit {int(limit) + 1} offset {int(offset)}"
        return self._answer(lambda cursor: cursor.execute(sql), limit, cancelled)

    def query_at(
        self, sql: str, snapshots: Mapping[TableName, int], *, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        start = time.monotonic()

        def answer(cursor: Cursor) -> QueryAnswer:
            run(cursor, reading(cursor, sql))
            return self._fetched(cursor, limit, start)

        return self._then(answer, snapshots, cancelled)

    def names_in(self, sql: str) -> frozenset[str]:
        try:
            return names_in(sql)
        except duckdb.Error as error:
            raise self._failed(error) from error

    def select_of(self, sql: str) -> Select:
        try:
            found = select_of(sql)
        except duckdb.Error as error:
            raise self._failed(error) from error
        cursor, _ = self._connection.cursor()
        with cursor:
            try:
                cursor.execute(f"explain {found.sql}")
            except duckdb.Error as error:
                return replace(found, fault=self._failed(error).message.partition("\n")[0])
        return found

    def _then(self, work: Callable[[Cursor], T], past: Mapping[TableName, int], cancelled: Callable[[], bool]) -> T:
        try:
            with self._past.at(past, cancelled) as cursor, interrupting(cursor, cancelled):
                return work(cursor)
        except duckdb.InterruptException as error:
            raise Cancelled("the query was cancelled") from error
        except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
            raise self._failed(error) from error
        except duckdb.Error as error:
            self._past.forget()
            said = self._connection.without_secrets(str(error).strip())
            raise CatalogUnreachable(f"tables could not be read as they were: {said}", remedy="try again") from error

    def _answer(self, ask: Callable[[Cursor], object], limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        start = time.monotonic()

        def answer(cursor: Cursor) -> QueryAnswer:
            ask(cursor)
            return self._fetched(cursor, limit, start)

        return self._run(answer, cancelled)

    def _fetched(self, cursor: Cursor, limit: int, start: float) -> QueryAnswer:
        about = cursor.description or []
        rows = cursor.fetchmany(limit + 1)
        return QueryAnswer(
            columns=tuple(str(column[0]) for column in about),
            types=tuple(str(column[1]) for column in about),
            rows=tuple(tuple(self._plain(value) for value in row) for row in rows[:limit]),
            truncated=len(rows) > limit,
            duration_s=time.monotonic() - start,
        )

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

        pace = Pace(told)

        def compared(cursor: Cursor) -> tuple[RowChange, tuple[Sample, ...]]:
            sides = Sides(cursor, table, before, after, ground)
            comparison = Comparison(sides.old, sides.new, sides.old_types, sides.new_types, key, limit, offset)
            if before is None:
                return self._counted(cursor, comparison, added=comparison.everything(sides.new, sides.new_types))
            if comparison.columns:
                change, samples = self._compared(cursor, comparison, pace)
            else:
                comparison.check_key()
                gone = comparison.everything(sides.whole_old, sides.whole_old_types)
                come = comparison.everything(sides.new, sides.new_types)
                change, samples = self._counted(cursor, comparison, added=come, removed=gone)
            return replace(change, partial=sides.partial), samples

        return self._run(compared, cancelled, pace)

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
        """Fulfils ``ports.compute.CanCompareFile``; raises as ``row_change``."""
        pace = Pace(told)

        def compared(cursor: Cursor) -> tuple[RowChange, tuple[Sample, ...]]:
            old, new = f"(select * from read_parquet({literal(str(file))}))", source(table, after)
            found = Comparison(old, new, types_of(cursor, old), types_of(cursor, new), key, limit, offset)
            if found.columns:
                return self._compared(cursor, found, pace)
            found.check_key()
            come, gone = found.everything(new, found.new_types), found.everything(old, found.old_types)
            return self._counted(cursor, found, added=come, removed=gone)

        return self._run(compared, cancelled, pace)

    def count(
        self, table: TableName, snapshot_id: int | None = None, *, cancelled: Callable[[], bool] = lambda: False
    ) -> int:
        def counted(cursor: Cursor) -> int:
            row = cursor.execute(f"select count(*) from {source(table, snapshot_id)} s").fetchone()
            return int(row[0]) if row else 0

        return self._run(counted, cancelled)

    def profile(
        self, table: TableName, snapshot_id: int, columns: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Profile:
        start = time.monotonic()

        def profiled(cursor: Cursor) -> Profile:
            of = source(table, snapshot_id)
            about = cursor.execute(f"describe select * from {of} s").fetchall()
            types = {str(name): str(kind) for name, kind, *_ in about if name in columns}
            rows, found = measured(cursor, of, types)
            whole = tuple(self._told(shaped(cursor, of, each)) for each in found)
            return Profile(str(table), snapshot_id, rows, whole, time.monotonic() - start)

        return self._run(profiled, cancelled)

    def figures(
        self, table: TableName, snapshot_id: int, path: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Figures:
        def read(cursor: Cursor) -> Figures:
            of = source(table, snapshot_id)
            if path[0] not in types_of(cursor, of):
                raise QueryFailed(f"DuckDB sees no column '{path[0]}' in snapshot {snapshot_id} of {table}")
            found = figured(cursor, of, path)
            return replace(found, lower=self._hidden(found.lower), upper=self._hidden(found.upper))

        return self._run(read, cancelled)

    def _told(self, each: ColumnProfile) -> ColumnProfile:
        """What a secret could hide in."""
        hide = self._connection.without_secrets
        top = tuple(replace(found, value=hide(found.value)) for found in each.top)
        return replace(each, lower=self._hidden(each.lower), upper=self._hidden(each.upper), top=top)

    def _hidden(self, value: str | None) -> str | None:
        return None if value is None else self._connection.without_secrets(value)

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
        def exported(cursor: Cursor) -> int:
            if isinstance(what, str):
                sql = without_end(reading(cursor, what).query)
            else:
                sql = f"select * from {source(what, snapshot_id)} s"
            return write(cursor, sql, path, form, self._connection.without_secrets)

        return self._run(exported, cancelled) if past is None else self._then(exported, past, cancelled)

    # ── comparing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _counted(
        self, cursor: Cursor, comparison: Comparison, *, added: str, removed: str = ""
    ) -> tuple[RowChange, tuple[Sample, ...]]:
        counts, samples = {"added": 0, "removed": 0}, list[Sample]()
        for change, sql in (("added", added), ("removed", removed)):
            found = cursor.execute(sql).fetchone() if sql else None
            if found:
                counts[change] = int(found[0])
                samples += [Sample(change, self._row(row)) for row in found[1] or []]
        return RowChange(counts["added"], counts["removed"], key=comparison.key), tuple(samples)

    def _compared(self, cursor: Cursor, comparison: Comparison, pace: Pace) -> tuple[RowChange, tuple[Sample, ...]]:
        comparison.check_key()
        return self._paired(cursor, comparison, pace) if comparison.key else self._multiset(cursor, comparison)

    def _multiset(self, cursor: Cursor, comparison: Comparison) -> tuple[RowChange, tuple[Sample, ...]]:
        found = cursor.execute(comparison.multiset()).fetchone()
        added, removed, come, gone = found or (0, 0, [], [])
        samples = [
            Sample(change, self._row(row))
            for change, rows in (("added", come), ("removed", gone))
            for row in rows or []
        ]
        return RowChange(int(added), int(removed)), tuple(samples)

    def _paired(self, cursor: Cursor, comparison: Comparison, pace: Pace) -> tuple[RowChange, tuple[Sample, ...]]:
        for when, side, share in (("before", comparison.old, 0), ("after", comparison.new, 20)):
            pace.part(share, share + 20)
            twice = cursor.execute(comparison.duplicates(side)).fetchone()
            if twice:
                row = ", ".join(f"{name} = {value}" for name, value in self._row(twice[0]).items())
                raise KeyNotUnique(
                    f"the key ({', '.join(comparison.key)}) is not unique {when}: {twice[1]} rows have {row}",
                    remedy="add columns to the key, or leave it out to compare whole rows",
                )
        pace.part(40, 100)
        counts, columns, samples = dict[str, int](), dict[str, int](), list[Sample]()
        for change, number, pairs, per_column in cursor.execute(comparison.paired()).fetchall():
            counts[change] = int(number)
            if change == "changed":
                columns = {name: int(many) for name, many in zip(comparison.values, per_column, strict=True) if many}
            for pair in pairs or []:
                row = pair["old"] if change == "removed" else pair["new"]
                before = self._row(pair["old"]) if change == "changed" else None
                samples.append(Sample(change, self._row(row), before))
        order = ("added", "removed", "changed")
        samples.sort(key=lambda sample: order.index(sample.change))
        added, removed, changed = (counts.get(change, 0) for change in order)
        return RowChange(added, removed, changed, comparison.key, columns), tuple(samples)

    def _row(self, row: Row) -> Row:
        return {name: self._plain(value) for name, value in row.items()}

    def _plain(self, value: object) -> object:
        return plain(value, self._connection.without_secrets)

    # ── running ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self, work: Callable[[Cursor], T], cancelled: Callable[[], bool], pace: Pace | None = None) -> T:
        """On a cursor of its own. A connection that lost its catalog is made anew once: reading can be repeated."""
        cursor, fresh = self._connection.cursor()
        try:
            return self._watched(work, cursor, cancelled, pace)
        except (duckdb.IOException, duckdb.HTTPException) as error:
            self._connection.forget()
            if fresh:
                raise self._failed(error) from error
        except duckdb.Error as error:
            raise self._failed(error) from error
        cursor, _ = self._connection.cursor()
        try:
            return self._watched(work, cursor, cancelled, pace)
        except duckdb.Error as error:
            raise self._failed(error) from error

    def _watched(
        self, work: Callable[[Cursor], T], cursor: Cursor, cancelled: Callable[[], bool], pace: Pace | None
    ) -> T:
        if pace is not None:
            pace.counted(cursor)
        with contextlib.closing(cursor), interrupting(cursor, cancelled, pace):
            try:
                return work(cursor)
            except duckdb.InterruptException as error:
                raise Cancelled("the query was cancelled") from error

    def _failed(self, error: duckdb.Error) -> QueryFailed | WriteRefused:
        return failed(error, self._connection.without_secrets)
