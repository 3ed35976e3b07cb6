"""Runs, followed: the stream of JSON, the text, Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from floe_bench.cli.follower import Follower
from floe_bench.events import STORAGE, NodeChanged, ProblemFound, ProblemSolved, RunChanged, RunsListed
from floe_bench.model.run import NodeStatus, RunStatus
from tests import builders
from tests.builders import dbt_project
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


def _interrupt(times: int, *, when: Callable[[], bool]) -> Callable[[], None]:
    left = times

    def before_tick() -> None:
        nonlocal left
        if left and when():
            left -= 1
            raise KeyboardInterrupt

    return before_tick


def test_the_stream_tells_the_run_in_order_and_ends_with_run_finished(line: CommandLine) -> None:
    outcome = line("run", "--select", "+stg_orders", "--json")
    events = outcome.json_lines
    assert outcome.code == 0
    assert [each["event"] for each in events] == [
        "run_queued", "run_started", "node_started", "node_finished", "node_started", "node_finished",
        "node_started", "node_finished", "run_finished",
    ]  # fmt: skip
    assert events[0]["selection"] == "+stg_orders"
    assert len({each["run_id"] for each in events}) == 1


def _freeze(line: CommandLine) -> None:
    """The store stands still from the second tick to the third."""
    ticks = iter(range(99))
    since = line.bench.clock()

    def before_tick() -> None:
        tick = next(ticks)
        if tick == 1:
            line.bench._emit(ProblemFound(STORAGE, "waiting for storage since 14:02:11", at=since))
        if tick == 2:
            line.bench._emit(ProblemSolved(STORAGE))

    line.bench.before_tick = before_tick


def test_a_run_that_waits_for_storage_says_since_when_and_that_it_goes_on(line: CommandLine) -> None:
    _freeze(line)
    lines = line("run", "--json").json_lines
    events = [each["event"] for each in lines]
    assert events.index("run_started") < events.index("run_waiting") < events.index("run_resumed") < len(events) - 1
    assert lines[events.index("run_waiting")]["since"].endswith("Z")
    _freeze(line)
    said = line("run").err
    assert "waiting for storage since" in said and "Ctrl-C cancels the run" in said and "answers again" in said


def test_run_finished_has_exactly_its_fields(line: CommandLine) -> None:
    last = line("run", "--json").json_lines[-1]
    assert list(last) == ["event", "run_id", "status", "assets", "checks"]
    assert (last["event"], last["status"]) == ("run_finished", "success")
    assert [list(each) for each in last["assets"]] == [["asset", "table", "snapshot_id", "rows", "duration_s"]] * 4
    mart = last["assets"][-1]
    snapshot = line("snapshots", "marts.customer_totals", "--json").json[-1]
    assert mart == {
        "asset": "marts/customer_totals", "table": "marts.customer_totals", "snapshot_id": snapshot["snapshot_id"],
        "rows": 3, "duration_s": 0.5,
    }  # fmt: skip
    assert last["checks"] == {"passed": 2, "failed": 0, "warned": 0}


def test_a_failing_model_fails_the_run_and_skips_what_needs_it(line: CommandLine) -> None:
    line.bench.break_model("stg_orders", "Binder Error: no column 'amont'")
    outcome = line("run", "--json")
    ended = {each["name"]: each for each in outcome.json_lines if each["event"] == "node_finished"}
    assert outcome.code == 1
    assert ended["stg_orders"]["status"] == "failed" and "amont" in ended["stg_orders"]["message"]
    assert ended["customer_totals"]["status"] == "skipped"
    last = outcome.json_lines[-1]
    assert last["status"] == "failed"
    assert [each["asset"] for each in last["assets"]] == ["raw/raw_customers", "raw/raw_orders"]


def test_a_failing_check_is_told_with_its_message_and_its_rows(line: CommandLine) -> None:
    line.bench.change("staging/stg_orders", lambda _: [{"order_id": None, "customer_id": 1, "amount": 1.0}])
    outcome = line("run", "--select", "+stg_orders")
    assert outcome.code == 1
    assert "✗ not_null_stg_orders" in outcome.out and "1 failing" in outcome.out
    assert "got 1 results" in outcome.out
    assert "checks: 0 passed, 1 failed, 0 warned" in outcome.out


def test_text_has_a_line_a_model_with_rows_and_snapshot_and_none_for_passing_checks(line: CommandLine) -> None:
    out = line("run").out
    assert "✓ customer_totals" in out and "3 rows" in out
    assert str(line("tables", "--json").json[0]["snapshot_id"]) in out
    assert "not_null" not in out


def test_selecting_nothing_is_an_error_that_says_what_to_do(line: CommandLine) -> None:
    outcome = line("run", "--select", "nope", "--json")
    assert outcome.code == 1
    assert outcome.json["error"]["kind"] == "NothingSelected"
    assert outcome.json["error"]["remedy"] == "floe-bench assets"


def test_options_reach_the_run(line: CommandLine) -> None:
    line("run", "--exclude", "tag:nightly", "--full-refresh")
    run = line("runs", "--json").json[0]
    assert (run["exclude"], run["full_refresh"], run["launched_by"]) == ("tag:nightly", True, "cli")


def test_the_first_interrupt_cancels_the_run_and_follows_it_to_its_end(line: CommandLine) -> None:
    line.bench.before_tick = _interrupt(1, when=lambda: len(line.bench.tables()) == 1)
    outcome = line("run", "--json")
    events = [each["event"] for each in outcome.json_lines]
    assert outcome.code == 130
    assert "run_cancelling" in events
    assert outcome.json_lines[-1]["event"] == "run_finished"
    assert outcome.json_lines[-1]["status"] == "cancelled"
    assert events.count("run_started") == 1
    assert "Ctrl-C again" in outcome.err


def test_the_second_interrupt_leaves_without_waiting(line: CommandLine) -> None:
    line.bench.before_tick = _interrupt(2, when=lambda: True)
    outcome = line("run")
    assert outcome.code == 130
    assert "while it was being cancelled" in outcome.err
    assert "Traceback" not in outcome.err


def test_detach_prints_the_id_and_keeps_the_engine_for_the_run(line: CommandLine) -> None:
    outcome = line("run", "--detach")
    assert outcome.code == 0
    assert line.bench.kept and line.engine.running
    assert line.bench.run(outcome.out.strip()).status is RunStatus.QUEUED


def test_detach_in_json_is_one_run_queued(line: CommandLine) -> None:
    (event,) = line("run", "--detach", "--json").json_lines
    assert event["event"] == "run_queued"


def test_cancel_ends_a_run_by_the_start_of_its_id(line: CommandLine) -> None:
    run_id = line("run", "--detach").out.strip()
    assert line("cancel", run_id[:6], "--json").json == [{"run_id": run_id, "status": "cancelled"}]


def test_cancel_all_takes_only_what_is_not_over(line: CommandLine) -> None:
    line("up")
    line("run")
    run_id = line("run", "--detach").out.strip()
    assert [each["run_id"] for each in line("cancel", "--all", "--json").json] == [run_id]


def test_cancel_of_a_run_that_is_over_says_how_it_ended(line: CommandLine) -> None:
    line("up")
    line("run")
    run_id = line("runs", "--json").json[0]["run_id"]
    assert line("cancel", run_id, "--json").json == [{"run_id": run_id, "status": "success"}]


def test_cancel_starts_no_engine(line: CommandLine) -> None:
    outcome = line("cancel", "--all")
    assert (outcome.code, outcome.out) == (0, "nothing runs\n")
    assert line.engine.starts == 0


def test_cancel_wants_one_of_an_id_and_all(line: CommandLine) -> None:
    assert line("cancel").code == 2
    assert line("cancel", "7f3a", "--all").code == 2


# ── the follower on its own ───────────────────────────────────────────────────────────────────────────────────────────


def _told(follower: Follower, *events: object) -> list[str]:
    return [step.event for event in events for step in follower.feed(event)]  # type: ignore[arg-type]


def test_a_late_client_is_told_the_whole_run_once() -> None:
    node = builders.node()
    run = builders.run(nodes=(node,))
    follower = Follower(run.run_id)
    told = _told(follower, RunsListed((run,)), RunChanged(run), NodeChanged(run.run_id, node))
    assert told == ["run_queued", "run_started", "node_started", "node_finished"]
    assert follower.over


def test_a_node_that_overtakes_its_run_waits_for_it() -> None:
    run = builders.run(status=RunStatus.RUNNING)
    follower = Follower(run.run_id)
    assert _told(follower, NodeChanged(run.run_id, builders.node())) == []
    assert _told(follower, RunChanged(run)) == ["run_queued", "run_started", "node_started", "node_finished"]


def test_a_late_listing_does_not_reopen_a_run() -> None:
    run = builders.run()
    follower = Follower(run.run_id)
    _told(follower, RunChanged(run), RunsListed((builders.run(status=RunStatus.RUNNING),)))
    assert follower.over


def test_another_run_is_not_told() -> None:
    other = builders.run("0000")
    assert _told(Follower("7f3a"), RunChanged(other), NodeChanged("0000", builders.node())) == []


def test_a_run_cancelled_while_queued_never_started() -> None:
    run = builders.run(status=RunStatus.CANCELLED, started_at=None)
    skipped = builders.node(status=NodeStatus.SKIPPED)
    follower = Follower(run.run_id)
    assert _told(follower, RunChanged(run), NodeChanged(run.run_id, skipped)) == ["run_queued", "node_finished"]
