"""A table of many data files: opening it, its files and partitions, the health of it.

python benchmarks/files.py [FILES]

Beside it stands what PyIceberg has for the same: ``inspect.files()``, and planning a scan of all of it; and icefloor's
sections of it, where FLOE_BENCH_ICEFLOOR names a Python that has it. All in processes that look for garbage as often
as the engine does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import icefloor_reads
import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.conversions import to_bytes
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import IntegerType, LongType, NestedField, StringType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.core.maintenance.verbs import SMALL_BYTES
from floe_bench.engine.garbage import look_less_often
from floe_bench.model.table import TableName

SCHEMA = Schema(
    NestedField(1, "day", IntegerType(), required=False),
    NestedField(2, "n", LongType(), required=False),
    NestedField(3, "word", StringType(), required=False),
)
SPEC = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "day"))
WIDE = TableName(("wide",), "many")
DAYS, A_COMMIT, PAGE = 365, 1_000, 200
ICEFLOOR = {
    "load the table": icefloor_reads.LOAD,
    "its Overview": "overview",
    "its Data Files": "datafiles",
    "its Partition Stats": "partitions",
}


def main(files: int) -> None:
    look_less_often()
    with tempfile.TemporaryDirectory(prefix="floe-files-") as folder:
        stack = ProcessStack(load_spec("embedded"), state_dir=Path(folder))
        endpoints = stack.up(lambda event: None, lambda: False)
        try:
            catalog = open_catalog(endpoints)
            table = filled(catalog, files)
            reader = RestCatalogReader(endpoints, watermark=stack.watermark)
            print(f"{files:,} data files in {DAYS} partitions and {-(-files // A_COMMIT)} manifest files; seconds")
            opening(reader)
            beside(table)
            icefloor_reads.beside(endpoints, WIDE, ICEFLOOR, rounds=1)
            reader.close()
        finally:
            stack.down()


def filled(catalog: Catalog, files: int) -> IcebergTable:
    """Real metadata of files that are not there: what is measured opens none."""
    catalog.create_namespace(WIDE.namespace)
    table = catalog.create_table(WIDE.parts, SCHEMA, partition_spec=SPEC)
    for first in range(0, files, A_COMMIT):
        with table.transaction() as transaction, transaction.update_snapshot().fast_append() as append:
            for file in described(table, range(first, min(first + A_COMMIT, files))):
                append.append_data_file(file)
    return table


def described(table: IcebergTable, numbers: range) -> Iterator[DataFile]:
    for number in numbers:
        least, most = to_bytes(LongType(), number), to_bytes(LongType(), number + 99)
        file = DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=f"{table.location()}/data/{number:08}.parquet",
            file_format=FileFormat.PARQUET,
            partition=Record(number % DAYS),
            record_count=100,
            file_size_in_bytes=20_000 + number % 1000,
            column_sizes={2: 800, 3: 900},
            value_counts={2: 100, 3: 100},
            null_value_counts={2: 0, 3: number % 7},
            nan_value_counts={},
            lower_bounds={2: least, 3: b"aardvark"},
            upper_bounds={2: most, 3: b"zebra"},
        )
        file.spec_id = table.spec().spec_id
        yield file


def opening(reader: RestCatalogReader) -> None:
    row("open it: rows, files, schema, refs", took(lambda: reader.anatomy.table(WIDE, None)))
    row("open it again", again(lambda: reader.anatomy.table(WIDE, None)))
    row(
        f"{PAGE} of its files, and all partitions",
        again(lambda: reader.anatomy.files(WIDE, None, offset=0, limit=PAGE)),
    )
    row("the last page", again(lambda: reader.anatomy.files(WIDE, None, offset=10**9, limit=PAGE)))
    row("what compacting it would do", again(lambda: reader.maintainer.plan_compact(WIDE, SMALL_BYTES)))


def beside(table: IcebergTable) -> None:
    found: list[pa.Table] = []
    row("  PyIceberg: inspect.files()", took(lambda: found.append(table.inspect.files())))
    row("  PyIceberg: inspect.partitions()", took(table.inspect.partitions))
    row("  PyIceberg: plan a scan of all files", took(lambda: list(table.scan().plan_files())))


def again(action: Callable[[], object]) -> float:
    return statistics.median(took(action) for _ in range(3))


def row(what: str, seconds: float) -> None:
    print(f"  {what:<46}{seconds:>9.3f}", flush=True)


def took(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*([int(each) for each in sys.argv[1:]] or [50_000]))
