"""``undo`` and ``redo``: the plan, the question, the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dbt_project
from tests.command_line import CommandLine

STAGED = "staging.stg_orders"
TAKEN = ["asset", "table", "from", "to", "rows_before", "rows_after", "rows_lost", "rows_regained", "snapshots",
         "others", "typed", "readers"]  # fmt: skip


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine()
    line("run")
    line.bench.change("staging/stg_orders", lambda rows: rows["raw/raw_orders"])
    line("run")
    return line


def test_a_dry_run_prints_the_plan_and_changes_nothing(line: CommandLine) -> None:
    before = dict(line.bench.heads)
    found = line("undo", "--asset", "stg_orders", "--dry-run", "--json").json
    assert list(found) == ["undo_id", "plan", "applied"]
    assert (found["undo_id"], found["applied"]) == (None, False)
    (table,) = found["plan"]
    assert list(table) == TAKEN
    assert (table["table"], table["rows_before"], table["rows_after"]) == (STAGED, 6, 5)
    assert (table["rows_lost"], table["rows_regained"]) == (1, 0)
    assert table["from"] == before[STAGED] and table["readers"] == ["marts/customer_totals"]
    assert line.bench.heads == before


def test_undo_and_redo_say_what_was_done(line: CommandLine) -> None:
    undone = line("undo", "--asset", "stg_orders", "--downstream", "--yes", "--json").json
    assert undone["applied"] and [each["table"] for each in undone["plan"]] == [STAGED, "marts.customer_totals"]
    assert line.bench.heads[STAGED] == undone["plan"][0]["to"]
    redone = line("redo", undone["undo_id"][:4], "--yes", "--json").json
    assert redone["applied"] and redone["undo_id"] == undone["undo_id"]
    assert line.bench.heads[STAGED] == undone["plan"][0]["from"]
    (past,) = line("undo", "--list", "--json").json
    assert (past["undo_id"], past["state"]) == (undone["undo_id"], "redone")


def test_a_whole_run_is_taken_back_by_the_start_of_its_id(line: CommandLine) -> None:
    run = line("runs", "--json").json[0]["run_id"]
    found = line("undo", "--run", run[:6], "--dry-run", "--json").json
    assert len(found["plan"]) == 4


def test_back_before_the_first_write_is_null_in_json_and_nothing_in_words(line: CommandLine) -> None:
    line("undo", "--asset", "stg_orders", "--yes")
    found = line("undo", "--asset", "stg_orders", "--dry-run", "--json").json
    assert (found["plan"][0]["to"], found["plan"][0]["rows_after"]) == (None, 0)
    assert "nothing" in line("undo", "--asset", "stg_orders", "--yes").out
    assert "before the first write" in line("snapshots", STAGED).out


def test_what_somebody_else_wrote_since_is_shown_and_yes_alone_does_not_lose_it(line: CommandLine) -> None:
    theirs = line.bench.write_from_outside(STAGED, [])
    shown = line("undo", "--asset", "stg_orders", "--dry-run")
    assert "somebody else wrote to staging.stg_orders since" in shown.out and "spark.app.id local-1" in shown.out
    refused = line("undo", "--asset", "stg_orders", "--yes")
    assert refused.code == 2 and "--with-others" in refused.err
    assert line.bench.heads[STAGED] == theirs
    done = line("undo", "--asset", "stg_orders", "--yes", "--with-others", "--json").json
    assert done["plan"][0]["others"] == [theirs]


def test_without_a_terminal_it_does_not_ask_and_does_nothing(line: CommandLine) -> None:
    before = dict(line.bench.heads)
    refused = line("undo", "--asset", "stg_orders")
    assert refused.code == 2 and "--yes" in refused.err
    assert line.bench.heads == before


@pytest.mark.parametrize("arguments", [(), ("--asset", "a", "--run", "b")])
def test_it_is_of_an_asset_or_of_a_run(line: CommandLine, arguments: tuple[str, ...]) -> None:
    assert line("undo", *arguments).code == 2


def test_an_asset_that_is_not_there_is_named(line: CommandLine) -> None:
    refused = line("undo", "--asset", "nobody", "--yes", "--json")
    assert refused.code == 1 and refused.json_lines[-1]["error"]["kind"] == "NothingToUndo"


def test_assets_say_where_they_were_taken_back_to(line: CommandLine) -> None:
    to = line("undo", "--asset", "stg_orders", "--yes", "--json").json["plan"][0]["to"]
    assert f"taken back to snapshot {to}" in line("assets").out
