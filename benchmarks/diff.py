"""Two snapshots of a large table of which 1 % changed: our diff, and a full EXCEPT ALL both ways.

Three histories: rewritten whole, one changed file of many, and appended to. python benchmarks/diff.py [ROWS] [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyiceberg.catalog import Catalog

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.change import source
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.core.difference import difference
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

FILES = 20


def main(rows: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = ProcessStack(load_spec("embedded"), state_dir=Path(folder))
        endpoints = stack.up(lambda event: None, lambda: False)
        try:
            measure(endpoints, Path(folder), rows, rounds)
        finally:
            stack.down()


def measure(endpoints: Endpoints, state_dir: Path, rows: int, rounds: int) -> None:
    catalog = open_catalog(endpoints)
    catalog.create_namespace("bench")
    reader, compute = RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=state_dir, memory_limit="2GB")
    print(f"{rows:,} rows in {FILES} files, DuckDB with 2 GB, {rounds} rounds")
    for history, write in (("rewritten whole", rewrite), ("one file changed", change_file), ("appended to", append)):
        name = TableName(("bench",), history.replace(" ", "_"))
        before, after = write(catalog, name, rows)
        ways = {
            "by key": partial(told, reader, compute, name, before, after, ("id",)),
            "as a multiset": partial(told, reader, compute, name, before, after, ()),
            "EXCEPT ALL both ways": partial(by_except, compute, name, before, after),
        }
        answers = {way: act() for way, act in ways.items()}
        print(f"\n{history}")
        for way, act in ways.items():
            times = [timed(act) for _ in range(rounds)]
            figures = f"min {min(times):6.2f}  median {statistics.median(times):6.2f}  max {max(times):6.2f} s"
            print(f"  {way:<22} {figures}   {answers[way]}")


def content(first: int, last: int, *, changed: bool) -> pa.Table:
    """1 % of the rows differ when changed: every hundredth."""
    ids = pa.array(range(first, last), type=pa.int64())
    amount = pa.array([each * 7 + (changed and each % 100 == 0) for each in range(first, last)], type=pa.int64())
    label = pa.array([f"customer {each % 5000}" for each in range(first, last)], type=pa.string())
    return pa.table({"id": ids, "amount": amount, "label": label})


def filled(catalog: Catalog, name: TableName, rows: int) -> int:
    table = catalog.create_table(name.parts, content(0, 0, changed=False).schema)
    step = rows // FILES
    for number in range(FILES):
        table.append(content(number * step, (number + 1) * step, changed=False))
    return int(table.current_snapshot().snapshot_id)


def rewrite(catalog: Catalog, name: TableName, rows: int) -> tuple[int, int]:
    before = filled(catalog, name, rows)
    table, step = catalog.load_table(name.parts), rows // FILES
    table.overwrite(content(0, step, changed=True))
    for number in range(1, FILES):
        table.append(content(number * step, (number + 1) * step, changed=True))
    return before, int(table.current_snapshot().snapshot_id)


def change_file(catalog: Catalog, name: TableName, rows: int) -> tuple[int, int]:
    """The rows of one file, a fifth of them changed: 1 % of all."""
    before = filled(catalog, name, rows)
    table, step = catalog.load_table(name.parts), rows // FILES
    fresh = content(0, step, changed=False)
    amounts = pa.array([each["amount"] + (each["id"] % 5 == 0) for each in fresh.to_pylist()], type=pa.int64())
    table.overwrite(fresh.set_column(1, "amount", amounts), f"id < {step}")
    return before, int(table.current_snapshot().snapshot_id)


def append(catalog: Catalog, name: TableName, rows: int) -> tuple[int, int]:
    before = filled(catalog, name, rows)
    table = catalog.load_table(name.parts)
    table.append(content(rows, rows + rows // 100, changed=False))
    return before, int(table.current_snapshot().snapshot_id)


def told(
    reader: RestCatalogReader, compute: DuckDBCompute, name: TableName, before: int, after: int, key: tuple[str, ...]
) -> str:
    found = difference(
        reader, compute, name, before=before, after=after, key=key, limit=20, cancelled=lambda: False
    ).rows
    return f"+{found.added} -{found.removed} ~{found.changed}" + (" files that differ only" if found.partial else "")


def by_except(compute: DuckDBCompute, name: TableName, before: int, after: int) -> str:
    old, new = source(name, before), source(name, after)
    counts = []
    for one, other in ((new, old), (old, new)):
        sql = f"select count(*) from (select * from {one} s except all select * from {other} s)"
        counts.append(compute.query(sql, limit=1, cancelled=lambda: False).rows[0][0])
    return f"+{counts[0]} -{counts[1]}"


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*given, *(5_000_000, 3)[len(given) :])
