"""``bisect``: what is found, what is not known, and the exit code as the verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.model.bisection import Bisection, Culprit, Evaluation, Outcome, Trail, Verdict
from floe_bench.model.step import Input
from tests.builders import after, dbt_project, snapshot
from tests.command_line import CommandLine

RUN, BEFORE = "7f3a0000-0000-4000-8000-000000000002", "91bc0000-0000-4000-8000-000000000001"
STAGED = "staging.stg_orders"
MADE = snapshot(
    8841,
    parent_id=6476,
    run_id=RUN,
    asset="staging/stg_orders",
    node_id="model.shop.stg_orders",
    committed_at=after(60),
)
CULPRIT = Culprit(
    STAGED, MADE, 6476, "select a\nfrom t\n", "select b\nfrom t\n", BEFORE, (Input("raw.raw_orders", 31, 30),)
)
LOOKED = (
    Evaluation(1, after(0), Verdict.PASSED, 0),
    Evaluation(4, after(30), Verdict.PASSED, 0),
    Evaluation(5, after(60), Verdict.FAILED, 3),
    Evaluation(9, after(90), Verdict.FAILED, 3),
)
FOUND = Bisection(
    check="test.shop.unique_orders.1",
    name="unique_orders",
    outcome=Outcome.FOUND,
    trails=(Trail(STAGED, 9),),
    moments=9,
    evaluations=LOOKED,
    first=5,
    culprits=(CULPRIT,),
    turns=(5,),
)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine()
    line.bench.checks.known = {"unique_orders": FOUND}
    return line


def test_json_names_the_snapshot_its_run_and_its_sql_change(line: CommandLine) -> None:
    outcome = line("bisect", "unique_orders", "--json")
    found = outcome.json
    assert outcome.code == 1, "it fails now"
    assert list(found) == [
        "check",
        "outcome",
        "inputs",
        "moments",
        "evaluations",
        "first",
        "culprits",
        "turns",
        "whole",
    ]
    assert (found["outcome"], found["first"], found["moments"], found["whole"]) == ("found", 5, 9, False)
    assert found["inputs"] == [{"table": STAGED, "snapshots": 9, "expired": False}]
    assert list(found["evaluations"][0]) == ["place", "at", "verdict", "failures", "message"]
    (culprit,) = found["culprits"]
    assert list(culprit) == ["table", "snapshot", "before", "sql_change", "sql_known", "reads"]
    assert (culprit["snapshot"]["snapshot_id"], culprit["snapshot"]["run_id"], culprit["before"]) == (8841, RUN, 6476)
    assert "-select b" in culprit["sql_change"] and "+select a" in culprit["sql_change"]
    assert culprit["reads"] == [{"table": "raw.raw_orders", "snapshot_id": 31, "last_snapshot_id": 30}]


def test_words_say_what_was_looked_at_and_what_was_not(line: CommandLine) -> None:
    told = line("bisect", "unique_orders").out
    assert f"fails since a write to {STAGED}" in told and "4 of 9 moments evaluated" in told
    assert "staging/stg_orders in run 7f3a0000" in told and "+select a" in told
    assert "raw.raw_orders  30 → 31" in told
    assert "5 moments not looked at" in told and "--every" in told
    assert f"floe-bench diff {STAGED} 6476 8841" in told


def test_what_somebody_else_wrote_has_no_run_and_no_sql(line: CommandLine) -> None:
    theirs = replace(MADE, run_id=None, asset=None, node_id=None, written_by="spark 3.5.1")
    line.bench.checks.known["unique_orders"] = replace(FOUND, culprits=(Culprit(STAGED, theirs, 6476),))
    told = line("bisect", "unique_orders").out
    assert "spark 3.5.1, not by a run of this project" in told and "sql" not in told
    (culprit,) = line("bisect", "unique_orders", "--json").json["culprits"]
    assert (culprit["sql_change"], culprit["sql_known"]) == ("", False)


def test_what_a_statement_of_ones_own_wrote_is_not_somebody_elses(line: CommandLine) -> None:
    own = replace(MADE, run_id=None, asset=None, node_id=None, typed=True)
    line.bench.checks.known["unique_orders"] = replace(FOUND, culprits=(Culprit(STAGED, own, 6476),))
    told = line("bisect", "unique_orders").out
    assert "by  typed SQL, a statement of your own" in told
    assert "somebody else" not in told and "not by a run" not in told


def test_a_check_that_does_not_fail_exits_with_success(line: CommandLine) -> None:
    passes = replace(FOUND, outcome=Outcome.PASSES, evaluations=LOOKED[:1], first=None, culprits=(), turns=())
    line.bench.checks.known["unique_orders"] = passes
    outcome = line("bisect", "unique_orders")
    assert outcome.code == 0 and "does not fail now" in outcome.out
    assert "whether it failed before was not looked at" in outcome.out


def test_one_that_failed_always_says_that_older_snapshots_are_gone(line: CommandLine) -> None:
    always = replace(
        FOUND, outcome=Outcome.ALWAYS, first=1, culprits=(), turns=(), trails=(Trail(STAGED, 9, expired=True),)
    )
    line.bench.checks.known["unique_orders"] = always
    outcome = line("bisect", "unique_orders")
    assert outcome.code == 1 and "already at the oldest moment" in outcome.out
    assert f"older snapshots were expired: {STAGED}" in outcome.out


def test_one_that_could_not_be_evaluated_before_says_so(line: CommandLine) -> None:
    unknown = Evaluation(4, after(30), Verdict.UNKNOWN, message="no column a\nLINE 1")
    line.bench.checks.known["unique_orders"] = replace(FOUND, evaluations=(unknown, *LOOKED[2:]))
    told = line("bisect", "unique_orders").out
    assert "no column a" in told and "may have been wrong already" in told


def test_every_is_handed_on_and_a_failure_that_came_and_went_is_told(line: CommandLine) -> None:
    line.bench.checks.known["unique_orders"] = replace(FOUND, whole=True, turns=(2, 3, 5))
    told = line("bisect", "unique_orders", "--every").out
    assert line.bench.checks.asked == [("unique_orders", True)]
    assert "came and went: the verdict turned 3 times" in told and "not looked at" not in told


def test_a_name_that_is_no_test_is_refused(line: CommandLine) -> None:
    refused = line("bisect", "nobody")
    assert refused.code == 1 and "there is no test 'nobody'" in refused.err
