"""The inner loop: from "materialize this" to its snapshot, and warm reads; beside dbt, Dagster, PyIceberg and DuckDB as
they come, on the same lakehouse.

python benchmarks/loop.py [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from beside import BIN, Tools

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.config.project import find_project
from floe_bench.core.demo import copy
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from floe_bench.events import Booted, NodeChanged, RunChanged
from floe_bench.model.run import NodeStatus, RunRequest

MODEL, SCHEMA = "stg_products", "staging"


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder) / "demo")
        started = time.perf_counter()
        with bench(project) as client:
            cold_boot = time.perf_counter() - started
            first_build = timed(lambda: materialize(client, None))
            print(f"cold: boot {cold_boot:.1f} s, first build of the demo {first_build:.1f} s")
            tools = Tools.made(project, Path(folder) / "beside", client)
            one = {
                "floe-bench, key to snapshot": lambda: snapshot_after(client, MODEL),
                "floe-bench, whole run": lambda: materialize(client, MODEL),
                "dbt run -s": lambda: tools.dbt("run", "-s", MODEL),
                "dbt build -s": lambda: tools.dbt("build", "-s", MODEL),
                "dagster asset materialize": lambda: tools.dagster_materialize(f"{SCHEMA}/{MODEL}"),
            }
            whole = {
                "floe-bench": lambda: materialize(client, None),
                "dbt build": lambda: tools.dbt("build"),
            }
            reads = {
                "floe-bench snapshots": lambda: command(project, "snapshots", f"{SCHEMA}.{MODEL}", "--json"),
                "pyiceberg describe": lambda: tools.pyiceberg("describe", f"{SCHEMA}.{MODEL}"),
            }
            count = f"select count(*) from {{}}{SCHEMA}.{MODEL}"
            queries = {
                "floe-bench query": lambda: command(project, "query", count.format("")),
                "DuckDB: attach, query": lambda: tools.duckdb(count.format("lake.")),
            }
            show(f"one model ({MODEL}); a build makes its tests as well", one, rounds)
            show("the whole demo", whole, max(2, rounds // 2))
            runs = Place(find_project(project)).runs
            newest = max(runs.glob("*/target/run_results.json"), key=lambda file: file.stat().st_mtime)
            ours, theirs = making(newest.parent), making(tools.folder / "target")
            print(f"  dbt made nodes for {ours:.2f} s of our last one, and for {theirs:.2f} s of the last dbt build")
            show("a warm read, as a command", reads, rounds)
            show("a warm query, as a command", queries, rounds)


@contextmanager
def bench(project: Path) -> Iterator[EngineClient]:
    client = connect(find_project(project))
    assert client is not None
    try:
        for event in client.events():
            if isinstance(event, Booted):
                break
        yield client
    finally:
        client.close()


def materialize(client: EngineClient, select: str | None) -> None:
    for event in followed(client, select):
        if isinstance(event, RunChanged) and event.run.status.over:
            return


def making(target: Path) -> float:
    """Seconds that dbt says its nodes took, from the first to the last of them."""
    return float(json.loads((target / "run_results.json").read_text())["elapsed_time"])


def snapshot_after(client: EngineClient, select: str) -> None:
    """Until the model's snapshot is known to a client; the tests go on behind it."""
    seen = False
    for event in followed(client, select):
        if isinstance(event, NodeChanged) and event.node.name == select and event.node.status is NodeStatus.SUCCESS:
            seen = True
            measured.append(time.perf_counter())
        if isinstance(event, RunChanged) and event.run.status.over:
            assert seen
            return


measured: list[float] = []


def followed(client: EngineClient, select: str | None) -> Iterator[object]:
    events = client.events()
    run_id = client.submit(RunRequest(select=select, launched_by="cli"))
    for event in events:
        if run_id == (event.run_id if isinstance(event, NodeChanged) else _run_of(event)):
            yield event


def _run_of(event: object) -> str | None:
    return event.run.run_id if isinstance(event, RunChanged) else None


def command(project: Path, *args: str) -> None:
    subprocess.run([str(BIN / "floe-bench"), *args, "--project", str(project)], check=True, capture_output=True)


def timed(action: Callable[[], None]) -> float:
    measured.clear()
    start = time.perf_counter()
    action()
    end = measured[0] if measured else time.perf_counter()
    return end - start


def show(title: str, actions: dict[str, Callable[[], None]], rounds: int) -> None:
    """Alternating, so that a noisy minute meets everyone. The first is what the others are measured by."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            times[name].append(timed(action))
    print(f"\n{title}, {rounds} rounds, seconds")
    ours = statistics.median(next(iter(times.values())))
    for name, found in times.items():
        middle = statistics.median(found)
        ratio = "" if middle == ours else f"   {middle / ours:5.1f}x"
        print(f"  {name:<32} min {min(found):6.2f}  median {middle:6.2f}  max {max(found):6.2f}{ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
