"""Someone who can read Iceberg tables' metadata."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from floe_bench.model.snapshot import Ground, SchemaChange, Snapshot
from floe_bench.model.table import Column, Member, Table, TableName


class CatalogReader(Protocol):
    """Metadata only: no data file is opened. Thread-safe."""

    def tables(self) -> tuple[Table, ...]:
        """Every table of the catalog by name. Raises CatalogUnreachable, AccessDenied."""

    def names(self) -> tuple[TableName, ...]:
        """Of every table; none is opened. Raises CatalogUnreachable, AccessDenied."""

    def look(self, first: Collection[TableName] = ()) -> tuple[Table, ...]:
        """As ``tables``, without asking again about what cannot have changed: the very same value while nothing did.

        Cheap enough to be asked several times a second: ``first``, and what somebody asked for of late, are as they are
        now, a commit elsewhere may show later. Of many tables that are new the names come first. Raises as ``tables``.
        """

    def seen(self, names: Collection[TableName]) -> None:
        """Somebody has these before the eyes: of those that ``look`` knows by name alone they are read next, behind
        what somebody asked for."""

    @property
    def unread(self) -> Collection[TableName]:
        """Those that ``look`` answered by name alone, to be read by the next looks."""

    def table(self, name: TableName) -> Table:
        """Raises NoSuchTable, CatalogUnreachable."""

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        """Every snapshot the table still keeps, oldest first; empty for a table that was never written.

        Raises NoSuchTable, CatalogUnreachable.
        """

    def columns(self, name: TableName, snapshot_id: int | None = None) -> tuple[Column, ...]:
        """Top-level columns of a snapshot's own schema; of the current schema when None. Raises NoSuchSnapshot."""

    def members(self, name: TableName, snapshot_id: int | None = None) -> tuple[Member, ...]:
        """As ``columns``, each followed by what lies in it."""

    def schema_change(self, name: TableName, before: int | None, after: int) -> SchemaChange:
        """Compared by field id. ``before`` None: every column is added."""

    def ground(self, name: TableName, before: int | None, after: int) -> Ground:
        """Columns and data files of two snapshots. ``before`` None: every file is added, no column is in both.

        Raises NoSuchSnapshot.
        """
