"""A stepped run of the shop: six nodes made, a breakpoint met at the seventh, a check that fails at the last."""

from __future__ import annotations

from dataclasses import replace

import shop
from scripted_client import ScriptedClient
from stage import playing

from floe_bench.events import BreakpointsChanged, NodeChanged, StepChanged
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.code import Code
from floe_bench.model.run import NodeRun, NodeStatus, RunRequest
from floe_bench.model.snapshot import Diff, FileChange, RowChange, Sample, SchemaChange
from floe_bench.model.step import (
    Breakpoint,
    Condition,
    Effect,
    Input,
    Outlook,
    Place,
    Step,
    StepCheck,
    StepNode,
    StepState,
    Stop,
    StopKind,
    Usual,
)

STEP = "51337552-0360-4c97-992c-1ecd40e0c07e"
RUN = "5e8a72c0-9999-4aaa-8888-000000000009"
ORDERS, SUPPORT, MART = (
    "intermediate/int_customer_orders",
    "intermediate/int_customer_support",
    "marts/mart_customer_360",
)
_MART_ID = "model.shop.mart_customer_360"
UNIQUE = "test.shop.unique_mart"
_BEFORE = """\
select customer_id,
       sum(amount)                     as total_spend,
       count(*) as orders
from "lake"."staging"."stg_transactions"
group by customer_id
"""
_AFTER = _BEFORE.replace("sum(amount)                    ", "sum(case when status <> 'refunded' then amount end)")
_SKIPPED = "skipped: int_customer_support then reads snapshot 6476 of staging.stg_support_tickets"
_TEST = "select customer_id as unique_field, count(*) as n_records\nfrom mart\ngroup by 1 having count(*) > 1\n"
_INPUTS = (
    Input("staging.stg_crm_customers", 4001, 4001),
    Input("staging.stg_transactions", 9120, 7001),
)
BREAKPOINTS = (Breakpoint(ORDERS, Condition.ROWS, 100), Breakpoint(MART, Condition.CHECKS))


def _effect(number: int, *, added: int = 0, changed: int = 0) -> Effect:
    return Effect(3300 + number, 3310 + number, RowChange(added=added, changed=changed, key=("customer_id",)))


def _node(key: str, *, place: Place = Place.WAITING, checks: int = 0, **more: object) -> StepNode:
    name = key.rpartition("/")[2]
    kind = "seed" if key.startswith("raw/") else "table"
    node_id = f"{'seed' if kind == 'seed' else 'model'}.shop.{name}"
    tests = tuple(
        StepCheck(
            f"test.shop.not_null_{name}_{n}",
            f"not_null_{name}_{n}",
            key,
            (key,),
            None if place is Place.WAITING else 0.04 + n / 9,
        )
        for n in range(checks)
    )
    upstream = next(each.upstream for each in shop.assets() if each.asset == key)
    node = StepNode(key, node_id, name, kind, key.replace("/", "."), upstream, tests, place)
    if place is not Place.WAITING:
        node = replace(node, attempts=1, rows=500, duration_s=0.3, checks_passed=checks)
    return replace(node, **more)  # type: ignore[arg-type]


def step() -> Step:
    """It stands after the seventh: a breakpoint was met."""
    done = Place.DONE
    nodes = (
        _node("raw/raw_customers", place=done, effect=_effect(1)),
        _node("raw/raw_transactions", place=done, effect=_effect(2, added=211)),
        _node("raw/raw_support_tickets", place=done, effect=_effect(3, changed=12)),
        _node("staging/stg_crm_customers", place=done, effect=_effect(4), checks=2),
        _node("staging/stg_transactions", place=done, effect=_effect(5, added=211), checks=3),
        _node("staging/stg_support_tickets", place=Place.SKIPPED, message=_SKIPPED),
        _node(ORDERS, place=done, effect=_effect(78, changed=188), checks=4, duration_s=0.4, inputs=_INPUTS),
        _node(SUPPORT, checks=2),
        _node(MART, checks=3),
    )  # fmt: skip
    stop = Stop(StopKind.BREAKPOINT, ORDERS, before=False, words="int_customer_orders: rows changed > 100")
    return Step(STEP, RUN, StepState.STOPPED, RunRequest(), nodes, stop, started_at=shop.ago(60))


