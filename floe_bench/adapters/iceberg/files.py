"""Data files of a table, written from a stream of record batches in bounded memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import pyarrow as pa

from floe_bench.adapters.iceberg.types import LakeColumn

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import WriteTask
    from pyiceberg.table.metadata import TableMetadata

BATCH_ROWS = 100_000
FILE_BYTES = 128 * 1024 * 1024
"""Arrow bytes per data file, which is also what is held in memory at once; Parquet makes a few dozen MB of it."""


def write_files(
    batches: Iterable[pa.RecordBatch], columns: Sequence[LakeColumn], *, metadata: TableMetadata, io: FileIO
) -> list[DataFile]:
    """Rows of one partition should lie together, or every stretch of ``FILE_BYTES`` makes a file per partition."""
    return write_batches(_conformed(batches, columns, metadata.schema()), metadata=metadata, io=io)


def write_batches(batches: Iterable[pa.RecordBatch], *, metadata: TableMetadata, io: FileIO) -> list[DataFile]:
    """As ``write_files``, of batches that have the table's columns and types already."""
    return list(each_written(batches, metadata=metadata, io=io))


def each_written(batches: Iterable[pa.RecordBatch], *, metadata: TableMetadata, io: FileIO) -> Iterator[DataFile]:
    """As ``write_batches``, each as it comes to lie in the store: who is interrupted knows which are there."""
    from pyiceberg.io.pyarrow import write_file

    write_uuid, numbers = uuid.uuid4(), count()
    for group in _groups(batches):
        # One group after another: PyIceberg's pool would read the whole stream before the first file is written.
        yield from write_file(io, metadata, _tasks(group, metadata, write_uuid, numbers))


def delete_files(files: Iterable[DataFile], io: FileIO) -> None:
    """Of a commit that was refused. One that stays behind costs space and nothing else."""
    import logging

    for file in files:
        try:
            io.delete(file.file_path)
        except OSError as error:
            logging.getLogger(__name__).debug("left behind %s: %s", file.file_path, error)


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    held = 0
    for batch in batches:
        if batch.num_rows:
            group.append(batch)
            held += batch.nbytes
        if held >= FILE_BYTES:
            yield group
            group, held = [], 0
    if group:
        yield group


def _tasks(
    group: list[pa.RecordBatch], metadata: TableMetadata, write_uuid: uuid.UUID, numbers: count[int]
) -> Iterator[WriteTask]:
    from pyiceberg.io.pyarrow import _determine_partitions
    from pyiceberg.table import WriteTask

    schema, spec = metadata.schema(), metadata.spec()
    if spec.is_unpartitioned():
        yield WriteTask(write_uuid=write_uuid, task_id=next(numbers), schema=schema, record_batches=group)
        return
    for partition in _determine_partitions(spec, schema, pa.Table.from_batches(group)):
        yield WriteTask(
            write_uuid=write_uuid,
            task_id=next(numbers),
            schema=schema,
            record_batches=partition.arrow_table_partition.to_batches(),
            partition_key=partition.partition_key,
        )


def _conformed(
    batches: Iterable[pa.RecordBatch], columns: Sequence[LakeColumn], schema: Schema
) -> Iterator[pa.RecordBatch]:
    """In the schema's order and exact Arrow types; a column that the rows lack is null."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    target = schema_to_pyarrow(schema, include_field_ids=False)
    places = {column.name.lower(): place for place, column in enumerate(columns)}
    for batch in batches:
        arrays = [
            _cast(batch.column(places[field.name.lower()]), field.type)
            if field.name.lower() in places
            else pa.nulls(batch.num_rows, field.type)
            for field in target
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=target)


def _cast(array: pa.Array, to: pa.DataType) -> pa.Array:
    if array.type == to:
        return array
    if isinstance(to, pa.UuidType):
        return array.cast(pa.binary(16)).cast(to)
    return array.cast(to)
