"""Copying tables from one catalog to another: the current rows, as one snapshot, compared when they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.adapters.iceberg.files import delete_files, each_written
from floe_bench.adapters.iceberg.listing import table_names
from floe_bench.adapters.iceberg.mark import CARRIED, CARRIED_SNAPSHOT
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import BenchError, Cancelled, TableError
from floe_bench.model.carry import Carried
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.manifest import DataFile
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

    def carry(self, table: TableName, told: Callable[[int, bool], None], cancelled: Callable[[], bool]) -> Carried:
        pace = _Pace(told, cancelled)
        with translated(f"table {table} of {self._name}"):
            source = self._source.load_table(table.parts)
            before = _loaded(self._target, table)
            if before is not None and not _unfinished(before):
                there = self._there(table, source, before, pace)
                if there is not None:
                    return there
        files: list[DataFile] = []
        try:
            with translated(f"table {table}"):
                if before is not None:
                    self._target.drop_table(table.parts)
                return self._copied(table, source, files, pace)
        except BenchError:
            with suppress(BenchError), translated(f"table {table}"):
                half = _loaded(self._target, table)
                # Of somebody who made a table of that name meanwhile nothing is taken.
                if half is not None and half.metadata.properties.get(CARRIED) == self._name:
                    self._target.drop_table(table.parts)
                    delete_files(files, half.io)
            raise

    def close(self) -> None:
        for catalog in (self._source, self._target):
            catalog.close()

    def _there(self, table: TableName, source: Table, target: Table, pace: _Pace) -> Carried | None:
        """None: a copy that nobody compared before whoever made it was killed, and that differs."""
        head, at = source.metadata.current_snapshot_id, _carried_from(target)
        if at != (self._name, str(head)):
            raise _in_the_way(table)
        here = _rows(target, pace)
        if here != _rows(source, pace):
            return None
        return Carried(str(table), here[0], _bytes(target), head, target.metadata.current_snapshot_id, there=True)

    def _copied(self, table: TableName, source: Table, files: list[DataFile], pace: _Pace) -> Carried:
        """The mark on the table is what an interrupted copy is known by: it has no snapshot yet."""
        metadata, head = source.metadata, source.metadata.current_snapshot()
        kept = {key: text for key, text in metadata.properties.items() if not key.startswith(_NOT_CARRIED)}
        for depth in range(1, len(table.namespace) + 1):
            self._target.create_namespace_if_not_exists(table.namespace[:depth])
        self._target.create_table(
            table.parts,
            schema=metadata.schema(),
            partition_spec=metadata.spec(),
            sort_order=source.sort_order(),
            properties={**kept, CARRIED: self._name},
        )
        # Loaded again: SeaweedFS takes the creation of a table that is there already.
        target = self._target.load_table(table.parts)
        if not _unfinished(target):
            raise _in_the_way(table)
        if head is None:
            return Carried(str(table), 0, 0)
        for file in each_written(_batches(source, target, pace), metadata=target.metadata, io=target.io):
            files.append(file)
        marks = {CARRIED: self._name, CARRIED_SNAPSHOT: str(head.snapshot_id)}
        with Steady(target) as transaction, transaction.update_snapshot(marks).fast_append() as added:
            for file in files:
                added.append_data_file(file)
        again = self._target.load_table(table.parts)
        there, here = _rows(source, pace), _rows(again, pace)
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


class _Pace:
    """Says how far it is, and ends what nobody wants any more."""

    def __init__(self, told: Callable[[int, bool], None], cancelled: Callable[[], bool]) -> None:
        self._told, self._cancelled = told, cancelled

    def of(self, batches: Iterator[pa.RecordBatch], *, comparing: bool) -> Iterator[pa.RecordBatch]:
        """Raises Cancelled."""
        rows = 0
        for batch in batches:
            if self._cancelled():
                raise Cancelled("the carrying of tables was cancelled")
            yield batch
            rows += batch.num_rows
            self._told(rows, comparing)


def _loaded(catalog: RestCatalog, table: TableName) -> Table | None:
    from pyiceberg.exceptions import NoSuchTableError

    try:
        found: Table = catalog.load_table(table.parts)
    except NoSuchTableError:
        return None
    return found


def _in_the_way(table: TableName) -> TableError:
    return TableError(f"there is a table {table} already, and it is left as it is", remedy="floe-bench tables")


def _unfinished(table: Table) -> bool:
    return CARRIED in table.metadata.properties and table.metadata.current_snapshot() is None


def _carried_from(table: Table) -> tuple[str, str]:
    snapshot = table.metadata.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot is not None and snapshot.summary is not None else {}
    return summary.get(CARRIED, ""), summary.get(CARRIED_SNAPSHOT, "")


def _batches(source: Table, target: Table, pace: _Pace) -> Iterator[pa.RecordBatch]:
    """Row-level deletes subtracted, in the types that the copy has."""
    import pyarrow as pa
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    wanted = schema_to_pyarrow(target.metadata.schema(), include_field_ids=False)
    for batch in pace.of(source.scan().to_arrow_batch_reader(), comparing=False):
        if batch.num_rows:
            yield from pa.Table.from_batches([batch]).cast(wanted).to_batches()


def _rows(table: Table, pace: _Pace) -> tuple[int, int]:
    """How many, and what all of them add up to, whatever their order."""
    import duckdb
    import pyarrow as pa

    many, sum_of_all = 0, 0
    with duckdb.connect() as connection:
        for batch in pace.of(table.scan().to_arrow_batch_reader(), comparing=True):
            relation = connection.from_arrow(pa.Table.from_batches([batch]))
            found = relation.query("rows", "select coalesce(sum(hash(rows)), 0) from rows").fetchone()
            assert found is not None
            many, sum_of_all = many + batch.num_rows, sum_of_all + int(found[0])
    return many, sum_of_all


def _bytes(table: Table) -> int:
    snapshot = table.metadata.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot is not None and snapshot.summary is not None else {}
    return int(summary.get("total-files-size", 0))
