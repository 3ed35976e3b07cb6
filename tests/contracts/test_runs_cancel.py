"""Runs that are cancelled, that wait, and whose process dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from floe_bench.errors import NoSuchRun
from floe_bench.events import RunChanged
from floe_bench.model.run import Ending, Means, RunStatus
from tests.contracts.workbench import SLOW, Workbench, eventually, opened, processes, shop

WITHOUT = ("floe-bench.toml", "shop_assets.py")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("cancel"), without=WITHOUT)) as bench:
        run = bench.run(select="slow")
        assert run.status is RunStatus.SUCCESS, run
        yield bench


def worker(bench: Workbench, run_id: str) -> int:
    from floe_bench.adapters.orchestrators.dagster.journal import worker_of

    found = worker_of(bench.state / "runs" / run_id)
    assert found is not None
    return found[0]


def pids(bench: Workbench) -> set[int]:
    # A forked worker or dbt shows the command line of its parent, which has the project's folder in it.
    return {process.pid for process in processes(bench.root)}


def at_work(bench: Workbench) -> set[int]:
    """Processes of a run, or spares that wait for one: all but the engine and what it started itself."""
    engine = bench.client.engine_pid
    return pids(bench) - {engine, *(child.pid for child in psutil.Process(engine).children())}


def slow(bench: Workbench) -> str:
    """A run in the middle of a query that never ends."""
    run_id = bench.submit(select="slow", variables=SLOW)
    bench.node_running(run_id, "slow")
    return run_id


def test_a_cancelled_run_is_cancelled_its_processes_are_gone_and_the_table_is_what_it_was(bench: Workbench) -> None:
    before = bench.client.snapshots("shop.slow")[-1]
    run_id = slow(bench)
    ran = at_work(bench)
    assert worker(bench, run_id) in ran
    assert len(ran) >= 2, "dbt is not seen"

    bench.client.cancel(run_id)

    run = bench.over(run_id)
    assert run.status is RunStatus.CANCELLED, run
    assert "cancelling" in bench.statuses(run_id)
    assert eventually(lambda: not at_work(bench) & ran)
    after = bench.client.snapshots("shop.slow")[-1]
    assert (after.snapshot_id, "main" in after.refs) == (before.snapshot_id, True)
    assert bench.client.query("select n from shop.slow").rows == ((100,),)


def test_a_run_can_be_cancelled_the_moment_it_was_submitted(bench: Workbench) -> None:
    run_id = bench.submit(select="slow", variables=SLOW)
    bench.client.cancel(run_id)
    run = bench.over(run_id)
    assert run.status is RunStatus.CANCELLED, run
    assert run_id in [each.run_id for each in bench.client.runs()]


def test_cancelling_twice_or_late_is_no_error(bench: Workbench) -> None:
    run_id = slow(bench)
    bench.client.cancel(run_id)
    bench.client.cancel(run_id)
    assert bench.over(run_id).status is RunStatus.CANCELLED
    bench.client.cancel(run_id)
    with pytest.raises(NoSuchRun):
        bench.client.cancel("ffffffff")


def test_a_run_that_does_not_end_is_ended_and_killed_at_once_when_it_is_cancelled_again(bench: Workbench) -> None:
    seen: list[Ending] = []

    def means(wanted: Means) -> bool:
        found = bench.client.run(run_id).ending
        seen.extend([found] if found is not None else [])
        return found is not None and found.means is wanted

    run_id = slow(bench)
    ran = at_work(bench)
    os.kill(worker(bench, run_id), signal.SIGSTOP)  # it cannot answer any signal but the last
    waits_s = 1000.0
    for wanted in Means:
        begun = time.monotonic()
        bench.client.cancel(run_id)
        bench.until(lambda: means(wanted) or bench.client.run(run_id).status.over, f"it is {wanted}")  # noqa: B023
        assert time.monotonic() - begun < waits_s, "it waited for a step instead of doing the next one"
        waits_s = (seen[-1].until - seen[-1].since).total_seconds() if seen[-1].until is not None else waits_s
    run = bench.over(run_id)
    assert (run.status, run.ending) == (RunStatus.CANCELLED, None)
    asked = seen[0]
    assert asked.means is Means.ASKED and asked.until is not None and asked.until > asked.since
    assert eventually(lambda: not at_work(bench) & ran)


def test_a_second_run_waits_and_is_seen_waiting_then_runs(bench: Workbench) -> None:
    first = slow(bench)
    second = bench.submit(select="raw_orders")
    assert bench.client.run(second).status is RunStatus.QUEUED
    assert [run.run_id for run in bench.client.runs(2)] == [second, first]
    bench.until(lambda: bench.statuses(second), "that it waits")
    assert bench.statuses(second) == ["queued"]

    bench.client.cancel(first)

    assert bench.over(first).status is RunStatus.CANCELLED
    assert bench.over(second).status is RunStatus.SUCCESS
    order = [event.run.run_id for event in bench.events(RunChanged) if event.run.status.over]
    assert order.index(first) < order.index(second)


def test_a_waiting_run_can_be_cancelled_and_is_remembered_as_cancelled(bench: Workbench) -> None:
    first = slow(bench)
    second = bench.submit(select="raw_orders")
    bench.client.cancel(second)
    assert bench.over(second).status is RunStatus.CANCELLED
    assert bench.client.run(second).nodes == ()
    bench.client.cancel(first)
    assert bench.over(first).status is RunStatus.CANCELLED
    found = {run.run_id: run.status for run in bench.client.runs()}
    assert (found[first], found[second]) == (RunStatus.CANCELLED, RunStatus.CANCELLED)


def test_a_worker_that_is_killed_is_a_failed_run_with_a_reason_and_no_orphan(bench: Workbench) -> None:
    run_id = slow(bench)
    ran = at_work(bench)
    os.kill(worker(bench, run_id), signal.SIGKILL)
    run = bench.over(run_id)
    assert run.status is RunStatus.FAILED
    assert "SIGKILL" in run.error
    assert eventually(lambda: not at_work(bench) & ran)
    assert bench.run(select="slow").status is RunStatus.SUCCESS


def test_a_run_under_way_does_not_survive_the_engines_end(tmp_path: Path) -> None:
    with opened(shop(tmp_path, without=WITHOUT)) as bench:
        run_id = slow(bench)
        pid = worker(bench, run_id)
        bench.client.shutdown()
        assert eventually(lambda: not psutil.pid_exists(pid))
        assert eventually(lambda: processes(tmp_path) == [])
    with opened(tmp_path) as bench:
        assert bench.client.run(run_id).status is RunStatus.CANCELLED


def test_a_killed_engines_run_is_failed_at_the_next_start_and_nothing_is_left_after_down(tmp_path: Path) -> None:
    with opened(shop(tmp_path, without=WITHOUT)) as bench:
        run_id = slow(bench)
        weed = bench.client.status().services[0].pid
        os.kill(bench.client.engine_pid, signal.SIGKILL)
        assert eventually(lambda: not psutil.pid_exists(bench.client.engine_pid))
        with opened(tmp_path) as again:
            assert again.client.status().services[0].pid == weed, "the lakehouse was not adopted"
            assert eventually(lambda: again.client.run(run_id).status.over)
            run = again.client.run(run_id)
            assert (run.status, "died" in run.error) == (RunStatus.FAILED, True), run
            assert again.run(select="slow").status is RunStatus.SUCCESS
    assert processes(tmp_path) == []
