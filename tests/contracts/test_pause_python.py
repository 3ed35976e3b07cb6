"""Pausing a run of Python assets, on the real engine."""

from __future__ import annotations

import threading
from pathlib import Path

from floe_bench.model.run import NodeStatus, RunStatus
from floe_bench.model.step import Step, StepState
from tests.contracts.workbench import PATIENCE_S, nodes, opened, shop

ASSETS = """\
import pathlib, time

import dagster as dg
import pyarrow as pa

GO = pathlib.Path(__file__).parent / "go"


@dg.asset(key_prefix=["python"], io_manager_key="iceberg")
def first() -> pa.Table:
    # It is at work, and says so, until the test lets it go on.
    (GO.parent / "begun").touch()
    until = time.monotonic() + 240
    while not GO.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return pa.table({"n": [1]})


@dg.asset(
    key_prefix=["python"],
    io_manager_key="iceberg",
    ins={"first": dg.AssetIn(key=["python", "first"], input_manager_key="iceberg")},
)
def second(first: pa.Table) -> pa.Table:
    return first


@dg.asset(key_prefix=["python"], io_manager_key="iceberg")
def unfed(context: dg.AssetExecutionContext) -> pa.Table:
    return pa.table({"n": [2]})


@dg.asset(key_prefix=["python"])
def yields() -> dg.MaterializeResult:
    yield dg.MaterializeResult(metadata={"n": 3})
"""


def test_a_run_that_is_paused_ends_before_its_next_python_asset_and_its_rest_can_be_stepped(tmp_path: Path) -> None:
    with opened(shop(tmp_path / "shop", **{"shop_assets.py": ASSETS})) as bench:
        every = ("first", "second", "unfed", "yields")
        run_id = bench.submit(select=" ".join(f"asset:python/{name}" for name in every))
        bench.until((bench.root / "begun").exists, "the first asset is behind the gate")
        paused: list[Step] = []
        asking = threading.Thread(target=lambda: paused.append(bench.client.stepping.pause(run_id)))
        asking.start()
        bench.until((bench.state / "runs" / run_id / "pause").exists, "the run is told to pause")
        (bench.root / "go").touch()
        asking.join(timeout=PATIENCE_S)
        (step,) = paused

        run = bench.over(run_id)
        assert (run.status, run.step_id) == (RunStatus.CANCELLED, step.step_id)
        assert nodes(run)["first"].status is NodeStatus.SUCCESS
        left = [name for name in every if nodes(run).get(name) is None or nodes(run)[name].status is NodeStatus.SKIPPED]
        # Which of those that read nothing came before the one that waited is Dagster's to say; none comes after it.
        assert "second" in left and "unfed" in left
        assert {node.asset for node in step.nodes} == {f"python/{name}" for name in left}
        bench.client.stepping.proceed(step.step_id)
        assert bench.client.stepping.wait(step.step_id).state is StepState.SUCCESS
        assert bench.client.rows("python.second").rows == ((1,),)
        assert bench.client.rows("python.unfed").rows == ((2,),)
