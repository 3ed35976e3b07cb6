"""Killing each container while a commit is on its way: what was acknowledged is there, nothing half-written shows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.settings import ContainerSettings
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec
from tests.contracts.lakehouse import packed
from tests.contracts.test_stack_crash import ROWS_PER_COMMIT, TABLE, content
from tests.stack.on_stacks import CHOSEN, absent

ROUNDS = 10

WRITER = f"""
import json, sys
import pyarrow as pa
from floe_bench.adapters.iceberg.catalog import open_catalog
from tests.contracts.lakehouse import unpacked
import pyiceberg.io.pyarrow
catalog = open_catalog(unpacked(json.loads(sys.stdin.readline())))
schema = pa.schema([("commit", pa.int64())])
catalog.create_namespace_if_not_exists("crash")
table = catalog.load_table({TABLE}) if catalog.table_exists({TABLE}) else catalog.create_table({TABLE}, schema)
first = int(sys.argv[1])
for number in range(first, first + 10_000):
    table.append(pa.table({{"commit": [number] * {ROWS_PER_COMMIT}}}, schema=schema))
    print(number, table.current_snapshot().snapshot_id, flush=True)
"""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CHOSEN])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContainerStack]:
    if reason := absent(request.param):
        pytest.skip(f"{request.param}: {reason}")
    stack = ContainerStack(load_spec(request.param), state_dir=tmp_path)
    yield stack
    stack.reset()


@pytest.mark.timeout(1200)
def test_a_killed_container_loses_no_acknowledged_commit(
    stack: ContainerStack, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["stack"]
    services = ContainerSettings.read(load_spec(name)).services
    acknowledged: dict[int, int] = {}
    in_flight: set[int] = set()
    chance = random.Random(10)
    for number in range(ROUNDS):
        endpoints = stack.up(lambda event: None, lambda: False)
        victim = services[number % len(services)].name
        _killed_while_writing(
            tmp_path, name, victim, json.dumps(packed(endpoints)), number * 100_000, acknowledged, in_flight, chance
        )
        rows, snapshots = content(stack.up(lambda event: None, lambda: False))
        assert set(acknowledged) <= set(rows), f"round {number}, {victim} killed: lost commits"
        assert set(rows) - set(acknowledged) <= in_flight, "rows that nobody wrote"
        assert set(rows.values()) <= {ROWS_PER_COMMIT}, "part of a commit shows"
        assert set(acknowledged.values()) <= set(snapshots)
        assert len(snapshots) == len(rows)


def _killed_while_writing(
    state_dir: Path,
    stack: str,
    victim: str,
    endpoints: str,
    first: int,
    acknowledged: dict[int, int],
    in_flight: set[int],
    chance: random.Random,
) -> None:
    place = label.Place(state_dir.absolute(), stack)
    client = docker.from_env()
    (container,) = client.containers.list(
        filters={"label": [f"{label.PROJECT}={place.project}", f"{label.SERVICE}={victim}"]}
    )
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(first)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as writer:
        assert writer.stdin and writer.stdout
        writer.stdin.write(endpoints + "\n")
        writer.stdin.flush()
        lines = [writer.stdout.readline() for _ in range(chance.randint(1, 3))]
        time.sleep(chance.uniform(0.0, 0.4))  # not a wait for anything: the moment at which it is killed
        container.kill()
        writer.kill()
        lines += writer.stdout.readlines()
    client.close()
    found = {int(number): int(snapshot) for number, snapshot in (line.split() for line in lines if line.endswith("\n"))}
    acknowledged.update(found)
    in_flight.add(max(found) + 1)
