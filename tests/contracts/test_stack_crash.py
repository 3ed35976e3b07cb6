"""Killing the server at random moments: what was acknowledged is there, and nothing half-written shows."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import Endpoints

ROUNDS = 20
ROWS_PER_COMMIT = 50
TABLE = ("crash", "log")

WRITER = f"""
import os, sys
import pyarrow as pa
from pathlib import Path
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
import pyiceberg.io.pyarrow
first = int(sys.argv[2])
sys.stdin.readline()
stack = ProcessStack(load_spec("embedded"), state_dir=Path(sys.argv[1]))
catalog = open_catalog(stack.up(lambda event: None, lambda: False))
catalog.create_namespace_if_not_exists("crash")
schema = pa.schema([("commit", pa.int64())])
table = catalog.load_table({TABLE}) if catalog.table_exists({TABLE}) else catalog.create_table({TABLE}, schema)
for number in range(first, first + 10_000):
    table.append(pa.table({{"commit": [number] * {ROWS_PER_COMMIT}}}, schema=schema))
    print(number, table.current_snapshot().snapshot_id, flush=True)
"""


@pytest.mark.timeout(1200)
def test_a_killed_server_loses_no_acknowledged_commit(tmp_path: Path) -> None:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path)
    acknowledged: dict[int, int] = {}
    in_flight: set[int] = set()
    chance = random.Random(20)
    try:
        for round_number in range(ROUNDS):
            endpoints = killed_while_writing(
                stack,
                tmp_path,
                acknowledged,
                in_flight,
                first=round_number * 100_000,
                commits=chance.randint(1, 3),
                wait_s=chance.uniform(0, 0.2),
            )
            rows, snapshots = content(endpoints)
            assert set(acknowledged) <= set(rows), f"round {round_number} lost commits"
            assert set(rows) - set(acknowledged) <= in_flight, "rows that nobody wrote"
            assert set(rows.values()) <= {ROWS_PER_COMMIT}, "part of a commit shows"
            assert set(acknowledged.values()) <= set(snapshots)
            assert len(snapshots) == len(rows)
    finally:
        stack.down()


def killed_while_writing(
    stack: ProcessStack,
    state_dir: Path,
    acknowledged: dict[int, int],
    in_flight: set[int],
    *,
    first: int,
    commits: int,
    wait_s: float,
) -> Endpoints:
    """One round: up, write, kill a while after so many commits, up again."""
    command = [sys.executable, "-c", WRITER, str(state_dir), str(first)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as writer:
        assert writer.stdin and writer.stdout
        stack.up(lambda event: None, lambda: False)
        server = stack.status().services[0].pid
        assert server is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        lines = [writer.stdout.readline() for _ in range(commits)]
        time.sleep(wait_s)  # the moment itself is what is tried
        os.kill(server, signal.SIGKILL)
        writer.kill()
        lines += writer.stdout.readlines()
    found = {int(number): int(snapshot) for number, snapshot in (line.split() for line in lines if line.endswith("\n"))}
    acknowledged.update(found)
    in_flight.add(max(found) + 1)
    return stack.up(lambda event: None, lambda: False)


def content(endpoints: Endpoints) -> tuple[Counter[int], list[int]]:
    """Rows per commit, and the chain of snapshots from the current one back."""
    table = open_catalog(endpoints).load_table(TABLE)
    rows = Counter(table.scan().to_arrow()["commit"].to_pylist())
    chain: list[int] = []
    at = table.current_snapshot()
    while at is not None:
        chain.append(at.snapshot_id)
        at = table.snapshot_by_id(at.parent_snapshot_id) if at.parent_snapshot_id else None
    return rows, chain
