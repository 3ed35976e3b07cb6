"""Projects of others, unchanged, from the folder that FLOE_BENCH_TEST_PROJECTS names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.workbench import eventually, processes

PROJECTS = "FLOE_BENCH_TEST_PROJECTS"
_RUN_S = 480


@dataclass(frozen=True)
class CommandLine:
    """The installed command, in a copy of the project."""

    root: Path

    def __call__(self, *arguments: str) -> tuple[int, Any]:
        """Exit code, and what was said: a run's lines as a list, any other answer as it is."""
        command = [sys.executable, "-m", "floe_bench", "--json", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=_RUN_S, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        lines = arguments[0] == "run"
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()] if lines else json.loads(
            done.stdout
        )


def copied(name: str, to: Path) -> Path:
    """The project's folder, copied: nothing of an earlier run is in it."""
    at = os.environ.get(PROJECTS)
    if not at:
        pytest.skip(f"{PROJECTS} names no folder with projects of others")
    source = Path(at) / name
    if not source.is_dir():
        pytest.skip(f"there is no {source}")
    shutil.copytree(source, to, ignore=shutil.ignore_patterns(".floe-bench", ".git", "target", "logs"))
    return to


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CommandLine]:
    folder, inside = request.param
    root = copied(folder, tmp_path / Path(folder).name) / inside
    bench = CommandLine(root)
    try:
        assert bench("up")[0] == 0
        yield bench
    finally:
        bench("down")
        left = [] if eventually(lambda: not processes(root)) else processes(root)
        for process in left:
            process.kill()
        assert left == []


def finished(said: list[Any]) -> dict[str, Any]:
    (found,) = [each for each in said if each.get("event") == "run_finished"]
    return found


def green(said: list[Any]) -> int:
    """How many nodes ended, all of them well."""
    ended = [each for each in said if each.get("event") == "node_finished"]
    assert {each["status"] for each in ended} <= {"success", "warned"}, ended
    return len(ended)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("bench", [("jaffle_shop_duckdb", "")], indirect=True)
def test_jaffle_shop_runs_unchanged(bench: CommandLine) -> None:
    code, said = bench("run")
    assert code == 0, said[-1]
    assert green(said) == 28
    assert finished(said)["status"] == "success"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("bench", [("floe", "demo/customer-360")], indirect=True)
def test_customer_360_runs_unchanged_and_its_numbers_are_right(bench: CommandLine) -> None:
    code, said = bench("run")
    assert code == 0, said[-1]
    assert green(said) == 40
    _, tables = bench("tables")
    (mart,) = [each for each in tables if each["table"].endswith(".mart_customer_360")]
    assert mart["rows"] == 500
    _, answer = bench("query", f"select count(*), sum(total_spend)::decimal(18,2) from {mart['table']}")
    assert [[str(value) for value in row] for row in answer["rows"]] == [["500", "1194501.08"]]
