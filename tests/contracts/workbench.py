"""A small dbt project on disk and the real engine on it: what the tests of runs, project and engine share."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from floe_bench.config.project import find_project
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from floe_bench.errors import BenchError
from floe_bench.events import Event, NodeChanged, RunChanged
from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun, Run, RunRequest

PATIENCE_S = 180.0
"""Far beyond what anything takes on an idle machine: these deadlines tell "never" from "slow"."""

FILES = {
    "dbt_project.yml": """\
name: shop
version: '1.0'
profile: shop
model-paths: [models]
seed-paths: [seeds]
models:
  shop:
    staging: {+schema: staging, +tags: [nightly]}
vars: {rows: 10}
""",
    "floe-bench.toml": 'dagster_module = "shop_assets"\n',
    "seeds/raw_orders.csv": "order_id,customer_id,amount\n1,1,10\n2,1,5\n3,2,7\n",
    "seeds/raw_customers.csv": "customer_id,name\n1,Ada\n2,Bo\n",
    "models/staging/stg_orders.sql": "select order_id, customer_id, amount from {{ ref('raw_orders') }}\n",
    "models/customer_totals.sql": """\
select c.customer_id, c.name, sum(o.amount)::bigint as total
from {{ ref('raw_customers') }} c join {{ ref('stg_orders') }} o using (customer_id)
group by all
""",
    # Without the variable it is quick; with a large one it outlives every test.
    "models/slow.sql": "select count(*) as n from range({{ var('rows') }}) a, range({{ var('rows') }}) b\n",
    "models/schema.yml": """\
models:
  - name: stg_orders
    columns: [{name: order_id, data_tests: [not_null]}]
  - name: customer_totals
    columns: [{name: customer_id, data_tests: [unique]}]
""",
    "shop_assets.py": """\
import dagster as dg
import pyarrow as pa


@dg.asset(
    key_prefix=["python"],
    io_manager_key="iceberg",
    ins={"totals": dg.AssetIn(key=["shop", "customer_totals"], input_manager_key="iceberg")},
)
def best__customer(totals: pa.Table) -> pa.Table:
    return totals.sort_by([("total", "descending")]).slice(0, 1)
""",
}
ASSETS = {
    "shop/raw_orders",
    "shop/raw_customers",
    "staging/stg_orders",
    "shop/customer_totals",
    "shop/slow",
    "python/best__customer",
}
SLOW = "{rows: 100000000}"


def shop(folder: Path, *, without: tuple[str, ...] = (), **files: str) -> Path:
    """The project on disk; its folder."""
    for name, text in (FILES | files).items():
        if name not in without:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return folder


def eventually(claim: Callable[[], Any], *, within_s: float = PATIENCE_S) -> bool:
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass
class Workbench:
    """One client and everything it heard, with the time when it heard it."""

    root: Path
    client: EngineClient
    heard: list[tuple[float, Event]] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.root / ".floe-bench"

    def listen(self) -> None:
        def collect() -> None:
            with suppress(BenchError):
                for event in self.client.events():
                    self.heard.append((time.time(), event))

        threading.Thread(target=collect, name="heard", daemon=True).start()

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for _, event in list(self.heard) if isinstance(event, kind)]

    def statuses(self, run_id: str) -> list[str]:
        return [event.run.status.value for event in self.events(RunChanged) if event.run.run_id == run_id]

    def submit(self, **request: Any) -> str:
        return self.client.submit(RunRequest(**request))

    def until(self, claim: Callable[[], Any], what: str) -> None:
        assert eventually(claim), f"never: {what}\n{self.last_words()}"

    def over(self, run_id: str) -> Run:
        self.until(lambda: self.events(RunChanged) and self._is_over(run_id), f"{run_id} over")
        return self.client.run(run_id)

    def run(self, **request: Any) -> Run:
        return self.over(self.submit(**request))

    def node_running(self, run_id: str, name: str) -> None:
        def runs() -> bool:
            return any(each.run_id == run_id and each.node.name == name for each in self.events(NodeChanged))

        self.until(lambda: runs() or self._is_over(run_id), f"{name} starts")
        assert runs(), self.last_words()

    def asset(self, key: str) -> Asset:
        return next(each for each in self.client.assets() if each.asset == key)

    def last_words(self) -> str:
        with suppress(BenchError):
            return "\n".join(line.text for line in self.client.logs("engine", 30))
        return "the engine does not answer"

    def _is_over(self, run_id: str) -> bool:
        return any(status in ("success", "failed", "cancelled") for status in self.statuses(run_id))


@contextmanager
def opened(root: Path, *, end: bool = True, stack: str | None = None) -> Iterator[Workbench]:
    """A bench on that folder, booted; with ``end`` nothing of it is left afterwards, whoever else attends."""
    client = attend(root, stack=stack)
    bench = Workbench(root, client)
    bench.listen()
    try:
        client.runs(1)
        yield bench
    finally:
        with suppress(BenchError):
            if end:
                client.shutdown()
        client.close(wait=False)
        if end:
            leftovers = [] if eventually(lambda: not processes(root)) else processes(root)
            kill_left(root)
            assert not leftovers, leftovers


def attend(root: Path, *, stack: str | None = None) -> EngineClient:
    client = connect(find_project(root), stack=stack)
    assert client is not None
    return client


def nodes(run: Run) -> dict[str, NodeRun]:
    return {node.name: node for node in run.nodes}


def children(word: str) -> list[psutil.Process]:
    """Those of this process, of whatever generation, that have the word in their command line."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it ended meanwhile
            if word in " ".join(process.cmdline()):
                found.append(process)
    return found


def kill_left(root: Path) -> None:
    """What is left of the project; some of it may go by itself meanwhile."""
    for process in processes(root):
        with suppress(psutil.Error):
            process.kill()


def processes(root: Path, *, marked: str | None = None) -> list[psutil.Process]:
    """Every process but this one that was started for the project: it is in its environment, arguments or folder.

    With ``marked`` only those with that variable. One that ends meanwhile is not among them.
    """
    state = str(root / ".floe-bench")
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid in (os.getpid(), os.getppid()) or process.status() == psutil.STATUS_ZOMBIE:
                continue
            environment = process.environ()
            if marked is not None and not environment.get(marked):
                continue
            told = (environment.get("DAGSTER_HOME", ""), environment.get("FLOE_BENCH_ENGINE", ""), process.cwd())
            if any(state in text for text in (*told, *process.cmdline())) or f'"{root}"' in told[1]:
                found.append(process)
    return found
