"""table, schema and files: what a table is made of, from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.anatomy_noun import ANATOMY, FILES, METADATA_FILE, SCHEMA
from floe_bench.cli.commands.profile import COLUMN_PROFILE, PROFILE
from floe_bench.cli.noun import SCHEMA_CHANGE
from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    built.bench.write_from_outside(MART, [{"customer_id": 1, "orders": 2, "total": 91.0, "tier": "gold"}])
    return built


def snapshot_ids(line: CommandLine) -> list[int]:
    return [each["snapshot_id"] for each in line("snapshots", MART, "--json").json]


def test_a_table_as_json_has_its_documented_fields(line: CommandLine) -> None:
    found = line("table", MART, "--json").json
    assert tuple(found) == ANATOMY.names
    assert (found["rows"], found["current"], found["snapshots"], found["schemas"]) == (1, True, 2, 2)
    assert [column["name"] for column in found["schema"]["columns"]] == ["customer_id", "orders", "total", "tier"]


def test_a_table_can_be_seen_as_it_was_by_id_ref_and_time(line: CommandLine) -> None:
    old, new = snapshot_ids(line)
    for typed, rows, current in ((str(old), 3, False), ("main", 1, True), (f"{str(new)[:6]}…", 1, True)):
        found = line("table", MART, "--at", typed, "--json").json
        assert (found["rows"], found["current"]) == (rows, current)
    assert "in the past" in line("table", MART, "--at", str(old)).out
    assert line("table", MART, "--at", "2020-01-01").code == 1


def test_what_cannot_be_read_is_said_and_is_the_exit_code(line: CommandLine) -> None:
    line.bench.anatomy.faults = ("manifest file m0.avro cannot be read: gone",)
    for command in ("table", "files"):
        outcome = line(command, MART)
        assert (outcome.code, "m0.avro cannot be read" in outcome.out) == (1, True)
    assert line("table", MART, "--json").json["rows"] is None


def test_a_schema_its_history_and_what_changed_between_two(line: CommandLine) -> None:
    old, _ = snapshot_ids(line)
    assert tuple(line("schema", MART, "--json").json) == SCHEMA.names
    assert len(line("schema", MART, "--at", str(old), "--json").json["columns"]) == 3
    history = line("schema", MART, "--history", "--json").json
    assert [(each["schema_id"], each["current"]) for each in history] == [(0, False), (1, True)]
    change = line("schema", MART, "--diff", "0", "1", "--json").json
    assert tuple(change) == SCHEMA_CHANGE.names
    assert [column["name"] for column in change["added"]] == ["tier"]
    assert "+   4  tier" in line("schema", MART, "--diff", "0", "1").out


def test_the_metadata_log_says_since_when_each_file_is_the_tables(line: CommandLine) -> None:
    found = line("table", MART, "--json").json["metadata_log"]
    assert [tuple(each) for each in found] == [METADATA_FILE.names] * 2
    said = line("table", MART, "--metadata-log")
    assert [row.split()[-1] for row in said.out.splitlines()[1:]] == [each["path"] for each in found]
    assert " gone " in said.out.splitlines()[1] and "1000 B" in said.out.splitlines()[2]
    measured = line("table", MART, "--metadata-log", "--json").json
    assert [(each["bytes"], each["gone"]) for each in measured] == [(None, True), (1000, False)]
    assert [each["bytes"] for each in found] == [None, None], "for which nobody asked the store"
    assert line("table", MART, "--metadata-log", "--at", "main").code == 2


def test_a_schema_id_that_is_not_there_is_an_error_that_lists_those_that_are(line: CommandLine) -> None:
    outcome = line("schema", MART, "--diff", "0", "7")
    assert (outcome.code, "has no schema 7; it has 0, 1" in outcome.err) == (1, True)
    assert line("schema", MART, "--history", "--at", "main").code == 2


def test_files_come_with_manifests_partitions_and_bounds(line: CommandLine) -> None:
    page = line("files", MART, "--json").json
    assert tuple(page) == FILES.names
    assert [file["records"] for file in page["files"]] == [1]
    assert page["files"][0]["bounds"][3] == {"column": "tier", "nulls": 0, "lower": "gold", "upper": "gold"}
    assert "gold" in line("files", MART, "--bounds").out
    assert "-m0.avro" in line("files", MART, "--manifests").out
    assert line("files", MART, "--partitions").out.splitlines()[-1].split()[:2] == ["none", "1"]
    assert line("files", MART, "--partitions", "--json").code == 2


def test_a_profile_tells_each_column_as_of_a_snapshot(line: CommandLine) -> None:
    old, _ = snapshot_ids(line)
    now = line("profile", MART, "--json").json
    assert (tuple(now), tuple(now["columns"][0])) == (PROFILE.names, COLUMN_PROFILE.names)
    assert now["columns"][3]["top"] == [{"value": "gold", "rows": 1}]
    then = line("profile", MART, "--at", str(old), "--column", "total", "--json").json
    assert then["rows"] == 3 and [each["column"] for each in then["columns"]] == ["total"]
    assert (then["columns"][0]["lower"], then["columns"][0]["upper"]) == ("10", "90")
    assert "▃▆" in line("profile", MART, "--at", str(old)).out
    assert line("profile", MART, "--column", "nothing").code == 2
