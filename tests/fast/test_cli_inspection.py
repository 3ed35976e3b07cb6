"""rows, code and failing: looking into one thing from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dbt_project
from tests.command_line import CommandLine

ORDERS, CHECK = "staging.stg_orders", "not_null_stg_orders"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    built("up")
    built("run")
    return built


def test_rows_come_a_page_at_a_time_and_say_when_there_are_more(line: CommandLine) -> None:
    page = line("rows", ORDERS, "--limit", "2", tty=True)
    assert page.code == 0
    assert "only the first 2 rows" in page.err
    rest = line("rows", ORDERS, "--offset", "2", "--json").json["rows"]
    assert [row[0] for row in rest] == [3, 5, 6]


def test_rows_can_be_asked_for_as_they_were(line: CommandLine) -> None:
    line.bench.change("raw/raw_orders", lambda rows: [])
    line("run")
    snapshots = line("snapshots", "raw.raw_orders", "--json").json
    assert line("rows", "raw.raw_orders", "--json").json["rows"] == []
    then = line("rows", "raw.raw_orders", "--at", str(snapshots[0]["snapshot_id"]), "--json").json
    assert len(then["rows"]) == 6


def test_csv_and_json_exclude_each_other(line: CommandLine) -> None:
    assert line("rows", ORDERS, "--csv").out.splitlines()[0] == "order_id,customer_id,amount,status"
    assert line("rows", ORDERS, "--csv", "--json").code == 2


def test_code_is_found_by_name_key_or_unique_id(line: CommandLine) -> None:
    said = {line("code", typed).out for typed in ("stg_orders", "staging/stg_orders", "model.shop.stg_orders")}
    assert said == {f"select * from {ORDERS}\n"}
    assert line("code", CHECK).out == f"select * from {ORDERS} where not ok\n"


def test_a_diff_of_code_needs_a_run_before(line: CommandLine) -> None:
    first = line("code", "stg_orders", "--diff")
    assert (first.code, "no run before compiled" in first.err) == (2, True)
    line("run")
    assert (line("code", "stg_orders", "--diff").code, line("code", "stg_orders", "--json").json["kind"]) == (
        0,
        "model",
    )


def test_a_name_that_is_nothing_is_an_error_with_a_next_step(line: CommandLine) -> None:
    lost = line("code", "nothing")
    assert (lost.code, "no asset or test 'nothing'" in lost.err, "floe-bench assets" in lost.err) == (1, True, True)


def test_failing_shows_the_rows_that_break_a_test(line: CommandLine) -> None:
    assert line("failing", CHECK, "--json").json["rows"] == []
    line.bench.change(
        "staging/stg_orders", lambda rows: [{**row, "order_id": None} for row in rows["raw/raw_orders"][:2]]
    )
    line("run")
    broken = line("failing", CHECK, "--json").json
    assert broken["columns"][0] == "order_id"
    assert len(broken["rows"]) == 2
    assert line("failing", "stg_orders").code == 2
