"""The order of a stepped run, and what one node's fate means for the others."""

from __future__ import annotations

from dataclasses import replace

from floe_bench.core.stepping import order
from floe_bench.model.asset import Asset
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Place, Step, StepCheck, StepState
from floe_bench.ports.stepping import Outcome, Selected


def asset(key: str, *upstream: str, kind: str = "table") -> Asset:
    return Asset(
        asset=key, kind=kind, group="g", table=key.replace("/", "."), node_id=f"model.{key}", upstream=upstream
    )


RAW, STG, INT, MART, PY = "r/raw", "s/stg", "i/int", "m/mart", "p/plan"
ASSETS = (
    asset(STG, RAW),
    asset(RAW),
    asset(MART, INT, STG),
    asset(INT, STG, PY),
    asset(PY, STG, kind="python"),
    asset("x/source", kind="source"),
)


def step(*keys: str, checks: tuple[StepCheck, ...] = ()) -> Step:
    nodes = order.ordered(ASSETS, Selected(keys or tuple(each.asset for each in ASSETS), checks))
    return Step("s1", "r1", StepState.STOPPED, RunRequest(), nodes)


def keys(found: Step) -> list[str]:
    return [node.asset for node in found.nodes]


def places(found: Step) -> dict[str, str]:
    return {node.asset: node.place.value for node in found.nodes}


def test_every_asset_comes_after_all_it_reads_also_where_python_stands_between_models() -> None:
    assert keys(step()) == [RAW, STG, PY, INT, MART]


def test_only_what_was_selected_is_in_the_order_and_sources_never_are() -> None:
    assert keys(step(MART, RAW, "x/source")) == [MART, RAW] or keys(step(MART, RAW)) == [RAW, MART]
    assert "x/source" not in keys(step())


def test_a_chain_of_ten_thousand_is_ordered() -> None:
    chain = [asset("a/0"), *(asset(f"a/{n}", f"a/{n - 1}") for n in range(1, 10_000))]
    nodes = order.ordered(tuple(reversed(chain)), Selected(tuple(each.asset for each in chain), ()))
    assert [node.asset for node in nodes] == [f"a/{n}" for n in range(10_000)]


def test_a_test_runs_with_the_last_asset_that_it_reads_and_one_of_a_source_before_its_readers() -> None:
    between = StepCheck("test.rel", "rel", STG, reads=(INT, STG))
    source = StepCheck("test.src", "src", None, reads=("x/source",))
    assets = (*ASSETS[:3], asset(INT, STG, PY, "x/source"), *ASSETS[4:])
    nodes = order.ordered(assets, Selected(tuple(each.asset for each in assets), (between, source)))
    assert {node.asset: [check.name for check in node.checks] for node in nodes if node.checks} == {INT: ["rel", "src"]}


def test_what_reads_a_failed_asset_is_blocked_through_every_layer_and_says_by_what() -> None:
    found = order.ended(step(), STG, Outcome(error="no such column"))
    assert places(found) == {RAW: "waiting", STG: "failed", PY: "blocked", INT: "blocked", MART: "blocked"}
    assert found.node(MART).message == "not run: stg failed"
    assert found.next == RAW


def test_a_failed_check_blocks_as_dbt_does_and_a_warning_does_not() -> None:
    assert order.ended(step(), STG, Outcome(rows=1, checks_failed=1)).node(INT).place is Place.BLOCKED
    assert order.ended(step(), STG, Outcome(rows=1, checks_warned=1)).node(INT).place is Place.WAITING


def test_a_retry_that_goes_well_frees_what_was_blocked() -> None:
    failed = order.ended(step(), STG, Outcome(error="no"))
    mended = order.ended(failed, STG, Outcome(rows=3))
    assert (mended.node(STG).attempts, mended.node(MART).place, mended.node(MART).message) == (2, Place.WAITING, "")


def test_a_failed_asset_that_is_left_so_frees_its_readers_which_say_what_they_will_read() -> None:
    left = order.skipped(order.ended(step(), STG, Outcome(error="no")), STG, {"s.stg": 8841})
    assert (left.node(STG).place, left.node(INT).place) == (Place.SKIPPED, Place.WAITING)
    assert left.node(STG).message == "failed and left so: plan, int, mart then read snapshot 8841 of s.stg"


def test_a_skipped_asset_that_was_never_written_says_so() -> None:
    found = order.skipped(step(STG, MART), STG, {"s.stg": None})
    assert found.node(STG).message == "skipped: mart then reads s.stg, which was never written"
    assert order.skipped(step(MART), MART, {}).node(MART).message == "skipped: nothing in this run reads it"


def test_an_interrupted_asset_waits_as_before() -> None:
    running = order.began(step(), STG)
    assert (running.at, running.node(STG).place) == (STG, Place.RUNNING)
    back = order.given_back(running, STG, "interrupted")
    assert (back.node(STG).place, back.node(STG).attempts, back.at) == (Place.WAITING, 0, None)


def test_at_is_the_asset_that_ran_last_and_next_the_first_that_waits() -> None:
    found = order.ended(order.ended(step(), RAW, Outcome()), STG, Outcome())
    assert (found.at, found.next) == (STG, PY)
    assert replace(found, nodes=()).next is None
