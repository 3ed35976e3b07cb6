"""A store that takes requests and answers none, during a run: it is said since when, and the run can be cancelled."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from floe_bench.events import STORAGE, ProblemFound, ProblemSolved
from floe_bench.model.run import RunStatus
from tests.contracts.workbench import Workbench, opened, shop

WITHOUT = ("floe-bench.toml", "shop_assets.py")
UPSTREAM = "+customer_totals"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("silence") / "shop", without=WITHOUT)) as found:
        assert found.run(select=UPSTREAM).status is RunStatus.SUCCESS
        yield found


@contextmanager
def frozen(bench: Workbench) -> Iterator[None]:
    """The store's process stands still; it goes on afterwards, whatever happened."""
    pid = bench.client.status().services[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def told(bench: Workbench) -> list[ProblemFound]:
    return [event for event in bench.events(ProblemFound) if event.about == STORAGE]


def solved(bench: Workbench) -> int:
    return sum(event.about == STORAGE for event in bench.events(ProblemSolved))


def waiting(bench: Workbench, run_id: str, before: int) -> ProblemFound:
    bench.until(lambda: len(told(bench)) > before, "the run waits for storage")
    assert bench.client.run(run_id).status is RunStatus.RUNNING
    return told(bench)[-1]


def at_work(bench: Workbench) -> str:
    """A run that works by itself for seconds, and then has to write."""
    run_id = bench.submit(select="slow", variables="{rows: 80000}")
    bench.node_running(run_id, "slow")
    return run_id


def test_a_run_says_since_when_it_waits_and_goes_on_when_the_store_does(bench: Workbench) -> None:
    began, before, well = datetime.now(UTC), len(told(bench)), solved(bench)
    run_id = at_work(bench)
    with frozen(bench):
        found = waiting(bench, run_id, before)
        assert found.at is not None and began < found.at < datetime.now(UTC)
        assert found.message == f"waiting for storage since {found.at.astimezone():%H:%M:%S}"
        assert bench.client.status().waiting_since == found.at
    assert bench.over(run_id).status is RunStatus.SUCCESS
    bench.until(lambda: solved(bench) > well, "the store answers again")
    assert bench.client.status().waiting_since is None


def test_a_run_that_waits_for_the_store_can_be_cancelled(bench: Workbench) -> None:
    before = len(told(bench))
    run_id = at_work(bench)
    with frozen(bench):
        waiting(bench, run_id, before)
        bench.client.cancel(run_id)
        assert bench.over(run_id).status is RunStatus.CANCELLED
    assert bench.run(select=UPSTREAM).status is RunStatus.SUCCESS
