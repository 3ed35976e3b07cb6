"""Copying tables from one catalog to another: the current rows, as one snapshot, compared when they are there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.adapters.iceberg.files import write_batches
from floe_bench.adapters.iceberg.listing import table_names
from floe_bench.adapters.iceberg.mark import CARRIED, CARRIED_SNAPSHOT
from floe_bench.errors import BenchError, TableError
from floe_bench.model.carry import Carried
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.table import Table

_NOT_CARRIED = ("write.data.path", "write.metadata.path", "s3.")
"""Properties that say where files of the source lie, or how its store is reached."""


class IcebergCarrier:
    """Fulfils ``ports.carry.Carrier``. ``name`` is the source's, for the mark in the copies."""

    def __init__(self, source: Endpoints, target: Endpoints, *, name: str) -> None:
        self._source, self._target, self._name = open_catalog(source), open_catalog(target), name

    def tables(self) -> tuple[TableName, ...]:
        with translated(f"the catalog of {self._name}"), ThreadPoolExecutor(4) as pool:
            return table_names(self._source, pool)

    def carry(self, table: TableName) -> Carried:
        with translated(f"table {table} of {self._name}"):
            source = self._source.load_table(table.parts)
            before = _loaded(self._target, table)
            if before is not None and not _unfinished(before):
                return self._there(table, source, before)
        try:
            with translated(f"table {table}"):
                if before is not None:
                    self._target.drop_table(table.parts)
                return self._copied(table, source)
        except BenchError:
            with suppress(BenchError), translated(f"table {table}"):
                self._target.drop_table(table.parts)
            raise

    def _there(self, table: TableName, source: Table, target: Table) -> Carried:
        head, at = source.metadata.current_snapshot_id, _carried_from(target)
        if at == (self._name, str(head)):
            return Carried(
                str(table), _rows(target)[0], _bytes(target), head, target.metadata.current_snapshot_id, there=True
            )
        raise TableError(f"there is a table {table} already, and it is left as it is", remedy="floe-bench tables")

    def _copied(self, table: TableName, source: Table) -> Carried:
        """The mark on the table is what an interrupted copy is known by: it has no snapshot yet."""
        metadata, head = source.metadata, source.metadata.current_snapshot()
        kept = {key: text for key, text in metadata.properties.items() if not key.startswith(_NOT_CARRIED)}
        for depth in range(1, len(table.namespace) + 1):
            self._target.create_namespace_if_not_exists(table.namespace[:depth])
        target = self._target.create_table(
            table.parts,
            schema=metadata.schema(),
            partition_spec=metadata.spec(),
            sort_order=source.sort_order(),
            properties={**kept, CARRIED: self._name},
        )
        if head is None:
            return Carried(str(table), 0, 0)
        files = write_batches(_batches(source, target), metadata=target.metadata, io=target.io)
        marks = {CARRIED: self._name, CARRIED_SNAPSHOT: str(head.snapshot_id)}
        with target.transaction() as transaction, transaction.update_snapshot(marks).fast_append() as added:
            for file in files:
                added.append_data_file(file)
        again = self._target.load_table(table.parts)
        there, here = _rows(source), _rows(again)
        if there != here:
            raise TableError(f"the copy of {table} has {here[0]} rows, the table {there[0]}, or others: it is dropped")
        return Carried(
            str(table),
            here[0],
            _bytes(again),
            head.snapshot_id,
            again.metadata.current_snapshot_id,
            snapshots_left=len(metadata.snapshots) - 1,
        )


def _loaded(catalog: RestCatalog, table: TableName) -> Table | None:
    from pyiceberg.exceptions import NoSuchTableError

    try:
        found: Table = catalog.load_table(table.parts)
    except NoSuchTableError:
        return None
    return found


def _unfinished(table: Table) -> bool:
    return CARRIED in table.metadata.properties and table.metadata.current_snapshot() is None


def _carried_from(table: Table) -> tuple[str, str]:
    snapshot = table.metadata.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot is not None and snapshot.summary is not None else {}
    return summary.get(CARRIED, ""), summary.get(CARRIED_SNAPSHOT, "")


def _batches(source: Table, target: Table) -> Iterator[pa.RecordBatch]:
    """Row-level deletes subtracted, in the types that the copy has."""
    import pyarrow as pa
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    wanted = schema_to_pyarrow(target.metadata.schema(), include_field_ids=False)
    for batch in source.scan().to_arrow_batch_reader():
        if batch.num_rows:
            yield from pa.Table.from_batches([batch]).cast(wanted).to_batches()


def _rows(table: Table) -> tuple[int, int]:
    """How many, and what all of them add up to, whatever their order."""
    import duckdb

    rows = table.scan().to_arrow_batch_reader()
    with duckdb.connect() as connection:
        relation = connection.from_arrow(rows)
        found = relation.query("rows", "select count(*), coalesce(sum(hash(rows)), 0) from rows").fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def _bytes(table: Table) -> int:
    snapshot = table.metadata.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot is not None and snapshot.summary is not None else {}
    return int(summary.get("total-files-size", 0))
