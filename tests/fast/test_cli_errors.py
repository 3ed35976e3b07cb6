"""How a command fails: exit codes, the text, the object, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from floe_bench.errors import (
    AccessDenied,
    BenchError,
    CommitConflict,
    ParseFailed,
    StackNotReady,
    StackUnavailable,
)
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_engine import FakeEngine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StackUnavailable("no weed"), 3),
        (StackNotReady("too slow"), 3),
        (AccessDenied("no"), 3),
        (ParseFailed("bad model"), 4),
        (CommitConflict("other writer"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BenchError, code: int
) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    assert CommandLine(FakeEngine(fault=fault))("assets").code == code


def test_an_error_is_text_on_stderr_and_with_json_an_object_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    fault = ParseFailed("no such ref 'stg_x'", remedy="edit models/a.sql", where="models/a.sql:3")
    outcome = CommandLine(FakeEngine(fault=fault))("assets", "--json")
    assert outcome.json == {
        "error": {
            "kind": "ParseFailed",
            "message": "no such ref 'stg_x'",
            "remedy": "edit models/a.sql",
            "where": "models/a.sql:3",
        }
    }
    assert outcome.err == "error: no such ref 'stg_x'\n  at models/a.sql:3\n  next: edit models/a.sql\n"


def test_without_json_stdout_stays_empty(line: CommandLine) -> None:
    outcome = line("snapshots", "marts.nope")
    assert (outcome.code, outcome.out) == (1, "")
    assert "marts.nope" in outcome.err and "next: floe-bench tables" in outcome.err


def test_a_table_name_without_a_namespace_is_a_usage_error_that_starts_nothing(line: CommandLine) -> None:
    outcome = line("snapshots", "orders", "--json")
    assert outcome.code == 2
    assert outcome.json["error"]["kind"] == "UsageError"
    assert line.engine.starts == 0


def test_a_wrong_option_is_a_usage_error_also_in_json(line: CommandLine) -> None:
    outcome = line("assets", "--json", "--nope")
    assert outcome.code == 2
    assert outcome.json["error"]["remedy"] == "floe-bench assets --help"


def test_an_unknown_word_names_the_nearest_command(line: CommandLine) -> None:
    outcome = line("snapshot")
    assert outcome.code == 2
    assert "did you mean 'snapshots'?" in outcome.err


def test_a_query_that_writes_is_a_usage_error(line: CommandLine) -> None:
    line("run")
    outcome = line("query", "delete from marts.customer_totals", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (2, "WriteRefused")
    assert line("tables", "--json").json[0]["rows"] == 3


def test_bad_sql_is_a_failure(line: CommandLine) -> None:
    outcome = line("query", "selct 1", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (1, "QueryFailed")


def test_csv_and_json_exclude_each_other(line: CommandLine) -> None:
    assert line("query", "select 1", "--csv", "--json").code == 2


def test_an_unknown_snapshot_names_the_command_that_lists_them(line: CommandLine) -> None:
    line("run")
    outcome = line("diff", "marts.customer_totals", "999", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (1, "NoSuchSnapshot")
    assert outcome.json["error"]["remedy"] == "floe-bench snapshots marts.customer_totals"


def test_no_project_is_exit_4_and_offers_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = CommandLine()("assets", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (4, "NoProject")
    assert outcome.json["error"]["remedy"] == "floe-bench demo"


def test_a_bad_settings_file_is_exit_4_with_its_line(line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "floe-bench.toml").write_text('stak = "x"\n')
    outcome = line("assets", "--json")
    assert (outcome.code, outcome.json["error"]["where"]) == (4, "floe-bench.toml:1")


def test_a_defect_is_one_sentence_and_no_traceback(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(line.bench, "assets", explode)
    outcome = line("assets", "--json")
    assert outcome.code == 1
    assert outcome.json["error"]["kind"] == "InternalError"
    assert "Traceback" not in outcome.err and "ZeroDivisionError: oh" in outcome.err


def test_a_defect_shows_its_traceback_when_asked(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(line.bench, "assets", explode)
    with pytest.raises(ZeroDivisionError):
        line("assets", environ={"FLOE_BENCH_DEBUG": "1"})


def test_an_error_of_several_lines_stays_readable_and_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    outcome = CommandLine(FakeEngine(fault=ParseFailed("first\nsecond \x1b[2Jthird")))("assets")
    assert outcome.err == "error: first\n  second \\x1b[2Jthird\n"


def test_ctrl_c_outside_a_run_is_exit_130(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(line.bench, "tables", interrupted)
    outcome = line("tables", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (130, "Cancelled")
    assert outcome.err.endswith("cancelled\n") and "error" not in outcome.err
    assert line.bench.closed == [False], "who is interrupted does not wait for the stack to stop"


def test_every_command_leaves_the_engine_also_when_it_fails(line: CommandLine) -> None:
    line("tables")
    line("snapshots", "marts.nope")
    assert line.bench.closed == [True, True]
    assert line.engine.attending == 0


def test_a_reader_that_went_away_is_exit_141_without_a_word(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "floe_bench", "completion", "zsh"]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
