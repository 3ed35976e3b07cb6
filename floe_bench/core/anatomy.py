"""Looking into a table's metadata, as the bench offers it."""

from __future__ import annotations

from dataclasses import replace

from floe_bench.core.inspection import Page
from floe_bench.core.parts import Tables
from floe_bench.errors import QueryFailed, StackUnavailable
from floe_bench.model.anatomy import Anatomy, FilePage, MetadataFile, SchemaVersion
from floe_bench.model.table import TableName
from floe_bench.ports.anatomy import AnatomyReader, HasAnatomy


class LocalAnatomy:
    """Fulfils ``ports.anatomy.AnatomyVerbs``."""

    def __init__(self, parts: Tables) -> None:
        self._parts = parts

    def table(self, table: str, snapshot_id: int | None = None) -> Anatomy:
        name = TableName.parse(table)
        found = self._reader().table(name, snapshot_id)
        if found.rows is None and found.snapshot_id is not None and not found.faults:
            # Metadata cannot say how many rows deletes leave: they may name rows twice, or rows that are gone.
            try:
                return replace(found, rows=self._parts.compute().count(name, found.snapshot_id))
            except QueryFailed as error:
                return replace(found, faults=(f"how many rows its deletes leave is not known: {error.message}",))
        return found

    def schemas(self, table: str) -> tuple[SchemaVersion, ...]:
        return self._reader().schemas(TableName.parse(table))

    def files(self, table: str, snapshot_id: int | None = None, offset: int = 0, limit: int = 100) -> FilePage:
        page = Page(offset, limit)
        return self._reader().files(TableName.parse(table), snapshot_id, offset=page.offset, limit=page.limit)

    def metadata_log(self, table: str) -> tuple[MetadataFile, ...]:
        return self._reader().metadata_log(TableName.parse(table))

    def seen(self, tables: tuple[str, ...]) -> None:
        self._parts.catalog().seen(tuple(map(TableName.parse, tables)))

    def _reader(self) -> AnatomyReader:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HasAnatomy):
            raise StackUnavailable("this stack's catalog does not show what tables are made of")
        return catalog.anatomy
