"""An incremental merge of 10,000 rows into a million: on a local copy with one commit, and by DuckDB's own MERGE.

python benchmarks/merge.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from floe_bench.adapters.dbt.stage import StagedRows
from floe_bench.adapters.dbt.work import Settings
from floe_bench.adapters.iceberg import commit
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.extension import extension_directory
from floe_bench.adapters.iceberg.layout import Layout
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

PLAIN = Settings("table", Layout(), frozenset(), {}, None, {})
NEW = "(select (random() * 1100000)::bigint as id, random() as value from range(10000)) group by id"


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = ProcessStack(load_spec("embedded"), state_dir=Path(folder))
        endpoints = stack.up(lambda event: None, lambda: False)
        try:
            measure(endpoints, Path(folder), rounds)
        finally:
            stack.down()


def measure(endpoints: Endpoints, state_dir: Path, rounds: int) -> None:
    catalog = open_catalog(endpoints)
    catalog.create_namespace("bench")
    duck = opened(endpoints, state_dir)
    for name in ("copied", "merged"):
        million = "select range::bigint as id, random() as value from range(1000000)"
        duck.execute(f"create table lake.bench.{name} as {million}")

    def by_copy() -> None:
        duck.execute("create or replace table memory.main.stage as select * from lake.bench.copied")
        duck.execute(merge("memory.main.stage"))
        rows = StagedRows(duck.cursor(), "memory.main.stage", PLAIN)
        commit.replace(catalog, TableName(("bench",), "copied"), rows, commit.Intent())

    def by_duckdb() -> None:
        duck.execute(merge("lake.bench.merged"))

    times: dict[str, list[float]] = {"local copy, one commit": [], "DuckDB's MERGE": []}
    for _ in range(rounds):
        times["local copy, one commit"].append(timed(by_copy))
        times["DuckDB's MERGE"].append(timed(by_duckdb))
    for name, table in zip(times, ("copied", "merged"), strict=True):
        read = timed(lambda table=table: duck.execute(f"select sum(value) from lake.bench.{table}").fetchall())
        files = len(list(catalog.load_table(f"bench.{table}").inspect.files()["file_path"]))
        found = times[name]
        print(
            f"{name:<24} min {min(found):5.2f}  median {statistics.median(found):5.2f}  max {max(found):5.2f} s,"
            f"  then {files} files, one scan {read:.2f} s"
        )


def merge(target: str) -> str:
    return (
        f"merge into {target} as t using (select id, any_value(value) as value from {NEW}) as s on t.id = s.id "
        "when matched then update set value = s.value when not matched then insert (id, value) values (s.id, s.value)"
    )


def opened(endpoints: Endpoints, state_dir: Path) -> duckdb.DuckDBPyConnection:
    config = {"extension_directory": str(extension_directory(state_dir)), "autoinstall_known_extensions": "false"}
    duck = duckdb.connect(config=config)
    duck.execute("load avro; load httpfs; load iceberg")
    key, secret = endpoints.client_id.reveal(), endpoints.client_secret.reveal()
    duck.execute(
        "create secret s3 (type s3, key_id $1, secret $2, endpoint $3, url_style 'path', use_ssl false, region $4)",
        [key, secret, endpoints.s3_endpoint.removeprefix("http://"), endpoints.s3_region],
    )
    duck.execute(
        "create secret ice (type iceberg, client_id $1, client_secret $2, oauth2_server_uri $3)",
        [key, secret, endpoints.token_uri],
    )
    duck.execute("attach 'warehouse' as lake (type iceberg, endpoint $1, secret ice)", [endpoints.catalog_uri])
    return duck


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
