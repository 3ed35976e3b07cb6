"""Someone who can read rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from floe_bench.model.answer import QueryAnswer
from floe_bench.model.snapshot import Ground, RowChange, Sample
from floe_bench.model.table import TableName

Told = Callable[[float], object]
"""Is told how far a comparison is, in percent, a few times a second; by the compute's own count, so it may wait."""


def nobody(percent: float) -> None:
    return None


class Compute(Protocol):
    """Reads rows of catalog tables. Thread-safe; every call can be cancelled."""

    def query(self, sql: str, *, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        """At most ``limit`` rows.

        Raises:
            WriteRefused: the statement would write; says which kind it is.
            QueryFailed: the engine's own message.
            Cancelled: ``cancelled`` turned true.
        """

    def rows(
        self, table: TableName, snapshot_id: int | None, *, offset: int, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        """A page of a snapshot, in an order that stays the same; of the current one when None. Raises as ``query``."""

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
        """Exact counts and at most ``limit`` samples of each kind after the first ``offset``, in an order that stays
        the same: of the key, or of the rows. An empty ``key`` compares rows as a multiset.

        With a ``ground`` columns are matched as it says, and files that both snapshots have are not read where that is
        exact; else columns are matched by name, and both snapshots are read whole.
        """

    def count(self, table: TableName, snapshot_id: int | None = None) -> int:
        """Live rows."""

    def close(self) -> None:
        """End what it started. Calls that go on fail, and so do later ones."""


@runtime_checkable
class CanCompareFile(Protocol):
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
        """As ``Compute.row_change``, from the rows of a Parquet file; columns are matched by name."""


@runtime_checkable
class CanReadThePast(Protocol):
    def names_in(self, sql: str) -> frozenset[str]:
        """The tables that the statement reads, as it has them: with or without namespaces, those with dots; and maybe
        more. Raises QueryFailed, WriteRefused, UsageError."""

    def query_at(
        self, sql: str, snapshots: Mapping[TableName, int], *, limit: int, cancelled: Callable[[], bool]
    ) -> QueryAnswer:
        """As ``query``, over a lakehouse that has these tables only, each as it was at that snapshot.

        Raises:
            QueryFailed: the statement does not fit the tables as they were, in the engine's own message.
            WriteRefused, UsageError, Cancelled: as ``query``.
            CatalogUnreachable, EngineError: it could not be found out.
        """
