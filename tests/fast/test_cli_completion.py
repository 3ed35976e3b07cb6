"""Completion: the scripts, and what comes after Tab."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.group import COMMANDS
from floe_bench.errors import EngineError
from tests.builders import dbt_project
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


def _words(line: CommandLine, monkeypatch: pytest.MonkeyPatch, typed: str) -> list[str]:
    words = typed.split(" ")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    outcome = line(environ={"_FLOE_BENCH_COMPLETE": "bash_complete"})
    assert outcome.err == ""
    return [each.partition(",")[2] for each in outcome.out.splitlines() if each]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(line: CommandLine, shell: str) -> None:
    outcome = line("completion", shell)
    assert outcome.code == 0
    assert "_FLOE_BENCH_COMPLETE" in outcome.out and "floe-bench" in outcome.out


def test_command_words_complete(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _words(line, monkeypatch, "floe-bench ") == list(COMMANDS)
    assert _words(line, monkeypatch, "floe-bench ru") == ["run", "runs"]


def test_options_complete(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--full-refresh" in _words(line, monkeypatch, "floe-bench run --f")


def test_tables_runs_and_assets_complete_while_the_bench_runs(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line("up")
    line("run")
    assert _words(line, monkeypatch, "floe-bench diff mar") == ["marts.customer_totals"]
    assert _words(line, monkeypatch, "floe-bench cancel 7") == [line("runs", "--json").json[0]["run_id"]]
    assert _words(line, monkeypatch, "floe-bench run --select stg") == ["stg_orders"]


def test_pressing_tab_starts_no_engine(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _words(line, monkeypatch, "floe-bench diff mar") == []
    assert line.engine.starts == 0


def test_pressing_tab_never_complains(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    line("up")
    line.engine.fault = EngineError("gone")
    assert _words(line, monkeypatch, "floe-bench snapshots ") == []
