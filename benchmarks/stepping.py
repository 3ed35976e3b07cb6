"""What stepping costs: the same nodes in an ordinary run, in one stretch of a stepped run, and one by one.

python benchmarks/stepping.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loop import bench, materialize

from floe_bench.core.demo import copy
from floe_bench.engine.client import EngineClient
from floe_bench.model.run import Run, RunRequest, RunStatus
from floe_bench.model.step import StepState

SELECT = "+mart_products +mart_customers"


@dataclass(frozen=True, slots=True)
class Took:
    """``work_s``: of all nodes and their tests, as each says itself; an ordinary run does some of it at once."""

    wall_s: float
    work_s: float
    nodes: int
    tests: int

    @property
    def beside_s(self) -> float:
        """Per node, beside its own work: starting, selecting, comparing, telling Dagster."""
        return (self.wall_s - self.work_s) / self.nodes


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, bench(copy(Path(folder) / "demo")) as client:
        materialize(client, None)
        ways = {"an ordinary run": ordinary, "stepped, continue": continued, "stepped, next by next": one_by_one}
        took: dict[str, list[Took]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():  # alternating, so that a noisy minute meets everyone
                took[name].append(timed(client, way))
        show(took, rounds)


def ordinary(client: EngineClient) -> str:
    materialize(client, SELECT)
    return client.runs(1)[0].run_id


def continued(client: EngineClient) -> str:
    step = client.stepping.start(RunRequest(select=SELECT))
    client.stepping.proceed(step.step_id)
    assert client.stepping.wait(step.step_id).state is StepState.SUCCESS
    return step.run_id


def one_by_one(client: EngineClient) -> str:
    step = client.stepping.start(RunRequest(select=SELECT))
    while not step.state.over:
        client.stepping.next(step.step_id)
        step = client.stepping.wait(step.step_id)
    assert step.state is StepState.SUCCESS
    return step.run_id


def timed(client: EngineClient, way: Callable[[EngineClient], str]) -> Took:
    start = time.perf_counter()
    run_id = way(client)
    wall_s = time.perf_counter() - start
    run = _whole(client, run_id)
    tests = sum(node.is_check for node in run.nodes)
    return Took(wall_s, sum(node.duration_s or 0.0 for node in run.nodes), len(run.nodes) - tests, tests)


def _whole(client: EngineClient, run_id: str) -> Run:
    run = client.run(run_id)
    assert run.status is RunStatus.SUCCESS, run
    return run


def show(took: dict[str, list[Took]], rounds: int) -> None:
    every = [each for found in took.values() for each in found]
    assert len({(each.nodes, each.tests) for each in every}) == 1, "not the same nodes"
    print(f"{every[0].nodes} nodes with {every[0].tests} tests, {rounds} rounds, seconds")
    print(f"  {'':<24}{'median':>8}{'min':>8}{'max':>8}{'work of nodes':>16}{'beside it, per node':>22}")
    for name, found in took.items():
        walls = [each.wall_s for each in found]
        work, beside = (statistics.median(getattr(each, what) for each in found) for what in ("work_s", "beside_s"))
        middle = statistics.median(walls)
        rest = f"{beside:.2f}" if beside > 0 else "nodes at once"
        print(f"  {name:<24}{middle:>8.2f}{min(walls):>8.2f}{max(walls):>8.2f}{work:>16.2f}{rest:>22}")
    base, *others = (statistics.median(each.wall_s for each in found) for found in took.values())
    for name, other in zip(list(took)[1:], others, strict=True):
        print(f"{name}: {(other - base) / every[0].nodes:+.2f} s per node against the ordinary run")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
