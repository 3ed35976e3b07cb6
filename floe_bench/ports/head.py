"""Someone who can move what the tables of a catalog currently are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove, TableHead


@runtime_checkable
class HeadMover(Protocol):
    """An optional power of a catalog. No data file is opened, written or deleted. Thread-safe."""

    @property
    def moves_together(self) -> bool:
        """Several tables in one commit, all or none."""

    def head(self, name: TableName) -> TableHead:
        """Raises NoSuchTable, CatalogUnreachable."""

    def head_at(self, name: TableName, snapshot_id: int | None) -> TableHead:
        """What the head would be at that snapshot: with the schema that it was written with, and the newest
        partitioning and order which that schema allows. None: before the first write, as an empty snapshot that
        the move will add; without any, some engines read the newest snapshot there is. Raises NoSuchSnapshot."""

    def move(self, moves: Sequence[HeadMove]) -> None:
        """Each table from ``before`` to ``after``: all or none where they move together, else the first alone may be
        given. When it returns, it has happened; when it raises, nothing has.

        Raises:
            CommitConflict: a table is not what ``before`` says; somebody wrote in between.
            CatalogUnreachable: also when the outcome cannot be found out.
        """
