"""What we believe after each event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from floe_bench.events import (
    AssetsChanged,
    Booted,
    Event,
    Logged,
    NodeChanged,
    PhaseEnded,
    PhaseProgressed,
    PhaseStarted,
    ProblemFound,
    ProblemSolved,
    RunChanged,
    RunsListed,
    SnapshotsRead,
    TablesChanged,
)
from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table
from floe_bench.state import RUNS_KEPT, BenchState, active_runs, nodes_of, reduce, run_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(*events: Event, state: BenchState | None = None) -> BenchState:
    state = state or BenchState()
    for event in events:
        state = reduce(state, event)
    return state


def a_run(run_id: str = "r1", status: RunStatus = RunStatus.RUNNING, *, minute: int = 0) -> Run:
    return Run(run_id, status, queued_at=NOON + timedelta(minutes=minute))


def a_node(name: str = "orders", status: NodeStatus = NodeStatus.RUNNING) -> NodeRun:
    return NodeRun(f"model.shop.{name}", name, "model", status, f"marts/{name}")


def an_asset(name: str = "orders", status: AssetStatus = AssetStatus.FRESH) -> Asset:
    return Asset(f"marts/{name}", "table", "marts", f"marts.{name}", status)


def a_table(name: str = "marts.orders") -> Table:
    return Table(name, "marts", 1, 1, 1, 1, NOON)


def a_snapshot(snapshot_id: int = 1) -> Snapshot:
    return Snapshot(snapshot_id, None, NOON, "append")


def test_what_was_never_told_is_unknown_and_not_empty() -> None:
    state = BenchState()
    assert state.assets is None and state.runs is None and state.tables is None
    assert told(AssetsChanged(()), RunsListed(()), TablesChanged(())).assets == {}


def test_an_event_touches_only_its_own_slice() -> None:
    before = told(
        AssetsChanged((an_asset(),)),
        RunsListed((a_run(),)),
        TablesChanged((a_table(),)),
        SnapshotsRead("marts.orders", (a_snapshot(),)),
    )
    after = told(NodeChanged("r1", a_node()), state=before)
    assert after is not before
    assert after.assets is before.assets
    assert after.runs is before.runs
    assert after.tables is before.tables
    assert after.snapshots is before.snapshots
    assert before.nodes == {}, "the state before is not changed in place"


def test_log_lines_are_not_state() -> None:
    before = told(AssetsChanged((an_asset(),)))
    assert told(Logged((LogLine(NOON, "info", "dbt", "hello"),)), state=before) is before


def test_a_node_told_twice_changes_nothing() -> None:
    before = told(NodeChanged("r1", a_node()))
    assert told(NodeChanged("r1", a_node()), state=before) is before


def test_nodes_keep_their_start_order_when_they_end() -> None:
    first, second = a_node("first"), a_node("second")
    state = told(NodeChanged("r1", first), NodeChanged("r1", second))
    state = told(NodeChanged("r1", replace(first, status=NodeStatus.SUCCESS)), state=state)
    assert [(node.name, node.status) for node in nodes_of(state, "r1").values()] == [
        ("first", NodeStatus.SUCCESS),
        ("second", NodeStatus.RUNNING),
    ]


def test_a_run_change_without_nodes_keeps_the_nodes_that_came_one_by_one() -> None:
    state = told(RunChanged(a_run()), NodeChanged("r1", a_node()), RunChanged(a_run(status=RunStatus.SUCCESS)))
    assert [node.name for node in nodes_of(state, "r1").values()] == ["orders"]
    assert run_of(state, "r1") == a_run(status=RunStatus.SUCCESS)


def test_a_node_may_come_before_its_run() -> None:
    state = told(NodeChanged("r1", a_node()), RunChanged(a_run()))
    assert [node.name for node in nodes_of(state, "r1").values()] == ["orders"]


def test_runs_are_newest_first_in_whatever_order_they_come() -> None:
    state = told(
        RunChanged(a_run("old", minute=1)), RunChanged(a_run("new", minute=9)), RunChanged(a_run("mid", minute=5))
    )
    assert [run.run_id for run in state.runs or ()] == ["new", "mid", "old"]


def test_the_oldest_run_is_dropped_with_its_nodes() -> None:
    state = told(RunChanged(a_run("oldest", minute=-1)), NodeChanged("oldest", a_node()))
    state = told(*(RunChanged(a_run(f"r{index}", minute=index)) for index in range(RUNS_KEPT)), state=state)
    assert len(state.runs or ()) == RUNS_KEPT
    assert run_of(state, "oldest") is None
    assert "oldest" not in state.nodes


def test_listed_runs_bring_their_nodes() -> None:
    state = told(RunsListed((replace(a_run(), nodes=(a_node(),)),)))
    assert list(nodes_of(state, "r1")) == ["model.shop.orders"]
    assert state.runs is not None and state.runs[0].nodes == ()


def test_a_listing_without_nodes_does_not_forget_those_that_are_known() -> None:
    state = told(RunChanged(a_run()), NodeChanged("r1", a_node()), RunsListed((a_run(status=RunStatus.SUCCESS),)))
    assert list(nodes_of(state, "r1")) == ["model.shop.orders"]


def test_only_runs_that_are_not_over_are_active() -> None:
    statuses = {status.value: status for status in RunStatus}
    state = told(*(RunChanged(a_run(name, status)) for name, status in statuses.items()))
    assert {run.run_id for run in active_runs(state)} == {"queued", "running", "cancelling"}


def test_snapshots_of_a_table_that_is_gone_are_forgotten() -> None:
    state = told(
        TablesChanged((a_table("marts.orders"), a_table("marts.gone"))),
        SnapshotsRead("marts.orders", (a_snapshot(),)),
        SnapshotsRead("marts.gone", (a_snapshot(),)),
        TablesChanged((a_table("marts.orders"),)),
    )
    assert list(state.snapshots) == ["marts.orders"]


def test_a_phase_is_running_until_it_ended_and_keeps_its_title() -> None:
    state = told(PhaseStarted("catalog", "the catalog", NOON))
    assert [phase.over for phase in state.phases] == [False]
    state = told(PhaseProgressed("catalog", "2 of 3"), PhaseProgressed("nobody", "1 of 1"), state=state)
    assert [(phase.phase, phase.detail) for phase in state.phases][-1] == ("catalog", "2 of 3")
    state = told(PhaseEnded("catalog", 1.5, "port 1"), state=state)
    assert [(phase.title, phase.duration_s, phase.detail) for phase in state.phases] == [("the catalog", 1.5, "port 1")]


def test_a_phase_that_starts_again_is_not_over_and_not_listed_twice() -> None:
    state = told(PhaseStarted("a", "A", NOON), PhaseEnded("a", 1.0, error="no"), PhaseStarted("a", "A", NOON))
    assert [(phase.over, phase.error) for phase in state.phases] == [(False, "")]


def test_a_phase_after_the_boot_does_not_unboot_the_bench() -> None:
    state = told(Booted(True, 1.0), PhaseStarted("dbt", "dbt project", NOON))
    assert state.booted == Booted(True, 1.0)


def test_a_later_problem_about_the_same_thing_replaces_the_earlier_one() -> None:
    state = told(ProblemFound("catalog", "slow"), ProblemFound("dbt project", "no"), ProblemFound("catalog", "down"))
    assert [(each.about, each.message) for each in state.problems] == [("catalog", "down"), ("dbt project", "no")]


def test_a_solved_problem_is_gone_and_an_unknown_one_changes_nothing() -> None:
    before = told(ProblemFound("catalog", "slow"))
    assert told(ProblemSolved("catalog"), state=before).problems == ()
    assert told(ProblemSolved("other"), state=before) is before
