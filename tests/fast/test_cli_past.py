"""The catalog as it was, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"
ROW = {"customer_id": 9, "orders": 1, "total": 1.0}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    return built


def listed(line: CommandLine, *args: str) -> dict[str, tuple[int, int]]:
    return {each["table"]: (each["snapshot_id"], each["rows"]) for each in line("tables", "--json", *args).json}


def test_tables_are_listed_as_they_were(line: CommandLine) -> None:
    before = listed(line)
    line.bench.write_from_outside(MART, [ROW])
    now = listed(line)
    assert (before[MART][1], now[MART][1]) == (3, 1)
    assert listed(line, "--at", str(before[MART][0])) == before
    assert listed(line, "--at", str(now[MART][0])) == now


def test_what_was_undone_was_there_until_then(line: CommandLine) -> None:
    line.bench.write_from_outside(MART, [ROW])
    written, at = listed(line)[MART], line.bench.clock.pass_(60).isoformat()
    line.bench.clock.pass_(60)
    first = line("snapshots", MART, "--json").json[0]["snapshot_id"]
    assert line("rollback", MART, "--to", str(first), "--with-others", "--yes").code == 0
    assert listed(line)[MART] == (first, 3)
    assert listed(line, "--at", at)[MART] == written


def test_of_a_time_before_everything_there_is_no_table(line: CommandLine) -> None:
    assert line("tables", "--at", "2001-01-01", "--json").json == []
    said = line("tables", "--at", "2001-01-01")
    assert (said.code, "no table had a snapshot at 2001-01-01" in said.out) == (0, True)


def test_a_snapshot_that_nobody_has_is_refused_with_what_to_type(line: CommandLine) -> None:
    refused = line("tables", "--at", "nightly")
    assert refused.code != 0 and "no table here has a snapshot or ref 'nightly'" in refused.err
    assert "floe-bench snapshots" in refused.err


def test_health_of_the_past_offers_no_command_that_would_mend_the_present(line: CommandLine) -> None:
    line.bench.maintainer.small[MART] = 40
    fixes = [each["fix"] for each in line("health", MART, "--json").json["symptoms"]]
    assert "floe-bench compact marts.customer_totals" in fixes
    first = str(line("snapshots", MART, "--json").json[0]["snapshot_id"])
    line.bench.write_from_outside(MART, [ROW])
    then = line("health", MART, "--at", first, "--json").json["symptoms"]
    assert not any(each["fix"] or each["effect"] for each in then)
    assert {each["check"]: each["state"] for each in then}["orphans"] == "skip"


def test_health_looks_at_every_table_that_there_was(line: CommandLine) -> None:
    earliest = min(line("tables", "--json").json, key=lambda each: each["updated_at"])
    told = line("health", "--at", earliest["updated_at"], "--json").out.splitlines()
    assert [json.loads(each)["table"] for each in told] == [earliest["table"]]
