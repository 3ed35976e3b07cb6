"""Runs that are stepped, on the real engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from floe_bench.adapters.orchestrators.dagster import tag
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter
from floe_bench.errors import NoSuchNode, NoSuchStep, NothingSelected, StepRefused
from floe_bench.events import StepChanged
from floe_bench.model.run import RunRequest, RunStatus
from floe_bench.model.step import Breakpoint, Condition, Place, Step, StepState, StopKind
from tests.contracts.test_runs_cancel import pids, worker
from tests.contracts.workbench import SLOW, Workbench, eventually, opened, processes, shop

ORDERS, TOTALS, BEST = "staging/stg_orders", "shop/customer_totals", "python/best__customer"
MODEL = "models/staging/stg_orders.sql"
GOOD = "select order_id, customer_id, amount from {{ ref('raw_orders') }}\n"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("stepping"))) as bench:
        yield bench


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "bench" in request.fixturenames:
        bench = request.getfixturevalue("bench")
        (bench.root / MODEL).write_text(GOOD)
        for step in bench.client.stepping.steps():
            bench.client.stepping.abort(step.step_id)
        for each in bench.client.stepping.breakpoints():
            bench.client.stepping.clear_breakpoint(each.asset)


def start(bench: Workbench, **request: Any) -> Step:
    return bench.client.stepping.start(RunRequest(**request))


def after(bench: Workbench, step: Step) -> Step:
    return bench.client.stepping.wait(step.step_id)


def next_(bench: Workbench, step: Step) -> Step:
    return after(bench, bench.client.stepping.next(step.step_id))


def proceed(bench: Workbench, step: Step) -> Step:
    return after(bench, bench.client.stepping.proceed(step.step_id))


def places(step: Step) -> dict[str, Place]:
    return {node.asset: node.place for node in step.nodes}


def log(bench: Workbench, run_id: str) -> list[tuple[str, str | None]]:
    """What Dagster's event log says of a run: kind of event and step."""
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(bench.state / "dagster")) as instance:
        events = [entry.dagster_event for entry in instance.all_logs(run_id)]
    return [(event.event_type_value, event.step_key) for event in events if event is not None]


def being_opened(bench: Workbench, *, by: int) -> str:
    """A stepped run of which Dagster was told, and the bench not yet."""
    from dagster import DagsterInstance, DagsterRun

    with DagsterInstance.from_config(str(bench.state / "dagster")) as instance:
        run = instance.add_run(DagsterRun(job_name=tag.JOB, tags={tag.STEP: "5e7", tag.LAUNCHED_BY: "test"}))
    with JournalWriter(bench.state / "runs" / run.run_id) as journal:
        journal.worker(by, 0.0)
    return run.run_id


def head(bench: Workbench, table: str) -> int:
    return bench.client.snapshots(table)[-1].snapshot_id


def test_a_started_step_stands_before_its_first_node_and_no_process_of_it_is_left(bench: Workbench) -> None:
    step = start(bench)
    assert (step.state, step.at, step.next) == (StepState.STOPPED, None, step.nodes[0].asset)
    made = {"shop/raw_orders", "shop/raw_customers", ORDERS, TOTALS, "shop/slow", BEST}
    assert {node.asset for node in step.nodes} == made
    assert bench.client.run(step.run_id).status is RunStatus.STOPPED
    assert [kind for kind, _ in log(bench, step.run_id) if kind.startswith("STEP")] == []
    # A stopped run is in nobody's way.
    assert bench.run(select="raw_orders").status is RunStatus.SUCCESS
    step = next_(bench, step)
    assert eventually(lambda: worker(bench, step.run_id) not in pids(bench))


def test_next_runs_one_node_with_its_tests_as_one_true_dagster_step_and_continue_ends_the_same_run(
    bench: Workbench,
) -> None:
    step = start(bench, select="+customer_totals asset:python/best__customer")
    order = [node.asset for node in step.nodes]
    assert order.index(ORDERS) < order.index(TOTALS) < order.index(BEST)
    assert [check.name for check in step.node(ORDERS).checks] == ["not_null_stg_orders_order_id"]
    for asset in order[: order.index(ORDERS) + 1]:
        step = next_(bench, step)
        assert (step.at, step.state) == (asset, StepState.STOPPED), step.stop
    node = step.node(ORDERS)
    assert (node.place, node.rows, node.checks_passed) == (Place.DONE, 3, 1)
    assert all(check.duration_s is not None and 0 < check.duration_s < 30 for check in node.checks) and node.checks
    snapshot = bench.client.snapshots("staging.stg_orders")[-1]
    assert (snapshot.run_id, snapshot.snapshot_id) == (step.run_id, node.effect and node.effect.to_snapshot)
    assert ("STEP_SUCCESS", "dbt__node__staging__stg_orders") in log(bench, step.run_id)
    assert not any("customer_totals" in (name or "") and "STEP" in kind for kind, name in log(bench, step.run_id))

    step = proceed(bench, step)

    assert (step.state, step.stop, step.next) == (StepState.SUCCESS, None, None)
    run = bench.client.run(step.run_id)
    assert (run.status, run.step_id) == (RunStatus.SUCCESS, step.step_id)
    assert {node.asset for node in run.nodes if not node.is_check} == set(order)
    started = [name for kind, name in log(bench, step.run_id) if kind == "STEP_START"]
    assert len(started) == len(set(started)) == len(order)
    kinds = [kind for kind, _ in log(bench, step.run_id)]
    assert (kinds.count("PIPELINE_START"), kinds.count("PIPELINE_SUCCESS")) == (1, 1)
    assert kinds.count("ASSET_CHECK_EVALUATION") == 2
    # Others see the same without asking.
    bench.until(lambda: bench.events(StepChanged)[-1].step == step, "the end is told")


