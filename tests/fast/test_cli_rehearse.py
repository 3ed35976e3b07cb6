"""``rehearse``: what it wrote, what publishing would change, and the question before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.errors import CommitConflict
from floe_bench.model.rehearsal import RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.model.snapshot import Diff, FileChange, RowChange, SchemaChange
from tests.builders import dbt_project
from tests.command_line import CommandLine

STAGED = Rehearsed("staging.stg_orders", "staging/stg_orders", 6476, 8841)
NEW = Rehearsed("audit.brand_new", "audit/brand_new", 11, 22, new=True)
TABLE = ["table", "asset", "base", "head", "behind", "new"]
REHEARSAL = ["rehearsal_id", "run_id", "at", "state", "branch", "tables", "note"]


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine()
    line.bench.rehearsing.writes = (STAGED, NEW)
    return line


@pytest.fixture
def begun(line: CommandLine) -> CommandLine:
    assert line("rehearse", "start", "--select", "stg_orders+").code == 0
    return line


def test_start_follows_the_run_and_says_what_it_wrote(line: CommandLine) -> None:
    outcome = line("rehearse", "start", "--select", "stg_orders")
    assert outcome.code == 0
    assert "stg_orders" in outcome.out and "ready" in outcome.out and "on branch rehearsal_ab120000" in outcome.out
    found = line("rehearse", "start", "--json").json_lines
    assert [each["event"] for each in found[:-1]][-1] == "run_finished"
    assert list(found[-1]) == REHEARSAL and [list(each) for each in found[-1]["tables"]] == [TABLE, TABLE]


def test_one_whose_run_failed_fails(begun: CommandLine) -> None:
    verbs = begun.bench.rehearsing
    start = verbs.start

    def failing(request: object) -> object:
        made = start(request)
        verbs.known[made.rehearsal_id] = made.now(RehearsalState.FAILED)
        return made

    verbs.start = failing
    assert begun("rehearse", "start").code == 1


def test_publish_and_discard_ask_and_cannot_ask_a_script(begun: CommandLine) -> None:
    for word in ("publish", "discard"):
        refused = begun("rehearse", word)
        assert refused.code == 2 and f"rehearse {word} --yes" in refused.err
    assert begun.bench.rehearsing.status().state is RehearsalState.READY
    done = begun("rehearse", "publish", "ab12", "--yes", "--json").json
    assert (done["state"], done["rehearsal_id"]) == ("published", "ab120000")
    run_id = done["run_id"][:8]
    begun.bench.rehearsing.known.clear()
    begun("rehearse", "start")
    assert f"undo --run {run_id[:1]}" in begun("rehearse", "publish", "--yes").err


def test_discard_says_that_it_is_gone(begun: CommandLine) -> None:
    outcome = begun("rehearse", "discard", "--yes")
    assert outcome.code == 0 and "discarded" in outcome.out
    (found,) = begun("rehearse", "list", "--json").json
    assert (found["state"], found["tables"]) == ("discarded", [])
    assert "stg_orders+" in begun("rehearse", "list").out


def test_what_somebody_else_wrote_is_named_and_a_publish_is_refused(begun: CommandLine) -> None:
    verbs = begun.bench.rehearsing
    verbs.known["ab120000"] = replace(verbs.known["ab120000"], tables=(replace(STAGED, behind=True),))
    assert "somebody wrote to it since" in begun("rehearse", "status").out
    verbs.fault = CommitConflict("somebody wrote to staging.stg_orders since the rehearsal began")
    refused = begun("rehearse", "publish", "--yes")
    assert refused.code == 1 and "since the rehearsal began" in refused.err


def test_diff_is_one_for_each_table(begun: CommandLine) -> None:
    rows = RowChange(added=2, removed=1)
    begun.bench.rehearsing.diffs = tuple(
        RehearsedDiff(each, Diff(each.table, each.base, each.head, SchemaChange(), rows, files=FileChange(1, 1)))
        for each in (STAGED, NEW)
    )
    found = begun("rehearse", "diff", "--json").json
    assert [list(each) for each in found] == [["table", "diff"]] * 2
    assert found[0]["diff"]["rows"]["added"] == 2 and list(found[0]["table"]) == TABLE
    told = begun("rehearse", "diff").out
    assert "staging.stg_orders" in told and "the rehearsal made this table" in told


def test_without_one_the_next_step_is_named(line: CommandLine) -> None:
    refused = line("rehearse", "diff")
    assert refused.code == 1 and "no such rehearsal" in refused.err
    assert "nothing was rehearsed yet" in line("rehearse", "list").out
