"""Looking after tables while runs of three kinds go on, on the real engine: what they need stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from floe_bench.errors import RunActive
from floe_bench.model.rehearsal import RehearsalState
from floe_bench.model.run import RunRequest
from tests.contracts.workbench import SLOW, Workbench, opened, shop

RAW, STAGED = "shop.raw_orders", "staging.stg_orders"
HELD = "a run that goes on may read it"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("upkeep") / "shop")) as bench:
        assert bench.run(select="raw_orders stg_orders").status == "success"
        yield bench


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def head(bench: Workbench, table: str) -> int:
    return bench.client.snapshots(table)[-1].snapshot_id


def typed(bench: Workbench, sql: str) -> None:
    bench.client.querying.close(bench.client.querying.open(sql, write=True).query_id)


def test_what_a_stepped_run_may_read_stays_while_it_stands_and_may_go_when_it_is_over(bench: Workbench) -> None:
    client = bench.client
    step = client.stepping.start(RunRequest(select="stg_orders"))
    begun_at = head(bench, RAW)
    typed(bench, f"insert into {RAW} from {RAW} limit 1")
    typed(bench, f"delete from {RAW} where order_id = 1")
    plan = client.maintenance.plan_expire(RAW, older_than=tomorrow())
    assert begun_at not in plan.going and plan.held[begun_at] == HELD
    client.maintenance.compact(client.maintenance.plan_compact(RAW))
    client.maintenance.delete_orphans(client.maintenance.plan_orphans(RAW, tomorrow()))
    assert sorted(row[0] for row in client.rows(RAW, snapshot_id=begun_at).rows) == [1, 2, 3]
    client.stepping.proceed(step.step_id)
    assert client.stepping.wait(step.step_id).state.over
    assert client.run(step.run_id).status == "success"
    after = client.maintenance.plan_expire(RAW, older_than=tomorrow())
    assert begun_at in after.going
    client.maintenance.expire(after)
    assert begun_at not in {each.snapshot_id for each in client.snapshots(RAW)}


def test_what_a_rehearsal_wrote_on_its_branch_stays_and_can_be_published(bench: Workbench) -> None:
    client = bench.client
    found = client.rehearsing.start(RunRequest(select="stg_orders"))
    bench.over(found.run_id)
    plan = client.maintenance.plan_expire(STAGED, older_than=tomorrow())
    assert not {each.head for each in client.rehearsing.status(found.rehearsal_id).tables} & set(plan.going)
    if plan.going:
        client.maintenance.expire(plan)
    client.maintenance.delete_orphans(client.maintenance.plan_orphans(STAGED, tomorrow()))
    assert client.rehearsing.publish(found.rehearsal_id).state is RehearsalState.PUBLISHED
    assert client.rows(STAGED).rows


def test_orphans_are_not_looked_for_under_a_table_that_a_run_is_just_making(bench: Workbench) -> None:
    client = bench.client
    assert bench.run(select="slow").status == "success"
    plan = client.maintenance.plan_orphans("shop.slow", tomorrow())
    run_id = bench.submit(select="slow", variables=SLOW)
    try:
        bench.node_running(run_id, "slow")
        bench.until(lambda: bench.asset("shop/slow").status == "running", "the slow model is told to be running")
        with pytest.raises(RunActive):
            client.maintenance.delete_orphans(plan)
    finally:
        client.cancel(run_id)
        bench.over(run_id)
