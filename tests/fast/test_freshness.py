"""Whether an asset is what its code and its inputs would make now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from floe_bench.core.freshness import Evidence, with_status
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.materialization import Materialization
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.table import Table
from floe_bench.model.undo import HeadMove, TableHead, TakenBack
from tests.builders import NOON, after, asset, node, run, table

ORDERS = asset("staging/stg_orders", upstream=("raw/raw_orders",), checksum="code-1", checks_total=1)
RAW = asset("raw/raw_orders", kind="seed", checksum="file-1")


def record(key: str = "staging/stg_orders", **changes: Any) -> Materialization:
    known: dict[str, Any] = {"asset": key, "run_id": "r1", "at": NOON, "snapshot_id": 11, "checksum": "code-1"}
    return Materialization(**(known | changes))


def check(status: NodeStatus, name: str = "not_null", **changes: Any) -> NodeRun:
    return node(name, kind="test", node_id=f"test.shop.{name}", status=status, asset="staging/stg_orders", **changes)


def judged(
    *assets: Asset,
    records: Iterable[Materialization] = (),
    tables: Iterable[Table] = (),
    runs: Iterable[tuple[Run, Iterable[NodeRun]]] = (),
    undone: Iterable[TakenBack] = (),
) -> dict[str, Asset]:
    told = tuple(runs)
    evidence = Evidence(
        {each.asset: each for each in records},
        {each.table: each for each in tables},
        [each for each, _ in told],
        {each.run_id: {node.node_id: node for node in nodes} for each, nodes in told},
        {each.move.table: each for each in undone},
    )
    return {each.asset: each for each in with_status(assets, evidence)}


def orders(**evidence: Any) -> Asset:
    return judged(RAW, ORDERS, **evidence)["staging/stg_orders"]


MADE = {
    "records": [record(inputs={"raw.raw_orders": 7}), record("raw/raw_orders", snapshot_id=7, checksum="file-1")],
    "tables": [table("staging.stg_orders", snapshot_id=11), table("raw.raw_orders", snapshot_id=7)],
}


def test_what_was_never_made_is_never() -> None:
    found = orders()
    assert found.status is AssetStatus.NEVER
    assert (found.materialized_at, found.snapshot_id, found.last_run_id, found.why_stale) == (None, None, None, ())


def test_what_was_made_of_what_is_there_now_is_fresh_and_says_when_and_by_which_run() -> None:
    found = orders(**MADE)
    assert found.status is AssetStatus.FRESH
    assert (found.materialized_at, found.snapshot_id, found.last_run_id) == (NOON, 11, "r1")
    assert found.why_stale == ()


def test_a_newer_snapshot_of_an_input_makes_it_stale_and_both_snapshots_are_named() -> None:
    found = orders(**MADE | {"tables": [table(snapshot_id=11), table("raw.raw_orders", snapshot_id=8)]})
    assert found.status is AssetStatus.STALE
    assert found.why_stale == ("raw_orders has snapshot 8, it last read 7",)


def test_an_input_that_was_only_rewritten_makes_nothing_stale() -> None:
    compacted = table("raw.raw_orders", snapshot_id=8, same_as=(7,))
    assert orders(**MADE | {"tables": [table(snapshot_id=11), compacted]}).status is AssetStatus.FRESH


def test_without_a_recorded_input_the_time_of_its_last_write_decides() -> None:
    made = [record(inputs={})]
    later = table("raw.raw_orders", snapshot_id=8, updated_at=after(1))
    assert orders(records=made, tables=[table(snapshot_id=11), later]).why_stale == (
        "raw_orders was written after it, as snapshot 8",
    )
    earlier = table("raw.raw_orders", snapshot_id=8, updated_at=after(-1))
    assert orders(records=made, tables=[table(snapshot_id=11), earlier]).status is AssetStatus.FRESH


@pytest.mark.parametrize(
    ("key", "words"), [("staging/stg_orders", "its code changed"), ("raw/raw_orders", "its file changed")]
)
def test_changed_code_makes_it_stale(key: str, words: str) -> None:
    old = [record(checksum="older", inputs={"raw.raw_orders": 7}), record("raw/raw_orders", checksum="older")]
    found = judged(RAW, ORDERS, **MADE | {"records": old})[key]
    assert (found.status, found.why_stale) == (AssetStatus.STALE, (words,))


def test_every_reason_is_given() -> None:
    found = orders(
        records=[record(checksum="older", inputs={"raw.raw_orders": 7})],
        tables=[table(snapshot_id=11), table("raw.raw_orders", snapshot_id=8)],
    )
    assert len(found.why_stale) == 2


def test_a_node_that_failed_last_makes_it_failed_whatever_lies_in_the_table() -> None:
    found = orders(**MADE, runs=[(run("r2"), [node(status=NodeStatus.FAILED)]), (run("r1"), [node()])])
    assert found.status is AssetStatus.FAILED


def test_a_success_after_a_failure_is_not_failed() -> None:
    found = orders(**MADE, runs=[(run("r2"), [node()]), (run("r1"), [node(status=NodeStatus.FAILED)])])
    assert found.status is AssetStatus.FRESH


def test_a_failed_check_makes_it_failed_and_checks_are_counted() -> None:
    checks = [check(NodeStatus.FAILED), check(NodeStatus.SUCCESS, "unique"), check(NodeStatus.WARNED, "positive")]
    found = orders(**MADE, runs=[(run("r1"), [node(), *checks])])
    assert found.status is AssetStatus.FAILED
    assert (found.checks_passed, found.checks_failed, found.checks_warned, found.checks_total) == (1, 1, 1, 3)


def test_the_newest_outcome_of_each_check_counts() -> None:
    found = orders(
        **MADE, runs=[(run("r2"), [check(NodeStatus.SUCCESS)]), (run("r1"), [node(), check(NodeStatus.FAILED)])]
    )
    assert (found.status, found.checks_failed, found.checks_passed) == (AssetStatus.FRESH, 0, 1)


def test_a_skipped_node_says_nothing_about_its_asset() -> None:
    failed = node(status=NodeStatus.FAILED)
    found = orders(**MADE, runs=[(run("r2"), [node(status=NodeStatus.SKIPPED)]), (run("r1"), [failed])])
    assert found.status is AssetStatus.FAILED


def test_a_node_that_runs_makes_it_running_even_the_first_time() -> None:
    going = run("r2", status=RunStatus.RUNNING)
    assert orders(runs=[(going, [node(status=NodeStatus.RUNNING)])]).status is AssetStatus.RUNNING


def test_a_node_that_was_left_running_by_a_run_that_is_over_does_not_run() -> None:
    dead = run("r2", status=RunStatus.FAILED)
    assert orders(**MADE, runs=[(dead, [node(status=NodeStatus.RUNNING)])]).status is AssetStatus.FRESH


def test_a_source_is_external_and_has_the_tables_rows() -> None:
    source = asset("raw/events", kind="source", status=AssetStatus.EXTERNAL)
    found = judged(source, tables=[table("raw.events", rows=9, snapshot_id=5)])["raw/events"]
    assert (found.status, found.rows, found.snapshot_id) == (AssetStatus.EXTERNAL, 9, 5)


def test_the_current_snapshot_is_the_tables_and_not_the_one_that_was_recorded() -> None:
    found = orders(**MADE | {"tables": [table(snapshot_id=99), table("raw.raw_orders", snapshot_id=7)]})
    assert found.snapshot_id == 99


def test_order_is_kept() -> None:
    assert list(judged(ORDERS, RAW)) == ["staging/stg_orders", "raw/raw_orders"]


def test_a_table_that_was_dropped_outside_is_not_fresh() -> None:
    found = orders(records=[record(snapshot_id=11)], tables=[])
    assert (found.status, found.snapshot_id) == (AssetStatus.NEVER, None)


def test_an_asset_that_commits_nothing_is_fresh_all_the_same() -> None:
    notice = asset("python/notice", kind="python", checksum="code-1")
    found = judged(notice, records=[record("python/notice", snapshot_id=None)])["python/notice"]
    assert (found.status, found.materialized_at) == (AssetStatus.FRESH, NOON)


@pytest.mark.parametrize(
    ("name", "before", "now", "words"),
    [
        ("macro euros", "aa", "bb", "macro euros() changed"),
        ("ephemeral orders_base", "aa", "bb", "ephemeral orders_base changed"),
        ("variable late_after_days", "7", "9", "variable late_after_days is 9, it was made with 7"),
        ("variable late_after_days", "7", "", "variable late_after_days is not set, it was made with 7"),
        ("variable cities", "#12", "#34", "variable cities is something else, it was made with something else"),
        ("config unique_key", "a", "b", "config unique_key is b, it was made with a"),
        ("config unique_key", "a", "", "config unique_key is not set, it was made with a"),
        ("config contract", "#12", "#34", "config contract changed"),
    ],
)
def test_what_its_code_is_made_of_is_named_when_it_changed(name: str, before: str, now: str, words: str) -> None:
    made = [record(inputs={"raw.raw_orders": 7}, ingredients={name: before, "macro same": "cc"})]
    known = asset(
        "staging/stg_orders", upstream=("raw/raw_orders",), checksum="code-1",
        ingredients={name: now, "macro same": "cc", "macro new": "dd"},
    )  # fmt: skip
    found = judged(RAW, known, **MADE | {"records": made})["staging/stg_orders"]
    assert (found.status, found.why_stale) == (AssetStatus.STALE, (words,))


def test_configuration_that_came_or_went_is_named_where_the_run_kept_any() -> None:
    def reasons(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
        made = [record(inputs={"raw.raw_orders": 7}, ingredients=before)]
        known = asset("staging/stg_orders", upstream=("raw/raw_orders",), checksum="code-1", ingredients=now)
        return judged(RAW, known, **MADE | {"records": made})["staging/stg_orders"].why_stale

    table, key = {"config materialized": "table"}, {"config unique_key": "id"}
    assert reasons(table, table | key) == ("config unique_key is id, it was made with not set",)
    assert reasons(table | key, table) == ("config unique_key is not set, it was made with id",)
    assert reasons({"macro x": "a"}, table | key | {"macro x": "a"}) == ()


def test_what_was_not_recorded_is_no_reason() -> None:
    known = asset("staging/stg_orders", upstream=("raw/raw_orders",), checksum="code-1", ingredients={"macro x": "a"})
    assert judged(RAW, known, **MADE)["staging/stg_orders"].status is AssetStatus.FRESH


MART = asset("marts/mart", upstream=("staging/stg_orders",))
MADE_BELOW = MADE | {"records": [*MADE["records"], record("marts/mart", inputs={"staging.stg_orders": 11})]}
MADE_BELOW |= {"tables": [*MADE["tables"], table("marts.mart", snapshot_id=21)]}


def mart(**evidence: Any) -> Asset:
    return judged(RAW, ORDERS, MART, **MADE_BELOW, **evidence)["marts/mart"]


def test_a_run_that_did_not_get_to_it_is_a_reason_and_what_failed_above_is_named() -> None:
    skipped = node("mart", status=NodeStatus.SKIPPED, asset="marts/mart")
    found = mart(runs=[(run("r2xx-1"), [node(status=NodeStatus.FAILED), skipped])])
    assert (found.status, found.why_stale) == (
        AssetStatus.STALE,
        ("run r2xx did not get to it: stg_orders failed",),
    )
    by_check = mart(runs=[(run("r2xx-1"), [node(), check(NodeStatus.FAILED), skipped])])
    assert by_check.why_stale == ("run r2xx did not get to it: check not_null failed",)
    made_since = mart(runs=[(run("r3"), [node("mart", asset="marts/mart")]), (run("r2"), [skipped])])
    assert made_since.status is AssetStatus.FRESH


def test_an_upstream_that_failed_since_is_named_and_one_that_failed_before_is_not() -> None:
    failed = node(status=NodeStatus.FAILED, started_at=after(60))
    assert mart(runs=[(run("r2xx-1"), [failed])]).why_stale == ("stg_orders failed in run r2xx",)
    before = node(status=NodeStatus.FAILED, started_at=after(-60))
    assert mart(runs=[(run("r2xx-1"), [before])]).status is AssetStatus.FRESH


def test_a_check_that_was_skipped_leaves_the_outcome_before_it() -> None:
    found = orders(
        **MADE, runs=[(run("r2"), [check(NodeStatus.SKIPPED)]), (run("r1"), [node(), check(NodeStatus.SUCCESS)])]
    )
    assert (found.checks_passed, found.checks_total) == (1, 1)


def taken_back(to: int = 10, *, empty: bool = False, at: float = 60) -> TakenBack:
    """From snapshot 11, a minute after it was made."""
    heads = (TableHead("u", 11, 0, 0, 0), TableHead("u", to, 0, 0, 0, empty))
    return TakenBack("3f2a", after(at), HeadMove("staging.stg_orders", *heads))


BACK = {"tables": [table(snapshot_id=10), table("raw.raw_orders", snapshot_id=8)]}


def test_what_was_taken_back_says_where_to_and_not_what_the_run_that_is_gone_had_read() -> None:
    found = orders(**MADE | BACK, undone=[taken_back()])
    assert (found.status, found.why_stale) == (AssetStatus.STALE, ("taken back to snapshot 10",))
    assert found.inputs == {}


def test_what_was_taken_back_before_its_first_write_says_that_it_is_empty() -> None:
    found = orders(**MADE | BACK, undone=[taken_back(empty=True)])
    assert found.why_stale == ("taken back to before its first write: it is empty",)


def test_checks_of_the_rows_that_are_gone_do_not_make_it_failed() -> None:
    runs = [(run("r1"), [node(started_at=after(1)), check(NodeStatus.FAILED, started_at=after(2))])]
    found = orders(**MADE | BACK, runs=runs, undone=[taken_back()])
    assert (found.status, found.checks_failed) == (AssetStatus.STALE, 0)
    assert orders(**MADE, runs=runs).status is AssetStatus.FAILED


def test_what_failed_after_it_was_taken_back_is_failed() -> None:
    runs = [(run("r2"), [node(status=NodeStatus.FAILED, started_at=after(90))])]
    assert orders(**MADE | BACK, runs=runs, undone=[taken_back()]).status is AssetStatus.FAILED


def test_once_it_is_brought_forward_or_made_anew_nothing_is_said_of_the_undo() -> None:
    assert orders(**MADE, undone=[taken_back()]).status is AssetStatus.FRESH
    anew = MADE | {"tables": [table(snapshot_id=12), table("raw.raw_orders", snapshot_id=7)]}
    assert orders(**anew, undone=[taken_back()]).status is AssetStatus.FRESH


def test_an_input_without_any_snapshot_makes_its_reader_stale() -> None:
    found = orders(**MADE | {"tables": [table(snapshot_id=11), table("raw.raw_orders", snapshot_id=None)]})
    assert found.why_stale == ("raw_orders is empty: it was taken back; it last read 7",)
