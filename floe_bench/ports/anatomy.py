"""Looking into a table's metadata: the verbs of the bench, and what they need of a catalog."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from floe_bench.model.anatomy import Anatomy, FilePage, MetadataFile, SchemaVersion
from floe_bench.model.table import TableName


class AnatomyVerbs(Protocol):
    """``snapshot_id`` None is the current one. Raises NoSuchTable, NoSuchSnapshot."""

    def table(self, table: str, snapshot_id: int | None = None) -> Anatomy:
        """Row-level deletes make it count the live rows, which reads data."""

    def schemas(self, table: str) -> tuple[SchemaVersion, ...]:
        """Every schema that the table still knows, oldest first."""

    def files(self, table: str, snapshot_id: int | None = None, offset: int = 0, limit: int = 100) -> FilePage: ...

    def metadata_log(self, table: str) -> tuple[MetadataFile, ...]:
        """As ``Anatomy.metadata_log``, with the size of each, for which the object store is asked.

        Raises TableError: it cannot be asked.
        """

    def seen(self, tables: tuple[str, ...]) -> None:
        """Somebody has these before the eyes: what is not known of them yet is read next."""


class AnatomyReader(Protocol):
    """Metadata only, no data file is opened. Thread-safe."""

    def table(self, name: TableName, snapshot_id: int | None) -> Anatomy:
        """``rows`` is None where there are row-level deletes. Raises NoSuchTable, NoSuchSnapshot."""

    def schemas(self, name: TableName) -> tuple[SchemaVersion, ...]: ...

    def files(self, name: TableName, snapshot_id: int | None, *, offset: int, limit: int) -> FilePage:
        """A manifest file that cannot be read is left out, and named among the faults."""

    def metadata_log(self, name: TableName) -> tuple[MetadataFile, ...]:
        """Raises NoSuchTable, TableError: the object store does not say."""


@runtime_checkable
class HasAnatomy(Protocol):
    """An optional power of a catalog."""

    @property
    def anatomy(self) -> AnatomyReader: ...
