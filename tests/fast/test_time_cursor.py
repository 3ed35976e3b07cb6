"""The bench as of a moment: what was so then, exactly, and "not known" where nothing that is kept says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table
from floe_bench.state import BenchState
from floe_bench.tui.past.board import board_then, shown_over
from floe_bench.tui.past.moment import any_before, commits_since, meant, moments, moved

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
RAW, MART = "raw/orders", "marts/totals"


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def snapshot(snapshot_id: int, minute: float, run: str | None, asset: str | None, **more: object) -> Snapshot:
    made = Snapshot(
        snapshot_id,
        None,
        at(minute),
        "overwrite",
        run_id=run,
        asset=asset,
        live_records=snapshot_id,
        current_at=(at(minute),),
        code_hash="same",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def run(run_id: str, begin: float, end: float | None, **more: object) -> Run:
    status = RunStatus.RUNNING if end is None else RunStatus.SUCCESS
    ended_at = at(end) if end is not None else None
    return replace(Run(run_id, status, queued_at=at(begin), started_at=at(begin), ended_at=ended_at), **more)  # type: ignore[arg-type]


def node(asset: str, begin: float, took_min: float | None, *, status: NodeStatus = NodeStatus.SUCCESS) -> NodeRun:
    took = took_min * 60 if took_min is not None else None
    return NodeRun(f"model.{asset}", asset, "model", status, asset, at(begin), took)


def check(asset: str, begin: float, status: NodeStatus) -> NodeRun:
    return NodeRun(f"test.{asset}", asset, "test", status, asset, at(begin), 1)


RAW_1 = snapshot(11, 1, "r1", RAW)
RAW_2 = snapshot(12, 11, "r2", RAW, parent_id=11, refs=("main",))
MART_1 = snapshot(21, 2, "r1", MART, inputs={"raw.orders": 11})
MART_2 = snapshot(22, 21, "r3", MART, parent_id=21, refs=("main",), inputs={"raw.orders": 12})


def bench() -> BenchState:
    """r1 makes both, r2 the input anew, r3 the mart."""
    return BenchState(
        assets={
            RAW: Asset(RAW, "table", "raw", "raw.orders", AssetStatus.FRESH, "r2", 12, 12, at(11)),
            MART: Asset(MART, "table", "marts", "marts.totals", AssetStatus.FRESH, "r3", 22, 22, at(21), None, (RAW,)),
        },
        runs=(run("r3", 20, 22), run("r2", 10, 12), run("r1", 0, 3)),
        nodes={
            "r1": {"raw": node(RAW, 0.5, 0.5), "mart": node(MART, 1.5, 0.5), "t": check(MART, 2.5, NodeStatus.SUCCESS)},
            "r2": {"raw": node(RAW, 10.5, 0.5)},
            "r3": {"mart": node(MART, 20.5, 0.5), "t": check(MART, 21.5, NodeStatus.SUCCESS)},
        },
        tables={
            "raw.orders": Table("raw.orders", "raw", 12, 12, 1, 9, at(11)),
            "marts.totals": Table("marts.totals", "marts", 22, 22, 1, 9, at(21)),
        },
        snapshots={"raw.orders": (RAW_1, RAW_2), "marts.totals": (MART_1, MART_2)},
    )


def with_asset(state: BenchState, key: str, **changed: object) -> BenchState:
    assets = state.assets or {}
    return replace(state, assets={**assets, key: replace(assets[key], **changed)})  # type: ignore[arg-type]


def then(state: BenchState, minute: float, key: str = MART) -> Asset:
    found = board_then(state, at(minute)).assets
    assert found is not None
    return found[key]


@pytest.mark.parametrize(
    ("minute", "status", "rows"),
    [
        (0, AssetStatus.NEVER, None),
        (1.7, AssetStatus.RUNNING, None),
        (3, AssetStatus.FRESH, 21),
        (9.9, AssetStatus.FRESH, 21),
        (12, AssetStatus.STALE, 21),
        (20.7, AssetStatus.RUNNING, 21),
        (22, AssetStatus.FRESH, 22),
    ],
)
def test_status_and_rows_are_those_of_then(minute: float, status: AssetStatus, rows: int | None) -> None:
    asset = then(bench(), minute)
    assert (asset.status, asset.rows) == (status, rows)


def test_what_made_it_stale_is_said_as_it_was() -> None:
    assert then(bench(), 12).why_stale == ("orders had snapshot 12, it last read 11",)


def test_an_input_that_was_only_rewritten_makes_nothing_stale() -> None:
    rewritten = replace(RAW_2, operation="replace")
    state = replace(bench(), snapshots={**bench().snapshots, "raw.orders": (RAW_1, rewritten)})
    assert then(state, 12).status is AssetStatus.FRESH


def test_runs_and_nodes_are_those_that_had_begun_and_what_went_goes() -> None:
    board = board_then(bench(), at(20.7))
    assert [each.run_id for each in board.runs or ()] == ["r3", "r2", "r1"]
    assert board.runs is not None and board.runs[0].status is RunStatus.RUNNING and board.runs[0].ended_at is None
    assert {key: each.status for key, each in board.nodes["r3"].items()} == {f"model.{MART}": NodeStatus.RUNNING}
    assert [each.run_id for each in board_then(bench(), at(19)).runs or ()] == ["r2", "r1"]


def test_a_stepped_run_stood_between_two_nodes() -> None:
    state = replace(bench(), runs=(run("r3", 20, None, step_id="s1"), *(bench().runs or ())[1:]))
    assert (board_then(state, at(20.2)).runs or ())[0].status is RunStatus.STOPPED
    assert (board_then(state, at(20.7)).runs or ())[0].status is RunStatus.RUNNING


def test_later_snapshots_are_not_there_and_main_is_where_it_was() -> None:
    board = board_then(bench(), at(12))
    assert [(each.snapshot_id, each.refs) for each in board.snapshots["marts.totals"]] == [(21, ("main",))]
    assert (board.tables or {})["marts.totals"].snapshot_id == 21
    assert list(board_then(bench(), at(1)).tables or {}) == ["raw.orders"]


def test_what_came_later_is_kept_apart_and_has_no_ref() -> None:
    late = board_then(bench(), at(5)).later
    assert {table: [(each.snapshot_id, each.refs) for each in found] for table, found in late.items()} == {
        "raw.orders": [(12, ())], "marts.totals": [(22, ())],
    }  # fmt: skip
    assert list(board_then(bench(), at(12)).later) == ["marts.totals"]
    assert board_then(bench(), at(21)).later == {}, "what is committed at that moment is not later"


def test_now_has_nothing_later_and_what_happens_now_leaves_the_past_alone() -> None:
    now, past = bench(), board_then(bench(), at(5))
    assert now.later == {}
    over = shown_over(replace(now, runs=()), past)
    assert (over.later, over.runs, over.breakpoints) == (past.later, past.runs, now.breakpoints)


def test_it_is_known_whether_anything_is_earlier() -> None:
    assert not any_before(bench(), at(1)) and any_before(bench(), at(1.1))
    assert not any_before(BenchState(), at(9)) and any_before(BenchState(runs=(run("r0", -9, -5),)), at(-4))


def test_a_check_that_failed_then_failed_then() -> None:
    state = bench()
    nodes = {**state.nodes, "r1": {**state.nodes["r1"], "t": check(MART, 2.5, NodeStatus.FAILED)}}
    assert then(replace(state, nodes=nodes), 5).status is AssetStatus.FAILED
    assert then(replace(state, nodes=nodes), 22).status is AssetStatus.FRESH
    assert (then(replace(state, nodes=nodes), 5).checks_failed, then(state, 5).checks_passed) == (1, 1)


def test_a_table_that_was_taken_back_was_what_it_is_until_then() -> None:
    back = replace(MART_1, refs=("main",), current_at=(at(2), at(30)))
    state = replace(bench(), snapshots={**bench().snapshots, "marts.totals": (back, replace(MART_2, refs=()))})
    assert (then(state, 25).status, then(state, 25).rows) == (AssetStatus.FRESH, 22)
    after = then(state, 31)
    assert (after.status, after.rows, after.why_stale) == (AssetStatus.STALE, 21, ("taken back to snapshot 21",))


def test_nobody_knows_when_code_changed_between_two_materializations() -> None:
    changed = replace(MART_2, code_hash="another")
    state = replace(bench(), snapshots={**bench().snapshots, "marts.totals": (MART_1, changed)})
    asset = then(state, 5)
    assert (asset.status, asset.why_stale) == (AssetStatus.UNKNOWN, ("its code changed later, and nothing says when",))
    assert then(state, 12).status is AssetStatus.STALE  # its input alone says so
    assert then(state, 22).status is AssetStatus.FRESH


def test_nobody_knows_when_code_changed_that_was_not_run_yet() -> None:
    state = with_asset(bench(), MART, status=AssetStatus.STALE, code_changed=True)
    assert then(state, 22).status is AssetStatus.UNKNOWN
    assert then(with_asset(bench(), MART, status=AssetStatus.STALE), 22).status is AssetStatus.FRESH


def test_a_seed_is_fresh_where_the_next_load_brought_the_same_rows() -> None:
    state = with_asset(bench(), RAW, kind="seed")
    assert then(state, 5, RAW).status is AssetStatus.UNKNOWN
    again = replace(state, snapshots={**state.snapshots, "raw.orders": (RAW_1, replace(RAW_2, unchanged=True))})
    assert then(again, 5, RAW).status is AssetStatus.FRESH


def test_what_expired_is_not_known() -> None:
    kept = (replace(MART_2, parent_id=21),)
    asset = then(replace(bench(), snapshots={**bench().snapshots, "marts.totals": kept}), 12)
    assert (asset.status, asset.rows, asset.snapshot_id) == (AssetStatus.UNKNOWN, None, None)
    assert asset.why_stale == ("the snapshots of then have expired",)


def test_an_input_whose_history_expired_leaves_it_open() -> None:
    state = replace(bench(), snapshots={**bench().snapshots, "raw.orders": (RAW_2,)})
    asset = then(state, 5)
    assert (asset.status, asset.why_stale) == (AssetStatus.UNKNOWN, ("what orders had then is not known",))


def test_a_source_that_is_no_table_says_nothing_about_its_readers() -> None:
    state = bench()
    assets = {**(state.assets or {}), "raw/file": Asset("raw/file", "source", "raw", "raw.file", AssetStatus.EXTERNAL)}
    read = with_asset(replace(state, assets=assets), MART, upstream=(RAW, "raw/file"))
    assert then(read, 5).status is AssetStatus.FRESH


def test_a_run_that_is_not_listed_any_more_may_have_been_followed_by_one_that_failed() -> None:
    asset = then(replace(bench(), runs=(bench().runs or ())[:1]), 12)
    assert asset.status is AssetStatus.STALE  # that much is sure
    asset = then(replace(bench(), runs=(bench().runs or ())[:1]), 5)
    assert (asset.status, "not listed any more" in asset.why_stale[0]) == (AssetStatus.UNKNOWN, True)


def test_before_every_run_that_is_listed_nobody_knows_whether_one_had_failed() -> None:
    assert then(bench(), -1).status is AssetStatus.UNKNOWN
    assert then(bench(), 0.1).status is AssetStatus.NEVER


def test_a_history_that_could_not_be_read_is_not_guessed() -> None:
    state = replace(bench(), snapshots={"raw.orders": (RAW_1, RAW_2)})
    assert then(state, 12).why_stale == ("the history of its table is not known",)


def test_rows_that_would_have_to_be_counted_are_not_told() -> None:
    deleted = replace(MART_1, live_records=None)
    state = replace(bench(), snapshots={**bench().snapshots, "marts.totals": (deleted, MART_2)})
    assert then(state, 5).rows is None
    assert then(state, 22).rows == 22


def test_moments_are_commits_and_ends_of_runs_in_order() -> None:
    assert moments(bench()) == tuple(at(minute) for minute in (1, 2, 3, 11, 12, 21, 22))


def test_the_cursor_goes_from_now_to_the_oldest_moment_and_back_to_now() -> None:
    state, seen, where = bench(), list[datetime | None](), None
    for by in (-1,) * 7 + (1,) * 6:
        where = moved(state, where, by)
        seen.append(where)
    back = [at(minute) for minute in (21, 12, 11, 3, 2, 1, 1)]
    assert seen == [*back, *(at(minute) for minute in (2, 3, 11, 12, 21)), None]


def test_from_a_time_that_was_typed_the_next_moments_are_beside_it() -> None:
    assert moved(bench(), at(5), -1) == at(3)
    assert moved(bench(), at(5), 1) == at(11)
    assert moved(bench(), at(99), -1) == at(22)
    assert commits_since(bench(), at(5)) == 2


@pytest.mark.parametrize(
    ("typed", "is_meant"),
    [("2026-01-31 09:05", at(5)), ("2026-01-31T10:05+01:00", at(5)), ("22", at(21)), ("1", None), ("main", None)],
)
def test_a_time_or_a_snapshot_can_be_typed(typed: str, is_meant: datetime | None) -> None:
    assert meant(bench(), typed, zone=UTC) == is_meant