def test_looking_ahead_and_a_node_at_work_do_not_take_each_others_answers(bench: Workbench) -> None:
    step = start(bench, select="+stg_orders")
    with ThreadPoolExecutor(3) as pool:
        looks = [pool.submit(bench.client.stepping.outlook, step.step_id, ORDERS) for _ in range(3)]
        step = next_(bench, step)
    assert step.nodes[0].place is Place.DONE, step.stop
    assert all("select" in look.result().sql for look in looks)


def test_a_node_that_breaks_the_key_of_its_table_stops_with_its_checks_and_its_diff(bench: Workbench) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    file = bench.root / "models/customer_totals.sql"
    text = file.read_text()
    try:
        file.write_text(f"{text}\nunion all select * from (\n{text}\n)")
        step = next_(bench, start(bench, select="customer_totals"))
    finally:
        file.write_text(text)
    node = step.node(TOTALS)
    assert node.effect is not None and node.effect.rows.not_unique == ("customer_id",), step.stop
    assert node.effect.rows.added > 0


def test_what_a_node_did_is_counted_against_the_snapshot_before(bench: Workbench) -> None:
    assert bench.run(select="+stg_orders").status is RunStatus.SUCCESS
    earlier = head(bench, "staging.stg_orders")
    (bench.root / MODEL).write_text(GOOD.replace("amount from", "amount + 1 as amount from") + "where order_id < 3\n")
    step = next_(bench, start(bench, select="stg_orders"))
    effect = step.node(ORDERS).effect
    assert effect is not None and effect.from_snapshot == earlier
    assert effect.rows.added + effect.rows.removed + effect.rows.changed > 0
    diff = bench.client.diff("staging.stg_orders", effect.from_snapshot, effect.to_snapshot)
    assert diff.rows == effect.rows


def test_a_stop_outlives_the_engine_and_goes_on_in_the_same_run(tmp_path: Path) -> None:
    with opened(shop(tmp_path)) as bench:
        step = next_(bench, start(bench, select="raw_orders stg_orders"))
        bench.client.stepping.set_breakpoint(Breakpoint(ORDERS))
    assert processes(tmp_path) == []
    with opened(tmp_path) as bench:
        again = bench.client.stepping.status()
        assert again == step
        assert bench.client.stepping.breakpoints() == (Breakpoint(ORDERS),)
        assert bench.client.run(step.run_id).status is RunStatus.STOPPED
        step = proceed(bench, again)
        assert (step.state, step.run_id) == (StepState.SUCCESS, again.run_id)
        assert bench.client.run(step.run_id).status is RunStatus.SUCCESS


def test_an_engine_killed_in_the_middle_of_a_node_leaves_a_step_that_stands_before_it(tmp_path: Path) -> None:
    with opened(shop(tmp_path, without=("floe-bench.toml", "shop_assets.py"))) as bench:
        assert bench.run(select="slow").status is RunStatus.SUCCESS
        earlier = head(bench, "shop.slow")
        step = start(bench, select="slow", variables=SLOW)
        bench.client.stepping.next(step.step_id)
        bench.node_running(step.run_id, "slow")
        pid = worker(bench, step.run_id)
        os.kill(bench.client.engine_pid, signal.SIGKILL)
        unopened = being_opened(bench, by=pid)
        with opened(tmp_path) as again:
            assert eventually(lambda: again.client.run(unopened).status is RunStatus.FAILED)
            assert eventually(lambda: pid not in {each.pid for each in processes(tmp_path)})
            found = again.client.stepping.status()
            assert found.stop is not None
            assert (found.state, found.stop.kind, found.next) == (StepState.STOPPED, StopKind.INTERRUPTED, "shop/slow")
            assert again.client.run(step.run_id).status is RunStatus.STOPPED
            assert head(again, "shop.slow") == earlier
            assert again.client.stepping.abort().state is StepState.ABORTED
            assert again.client.run(step.run_id).status is RunStatus.CANCELLED
    assert processes(tmp_path) == []


