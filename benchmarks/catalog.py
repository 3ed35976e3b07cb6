"""Large catalogs, and a table with a long history: listing, noticing, opening the bench.

python benchmarks/catalog.py [TABLES] [SNAPSHOTS]

Beside it stands the same with PyIceberg alone, every table loaded, the table loaded; and icefloor's reads of that
table, where FLOE_BENCH_ICEFLOOR names a Python that has it. Nobody's imports are counted, and all look for garbage as
often as the engine does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from icefloor_reads import LOAD, beside
from loop import bench
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate

from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.catalogs.metadata import SETTLED_S
from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.config.project import find_project
from floe_bench.core.demo import copy
from floe_bench.engine.garbage import look_less_often
from floe_bench.engine.reach import connect
from floe_bench.events import Booted, TablesChanged
from floe_bench.model.table import TableName

SCHEMA = pa.schema([("n", pa.int64())])
A_COMMIT = 500
"""Snapshots that one commit brings: their number is what counts, not how they came."""
NAMESPACES = 10
HISTORY = TableName(("history",), "long")
ROUNDS = 5
ICEFLOOR = {"load the table": LOAD, "its Overview": "overview", "its Snapshots": "snapshots"}


def main(tables: int, snapshots: int) -> None:
    look_less_often()
    with tempfile.TemporaryDirectory() as folder:
        root = copy(Path(folder) / "demo")
        with bench(root):
            pass
        stack = ProcessStack(load_spec("embedded"), state_dir=root / ".floe-bench")
        endpoints = stack.up(lambda event: None, lambda: False)
        try:
            catalog = open_catalog(endpoints)
            filled(catalog, tables)
            history(catalog, snapshots)
            reader = RestCatalogReader(endpoints, watermark=stack.watermark)
            print(f"{tables:,} tables in {NAMESPACES} namespaces, and one of {snapshots:,} snapshots; seconds")
            listing(reader, catalog, tables)
            long(reader, catalog)
            beside(endpoints, HISTORY, ICEFLOOR, rounds=ROUNDS)
            reader.close()
        finally:
            stack.down()
        opening(root, tables)


def filled(catalog: Catalog, tables: int) -> None:
    for number in range(NAMESPACES):
        catalog.create_namespace(f"n{number}")
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda number: catalog.create_table(place(number), SCHEMA), range(tables)):
            pass


def place(number: int) -> tuple[str, str]:
    return f"n{number % NAMESPACES}", f"t{number:05}"


def history(catalog: Catalog, snapshots: int) -> None:
    catalog.create_namespace(HISTORY.namespace)
    table = catalog.create_table(HISTORY.parts, SCHEMA)
    table.append(pa.table({"n": [1]}))
    while (kept := len(table.metadata.snapshots)) < snapshots:
        lengthened(table, min(A_COMMIT, snapshots - kept))


def lengthened(table: IcebergTable, many: int) -> None:
    """With the files of the first snapshot: real metadata, no new data."""
    first = table.current_snapshot()
    updates, parent = [], first
    for number in range(1, many + 1):
        parent = Snapshot(
            **aliased(
                snapshot_id=first.snapshot_id + number,
                parent_snapshot_id=parent.snapshot_id,
                sequence_number=first.sequence_number + number,
                timestamp_ms=first.timestamp_ms + number,
                manifest_list=first.manifest_list,
                schema_id=first.schema_id,
            ),
            summary=Summary(Operation.APPEND, **first.summary.additional_properties),
        )
        updates.append(AddSnapshotUpdate(snapshot=parent))
    updates.append(SetSnapshotRefUpdate(**aliased(ref_name="main", snapshot_id=parent.snapshot_id), type="branch"))
    table._do_commit(tuple(updates), ())


def listing(reader: RestCatalogReader, catalog: Catalog, tables: int) -> None:
    row("name all tables", took(reader.names))
    row("list all tables, the first time", took(reader.tables))
    row("  PyIceberg: list, and load each", took(lambda: loaded(catalog)))
    while took(reader.tables) > 0.5:  # until nothing that was written is younger than a moment
        time.sleep(1)
    row("list all tables, nothing written since", took(reader.tables))
    row("a look, nothing written since", statistics.median(took(reader.look) for _ in range(9)))
    written = place(tables // 2)
    catalog.load_table(written).append(pa.table({"n": [1]}))
    row("a look at the table that was just written", took(lambda: reader.look((TableName((written[0],), written[1]),))))


def loaded(catalog: Catalog) -> None:
    names = [name for namespace in catalog.list_namespaces() for name in catalog.list_tables(namespace)]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(catalog.load_table, names):
            pass


def long(reader: RestCatalogReader, catalog: Catalog) -> None:
    row("its snapshots, the first time", took(lambda: reader.snapshots(HISTORY)))
    row("its snapshots, right after a write anywhere", took(lambda: reader.snapshots(HISTORY)))
    time.sleep(2 * SETTLED_S)
    row("its snapshots, again", often(lambda: reader.snapshots(HISTORY)))
    row("its anatomy", took(lambda: reader.anatomy.table(HISTORY, None)))
    table = catalog.load_table(HISTORY.parts)
    row("  PyIceberg: load the table", often(lambda: catalog.load_table(HISTORY.parts)))
    row("  PyIceberg: inspect.snapshots()", often(table.inspect.snapshots))


def opening(root: Path, tables: int) -> None:
    """A table in the middle of all is opened as soon as its name is known."""
    started = time.perf_counter()
    client = connect(find_project(root))
    assert client is not None
    booted = named = mine = read = 0.0
    with ThreadPoolExecutor(1) as aside:
        opened: Future[float] | None = None
        for event in client.events():
            now = time.perf_counter() - started
            booted = now if isinstance(event, Booted) else booted
            if isinstance(event, TablesChanged) and len(event.tables) >= tables:
                named = named or now
                opened = opened or aside.submit(took, lambda: client.anatomy.table(".".join(place(tables // 2))))
                unread = {table.namespace for table in event.tables if not table.is_read}
                mine = now if not mine and "marts" not in unread else mine
                read = now if not unread else read
            if booted and read:
                break
        assert opened is not None
        row("open the bench, until it is whole", booted)
        row("open the bench, until all tables are listed", named)
        row("  a table is opened then", opened.result())
        row("open the bench, until its own tables are read", mine)
        row("open the bench, until all tables are read", read)
    client.close()


def row(what: str, seconds: float) -> None:
    print(f"  {what:<46}{seconds:>9.3f}", flush=True)


def often(action: Callable[[], object]) -> float:
    return statistics.median(took(action) for _ in range(ROUNDS))


def took(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*given, *(10_000, 10_000)[len(given) :])
