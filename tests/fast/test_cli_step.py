"""``step``: its JSON, its words and its exit codes, in front of stepping from plain data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.errors import StepRefused
from floe_bench.model.run import RunRequest
from floe_bench.model.snapshot import RowChange
from floe_bench.model.step import Effect, Input, Place, Step, StepCheck, StepNode, StepState, Stop, StopKind
from tests.builders import NOON, dbt_project
from tests.command_line import CommandLine

STEP, RUN = "51337552-0360-4c97-992c-1ecd40e0c07e", "5e8a72c0-9999-4aaa-8888-000000000009"
STAGED, TOTALS = "staging/stg_orders", "marts/customer_totals"
FIELDS = ["step_id", "run_id", "state", "at", "next", "stop", "diff"]
NODE = ["asset", "node_id", "kind", "place", "attempts", "rows", "duration_s", "checks", "checks_s",
        "checks_passed", "checks_failed", "checks_warned", "effect", "inputs", "message"]  # fmt: skip


def node(asset: str, **more: object) -> StepNode:
    name = asset.rpartition("/")[2]
    check = StepCheck(f"test.shop.not_null_{name}", f"not_null_{name}", asset, (asset,))
    found = StepNode(asset, f"model.shop.{name}", name, "table", asset.replace("/", "."), (), (check,))
    return replace(found, **more)  # type: ignore[arg-type]


def stop(kind: StopKind, asset: str, words: str, *, before: bool = False) -> Stop:
    return Stop(kind, asset, before=before, words=words)


BEGUN = Step(
    STEP, RUN, StepState.STOPPED, RunRequest("stg_orders+"), (node(STAGED), node(TOTALS)),
    stop(StopKind.START, STAGED, "before stg_orders", before=True), started_at=NOON,
)  # fmt: skip


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine()
    line("run")
    line.bench.change(STAGED, lambda rows: rows["raw/raw_orders"])
    line("run", "--select", "stg_orders")
    line.bench.stepping.known[STEP] = BEGUN
    return line


def ran(line: CommandLine) -> Step:
    """It stands after its first node, which wrote."""
    old, new = line("snapshots", "staging.stg_orders", "--json").json
    effect = Effect(old["snapshot_id"], new["snapshot_id"], RowChange(added=1))
    done = node(
        STAGED, place=Place.DONE, attempts=1, rows=6, duration_s=0.4, checks_passed=1, effect=effect,
        inputs=(Input("raw.raw_orders", 31, 30),),
    )  # fmt: skip
    return replace(BEGUN, nodes=(done, node(TOTALS)), stop=stop(StopKind.NEXT, STAGED, "after stg_orders"))


def test_start_stands_before_the_first_node(line: CommandLine) -> None:
    outcome = line("step", "start", "--select", "stg_orders+", "--json")
    assert outcome.code == 0 and list(outcome.json) == FIELDS
    found = outcome.json
    assert (found["step_id"], found["run_id"], found["state"]) == (STEP, RUN, "stopped")
    assert (found["at"], found["next"], found["diff"]) == (None, STAGED, None)
    assert list(found["stop"]) == ["kind", "asset", "before", "words"] and found["stop"]["kind"] == "start"
    assert line.bench.stepping.said == [("start", "stg_orders+")]
    told = line("step", "start").out
    assert "staging/stg_orders" in told and "next: stg_orders" in told


def test_next_says_what_the_node_did_to_its_table(line: CommandLine) -> None:
    line.bench.stepping.becomes["next"] = ran(line)
    found = line("step", "next", "--json").json
    assert (found["at"], found["next"]) == (STAGED, TOTALS)
    assert found["diff"]["rows"]["added"] == 1 and len(found["diff"]["samples"]) == 1
    told = line("step", "next").out
    assert "stg_orders" in told and "+1" in told and "next: customer_totals" in told


def test_status_has_every_node_with_its_effect_and_inputs(line: CommandLine) -> None:
    line.bench.stepping.known[STEP] = ran(line)
    found = line("step", "status", "--json").json
    assert list(found) == [*FIELDS, "nodes"] and [list(each) for each in found["nodes"]] == [NODE, NODE]
    first, second = found["nodes"]
    assert (first["place"], second["place"]) == ("done", "waiting")
    assert list(first["effect"]) == ["from", "to", "rows", "schema_changes"]
    assert first["inputs"] == [{"table": "raw.raw_orders", "snapshot_id": 31, "last_snapshot_id": 30}]
    assert second["effect"] is None and second["checks"] == ["test.shop.not_null_customer_totals"]


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        (StopKind.NEXT, StepState.STOPPED, 0),
        (StopKind.BREAKPOINT, StepState.STOPPED, 10),
        (StopKind.FAILED, StepState.STOPPED, 1),
        (StopKind.PAUSED, StepState.STOPPED, 0),
        (None, StepState.SUCCESS, 0),
        (None, StepState.FAILED, 1),
        (None, StepState.ABORTED, 130),
    ],
)
def test_the_exit_code_says_why_it_stands(
    line: CommandLine, kind: StopKind | None, state: StepState, code: int
) -> None:
    where = stop(kind, STAGED, f"{kind} at stg_orders") if kind else None
    line.bench.stepping.becomes["proceed"] = replace(BEGUN, state=state, stop=where)
    outcome = line("step", "continue", "--json")
    assert outcome.code == code and outcome.json["state"] == state.value


@pytest.mark.parametrize(
    ("word", "verb"), [("next", "next"), ("continue", "proceed"), ("retry", "retry"), ("skip", "skip")]
)
def test_each_word_is_its_verb_of_the_step_that_was_named(line: CommandLine, word: str, verb: str) -> None:
    assert line("step", word, STEP).code == 0
    assert line.bench.stepping.said == [(verb, STEP)]


def test_abort_is_no_failure_of_the_command(line: CommandLine) -> None:
    outcome = line("step", "abort", "--json")
    assert (outcome.code, outcome.json["state"]) == (0, "aborted")


def test_breakpoints_are_set_listed_and_cleared(line: CommandLine) -> None:
    found = line("step", "break", "stg_orders", "--rows", "100", "--check-failed", "--json").json
    assert found == [
        {"asset": STAGED, "condition": "rows", "threshold": 100.0},
        {"asset": STAGED, "condition": "checks", "threshold": 0.0},
    ]
    assert "rows changed > 100" in line("step", "break").out
    assert line("step", "break", "stg_orders", "--clear", "--json").json == []
    assert line("step", "break", "--rows", "1").code == 2
    assert line("step", "break", "nobody").code == 1


def test_what_is_refused_names_the_next_step(line: CommandLine) -> None:
    def refuse(step_id: str = "") -> Step:
        raise StepRefused("step 51337552 goes already", remedy="floe-bench step pause")

    line.bench.stepping.next = refuse
    refused = line("step", "next", "--json")
    assert refused.code == 1 and refused.json["error"]["kind"] == "StepRefused"
    assert "floe-bench step pause" in refused.err
    line.bench.stepping.known.clear()
    assert line("step", "status").code == 1