def test_abort_cancels_the_node_at_work_and_leaves_its_table_as_it_was(bench: Workbench) -> None:
    assert bench.run(select="slow").status is RunStatus.SUCCESS
    earlier = head(bench, "shop.slow")
    step = start(bench, select="slow", variables=SLOW)
    bench.client.stepping.next(step.step_id)
    bench.node_running(step.run_id, "slow")
    at_work = psutil.Process(worker(bench, step.run_id))
    ran = {at_work.pid, *(each.pid for each in at_work.children(recursive=True))}
    with pytest.raises(StepRefused):
        bench.client.stepping.next(step.step_id)
    assert bench.client.stepping.abort(step.step_id).state is StepState.ABORTED
    assert bench.over(step.run_id).status is RunStatus.CANCELLED
    assert eventually(lambda: not ran & pids(bench))
    assert head(bench, "shop.slow") == earlier
    with pytest.raises(StepRefused):
        bench.client.stepping.next(step.step_id)


def test_cancelling_the_run_of_a_step_aborts_the_step(bench: Workbench) -> None:
    step = start(bench, select="stg_orders")
    bench.client.cancel(step.run_id)
    assert bench.client.stepping.status(step.step_id).state is StepState.ABORTED
    assert bench.client.run(step.run_id).status is RunStatus.CANCELLED


def test_a_worker_that_is_killed_fails_its_node_with_a_reason_and_a_retry_makes_it(bench: Workbench) -> None:
    step = start(bench, select="slow", variables=SLOW)
    bench.client.stepping.next(step.step_id)
    bench.node_running(step.run_id, "slow")
    os.kill(worker(bench, step.run_id), signal.SIGKILL)
    step = after(bench, step)
    assert step.stop is not None and step.stop.kind is StopKind.FAILED
    assert (step.node("shop/slow").place, "SIGKILL" in step.stop.words) == (Place.FAILED, True)
    assert bench.client.run(step.run_id).status is RunStatus.STOPPED


def test_an_unconditional_breakpoint_stops_before_its_asset_and_a_condition_after_it(bench: Workbench) -> None:
    stepping = bench.client.stepping
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    stepping.set_breakpoint(Breakpoint(ORDERS))
    stepping.set_breakpoint(Breakpoint(TOTALS, Condition.ROWS, 0))
    step = proceed(bench, start(bench, select="+customer_totals"))
    assert step.stop is not None
    assert (step.stop.kind, step.stop.asset, step.stop.before) == (StopKind.BREAKPOINT, ORDERS, True)
    assert step.next == ORDERS
    (bench.root / MODEL).write_text(GOOD.replace("amount from", "amount + 1 as amount from"))
    step = proceed(bench, step)
    assert step.stop is not None
    assert (step.stop.kind, step.stop.asset, step.stop.before) == (StopKind.BREAKPOINT, TOTALS, False)
    assert "rows changed > 0" in step.stop.words
    with pytest.raises(NoSuchNode):
        stepping.set_breakpoint(Breakpoint("no/such"))


def test_a_node_that_fails_stops_it_what_reads_it_is_blocked_and_a_retry_after_an_edit_frees_it(
    bench: Workbench,
) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    (bench.root / MODEL).write_text("select no_such_column from {{ ref('raw_orders') }}\n")
    step = proceed(bench, start(bench, select="stg_orders customer_totals"))
    assert step.stop is not None and step.stop.kind is StopKind.FAILED
    assert places(step) == {ORDERS: Place.FAILED, TOTALS: Place.BLOCKED}
    assert "no_such_column" in step.node(ORDERS).message

    (bench.root / MODEL).write_text(GOOD)
    step = after(bench, bench.client.stepping.retry(step.step_id))

    assert places(step) == {ORDERS: Place.DONE, TOTALS: Place.WAITING}
    assert step.node(ORDERS).attempts == 2
    kinds = log(bench, step.run_id)
    assert ("STEP_FAILURE", "dbt__node__staging__stg_orders") in kinds
    assert ("STEP_RESTARTED", "dbt__node__staging__stg_orders") in kinds
    assert proceed(bench, step).state is StepState.SUCCESS
    run = bench.client.run(step.run_id)
    assert run.status is RunStatus.SUCCESS
    assert {node.name: node.attempt for node in run.nodes if not node.is_check}["stg_orders"] == 2