def failed() -> Step:
    """It stands after the last, which a check failed."""
    mart = replace(
        _node(MART, place=Place.FAILED, effect=_effect(90, added=1), checks=2),
        checks=(StepCheck(UNIQUE, "unique_mart_customer_360_customer_id", MART, (MART,), 0.31),),
        checks_passed=0,
        checks_failed=1,
        message="1 of its checks failed",
    )
    nodes = (*step().nodes[:7], _node(SUPPORT, place=Place.DONE, effect=_effect(80)), mart)
    stop = Stop(StopKind.FAILED, MART, before=False, words="mart_customer_360: 1 of its checks failed")
    return replace(step(), nodes=nodes, stop=stop)


def at_work() -> Step:
    """It is at the eighth."""
    nodes = (
        *step().nodes[:7],
        _node(SUPPORT, place=Place.RUNNING, effect=None, rows=None, duration_s=None, checks_passed=0),
        step().nodes[8],
    )
    return replace(step(), state=StepState.RUNNING, nodes=nodes, stop=None)


def over() -> Step:
    """Every node is done."""
    last = (
        _node(SUPPORT, place=Place.DONE, effect=_effect(80)),
        _node(MART, place=Place.DONE, effect=_effect(90, added=1), checks=3),
    )
    return replace(step(), state=StepState.SUCCESS, nodes=(*step().nodes[:7], *last), stop=None)


def diff() -> Diff:
    def pair(key: str, before: str, after: str) -> Sample:
        return Sample(
            "changed", {"customer_id": key, "total_spend": after}, {"customer_id": key, "total_spend": before}
        )

    return Diff(
        ORDERS.replace("/", "."),
        3378,
        3388,
        SchemaChange(),
        RowChange(changed=188, key=("customer_id",)),
        (
            pair("C-0007", "3120.50", "2990.50"),
            pair("C-0011", "845.00", "715.00"),
            pair("C-0019", "1402.10", "1200.10"),
        ),
        FileChange(1, 1, 2, 41_300, 40_900, 120_400, 120_800),
    )


def outlooks() -> dict[str, Outlook]:
    inputs = (
        Input("staging.stg_crm_customers", 9_000_000_000_000_000_011, 9_000_000_000_000_000_011),
        Input("staging.stg_support_tickets", 9_000_000_000_000_009_120, 9_000_000_000_000_007_001),
    )
    sql = 'select customer_id, count(*) as tickets\nfrom "lake"."staging"."stg_support_tickets"\ngroup by customer_id\n'
    return {SUPPORT: Outlook(SUPPORT, sql, sql, shop.RUN_91BC, sql, "models/int.sql", inputs, Usual(500, 0.9))}


def stepped(found: Step | None = None) -> ScriptedClient:
    """A client that knows the stepped run, and all that can be looked at in it."""
    found = found or step()
    client = playing()
    node_id = f"model.shop.{ORDERS.rpartition('/')[2]}"
    client.codes = {
        node_id: Code(node_id, "model", "", "models/int.sql", RUN, _AFTER, "/x/int.sql", _BEFORE, shop.RUN_91BC),
        _MART_ID: Code(_MART_ID, "model", "", "m.sql", RUN, _BEFORE, "/x", _BEFORE, shop.RUN_91BC),
        UNIQUE: Code(UNIQUE, "test", "", "m.yml", RUN, _TEST),
    }  # fmt: skip
    client.diffs = {3388: diff(), 3400: replace(diff(), rows=RowChange(added=1, key=("customer_id",)), samples=())}
    client.failing_now = {UNIQUE: QueryAnswer(("unique_field", "n_records"), ("VARCHAR", "BIGINT"), (("C-0007", 2),))}
    client.stepping.outlooks = outlooks()
    client.stepping.known[STEP] = found
    client.stepping.stops = BREAKPOINTS
    check = shop.check("unique_mart_customer_360_customer_id", 1, key=MART, status=NodeStatus.FAILED)
    client.replay = [
        *client.replay,
        StepChanged(found),
        BreakpointsChanged(BREAKPOINTS),
        *(
            NodeChanged(RUN, NodeRun(each.node_id, each.name, "test", NodeStatus.SUCCESS, ORDERS))
            for each in found.node(ORDERS).checks
        ),
        *(
            [NodeChanged(RUN, replace(check, node_id=UNIQUE))]
            if found.stop and found.stop.kind is StopKind.FAILED
            else []
        ),
    ]
    return client
