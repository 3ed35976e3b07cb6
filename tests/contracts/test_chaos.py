"""Whatever process of a run is killed, and whenever: the run ends as it was, nothing is left, the next one works."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.orchestrators.warm.process import CAN_FORK
from floe_bench.model.run import NodeStatus, Run, RunStatus
from tests.contracts.test_undo import stack_of
from tests.contracts.workbench import SLOW, Workbench, eventually, opened, processes, shop

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="programs are forked on Linux only"),
    pytest.mark.timeout(1200),
]
SEED = 6
ROUNDS = 3
"""With each victim."""
ROWS = {
    "shop.raw_orders": 3,
    "shop.raw_customers": 2,
    "staging.stg_orders": 3,
    "shop.customer_totals": 2,
    "shop.slow": 1,
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    root = shop(tmp_path_factory.mktemp("chaos") / "shop", without=("floe-bench.toml", "shop_assets.py"))
    with opened(root) as bench:
        assert bench.run().status is RunStatus.SUCCESS
        yield bench


def parent(bench: Workbench) -> psutil.Process | None:
    for child in psutil.Process(bench.client.engine_pid).children():
        with suppress(psutil.Error):
            if any("warm.parent" in word for word in child.cmdline()):
                return child
    return None


def children(process: psutil.Process | None) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children() if process is not None else []
    return []


def forked(bench: Workbench, *, leads: bool) -> psutil.Process | None:
    """A run's worker leads a session of its own, its dbt does not; spares have nowhere to write to."""
    for child in children(parent(bench)):
        with suppress(psutil.Error, OSError):
            busy = Path(f"/proc/{child.pid}/fd/1").readlink() != Path("/dev/null")
            if busy and (psutil.Process(child.pid).pid == _session(child.pid)) is leads:
                return child
    return None


def _session(pid: int) -> int:
    """Source: proc_pid_stat(5), field 6."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])


def worker(bench: Workbench) -> psutil.Process | None:
    return forked(bench, leads=True)


def dbt(bench: Workbench) -> psutil.Process | None:
    return forked(bench, leads=False)


def launcher(bench: Workbench) -> psutil.Process | None:
    return next((each for each in processes(bench.root) if _is_launcher(each)), None)


def _is_launcher(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return any(word.endswith("floe-bench-dbt") for word in process.cmdline())
    return False


VICTIMS = (parent, worker, dbt, launcher)


def killed(bench: Workbench, run_id: str, victim: Callable[[Workbench], psutil.Process | None], wait_s: float) -> bool:
    """Whether it was there, a while after it was first seen, and the run went on."""
    found: list[psutil.Process | None] = [None]

    def seen() -> bool:
        found[0] = victim(bench)
        return found[0] is not None or bench.client.run(run_id).status.over

    bench.until(seen, "the victim")
    time.sleep(wait_s)  # the moment itself is what is tried
    with suppress(psutil.Error):
        if found[0] is not None and not bench.client.run(run_id).status.over:
            found[0].kill()
            return True
    return False


def left(bench: Workbench) -> list[psutil.Process]:
    """What nobody needs once a run is over: not engine, readers, lakehouse, warm parent and spares, with theirs."""
    engine, warm = bench.client.engine_pid, parent(bench)
    kept = {engine}
    if warm is not None:
        kept.add(warm.pid)
        for spare in children(warm):
            with suppress(psutil.Error, OSError):
                if spare.pid != _session(spare.pid):
                    kept |= {spare.pid, *(each.pid for each in spare.children(recursive=True))}
    found = []
    for process in processes(bench.root):
        with suppress(psutil.Error):
            reads = "floe_bench.adapters.computes.apart.reading_program" in process.cmdline()
            if process.pid not in kept and process.name() != "weed" and not reads:
                found.append(process)
    return found


def said(process: psutil.Process) -> str:
    with suppress(psutil.Error, OSError):
        out = Path(f"/proc/{process.pid}/fd/1").readlink()
        return f"{process.pid} of {process.ppid()}, session {_session(process.pid)}, to {out}: {process.cmdline()}"
    return f"{process.pid} ended"


def whole(bench: Workbench, run: Run) -> None:
    """What the run says it made is there, each table can be read, and holds what its SQL makes."""
    # A node that was at work when its run died is lost: no process was left to write down its end.
    assert run.status is RunStatus.FAILED or all(node.status is not NodeStatus.RUNNING for node in run.nodes), run
    catalog = open_catalog(stack_of(bench))
    for table, rows in ROWS.items():
        (count,) = bench.client.query(f"select count(*) from {table}").rows[0]
        assert int(count) == rows, table
    tables = {asset.asset: asset.table for asset in bench.client.assets()}
    for node in run.nodes:
        if node.snapshot_id is not None and node.asset is not None:
            snapshot = catalog.load_table(tables[node.asset]).snapshot_by_id(node.snapshot_id)
            assert snapshot is not None
            assert snapshot.summary is not None
            assert snapshot.summary.additional_properties["floe.run-id"] == run.run_id


def test_a_process_that_is_killed_at_any_moment_costs_its_own_run_and_nothing_else(bench: Workbench) -> None:
    moments = random.Random(SEED)
    order = [victim for victim in VICTIMS for _ in range(ROUNDS)]
    moments.shuffle(order)
    for number, victim in enumerate(order):
        told = f"round {number}: {victim.__name__}"
        side = moments.randint(2, 9)
        run_id = bench.submit(variables=f"{{rows: {side}}}")
        died = killed(bench, run_id, victim, moments.uniform(0.0, 0.6))
        run = bench.over(run_id)
        assert run.status in ((RunStatus.SUCCESS, RunStatus.FAILED) if died else (RunStatus.SUCCESS,)), told
        goes_on(bench, run, told)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_process_that_is_killed_in_the_middle_of_a_node_costs_its_own_run_and_nothing_else(
    bench: Workbench, victim: Callable[[Workbench], psutil.Process | None]
) -> None:
    run_id = bench.submit(variables=SLOW)
    bench.node_running(run_id, "slow")
    assert killed(bench, run_id, victim, 0.0)
    run = bench.over(run_id)
    assert run.status is RunStatus.FAILED
    goes_on(bench, run, victim.__name__)


def goes_on(bench: Workbench, run: Run, told: str) -> None:
    """Nothing of it is left, what it made is whole, and the next run is as any other."""
    assert run.error or run.status is RunStatus.SUCCESS, told
    whole(bench, run)
    assert eventually(lambda: not left(bench)), (told, *map(said, left(bench)))
    after = bench.run()
    assert after.status is RunStatus.SUCCESS, (told, after)
    whole(bench, after)
    # The variables of the run before are not those of this one.
    assert bench.client.query("select n from shop.slow").rows == ((100,),), told
    assert parent(bench) is not None