def test_a_failed_check_blocks_what_reads_the_asset_unless_it_is_left_so(bench: Workbench) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    (bench.root / MODEL).write_text(GOOD.replace("order_id,", "nullif(order_id, 2) as order_id,"))
    step = next_(bench, start(bench, select="stg_orders customer_totals"))
    assert step.stop is not None and step.stop.kind is StopKind.FAILED
    assert (step.node(ORDERS).checks_failed, step.node(TOTALS).place) == (1, Place.BLOCKED)

    step = bench.client.stepping.skip(step.step_id)

    assert (step.node(ORDERS).place, step.node(TOTALS).place) == (Place.SKIPPED, Place.WAITING)
    assert str(head(bench, "staging.stg_orders")) in step.node(ORDERS).message
    assert proceed(bench, step).state is StepState.SUCCESS


def test_a_skipped_node_is_not_made_and_says_what_its_readers_will_read(bench: Workbench) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    earlier = head(bench, "staging.stg_orders")
    step = bench.client.stepping.skip(start(bench, select="stg_orders customer_totals").step_id)
    assert f"customer_totals then reads snapshot {earlier}" in step.node(ORDERS).message
    assert (step.next, head(bench, "staging.stg_orders")) == (TOTALS, earlier)
    assert ("STEP_SKIPPED", "dbt__node__staging__stg_orders") in log(bench, step.run_id)
    assert proceed(bench, step).state is StepState.SUCCESS


def test_a_step_that_goes_pauses_at_the_next_node_boundary(bench: Workbench) -> None:
    step = start(bench)
    bench.client.stepping.proceed(step.step_id)
    bench.client.stepping.pause(step.step_id)
    step = after(bench, step)
    assert step.stop is not None and step.stop.kind is StopKind.PAUSED
    assert Place.RUNNING not in places(step).values() and step.next is not None
    with pytest.raises(StepRefused):
        bench.client.stepping.pause(step.step_id)


def test_before_a_node_runs_its_sql_is_compiled_from_the_file_and_its_inputs_are_named(bench: Workbench) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    step = next_(bench, start(bench, select="stg_orders customer_totals"))
    (bench.root / MODEL).write_text(GOOD + "-- edited\n")
    outlook = bench.client.stepping.outlook(step.step_id, TOTALS)
    inputs = {each.table: each for each in outlook.inputs}
    orders, customers = inputs["staging.stg_orders"], inputs["shop.raw_customers"]
    assert (orders.snapshot_id, orders.newer, customers.newer) == (head(bench, "staging.stg_orders"), True, False)
    assert "sum(o.amount)" in outlook.sql and outlook.sql == outlook.previous_sql
    edited = bench.client.stepping.outlook(step.step_id, ORDERS)
    assert "-- edited" in edited.sql and "-- edited" not in (edited.previous_sql or "")
    (bench.root / MODEL).write_text("select {{ nothing_here }} from\n {{ ref('nobody') }}\n")
    assert bench.client.stepping.outlook(step.step_id, ORDERS).error


def test_what_selects_nothing_and_what_nobody_started_are_refused(bench: Workbench) -> None:
    with pytest.raises(NothingSelected):
        start(bench, select="no_such_model")
    with pytest.raises(NoSuchStep):
        bench.client.stepping.status("ffffffff")


def test_an_ordinary_run_that_is_paused_ends_before_its_next_asset_and_its_rest_can_be_stepped(
    bench: Workbench, tmp_path: Path
) -> None:
    assert bench.run(select="+customer_totals").status is RunStatus.SUCCESS
    long, last, begun = bench.root / "models/long.sql", bench.root / "models/last.sql", tmp_path / "begun"
    # 80,000 squared: seconds, so that the pause comes while it is at work.
    count = "select count(*) as n from range({{ var('rows') }}) a, range({{ var('rows') }}) b\n"
    long.write_text(f"""{{{{ config(pre_hook="copy (select 1) to '{begun}'") }}}} {count}""")
    last.write_text("select n from {{ ref('long') }}\n")
    run_id = bench.submit(select="stg_orders customer_totals long last", variables="{rows: 80000}")
    bench.until(begun.exists, "the long one is behind the gate, not only told to run")
    step = bench.client.stepping.pause(run_id)

    run = bench.over(run_id)
    assert (run.status, run.step_id) == (RunStatus.CANCELLED, step.step_id)
    made = {node.asset for node in run.nodes if not node.is_check and node.status == "success"}
    assert "shop/long" in made and "shop/last" not in made
    every = {ORDERS, TOTALS, "shop/long", "shop/last"}
    assert {node.asset for node in step.nodes} == every - made
    assert (step.after_run_id, step.stop and step.stop.kind) == (run_id, StopKind.PAUSED)
    assert step.request.variables == "{rows: 80000}"
    assert proceed(bench, step).state is StepState.SUCCESS
    assert {node.asset for node in bench.client.run(step.run_id).nodes if not node.is_check} | made == every
    last.unlink()
    long.unlink()
