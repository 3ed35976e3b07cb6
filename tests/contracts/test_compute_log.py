"""Dagster's copies of what a step prints end with the process whose output they copy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from floe_bench.adapters.orchestrators.dagster.compute_log import copied
from tests.contracts.workbench import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Dagster's own watchers are used")
STEP = """
import sys, time
from dagster._core.execution.compute_logs import mirror_stream_to_file
from floe_bench.adapters.orchestrators.dagster.compute_log import spare_the_watchers

spare_the_watchers()
with mirror_stream_to_file(sys.stdout, sys.argv[1]):
    print("tea", flush=True)
    time.sleep(600)
"""


def test_what_a_step_prints_is_in_the_file_and_goes_on_to_where_it_went(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STEP, tmp_path / "log"], stdout=subprocess.PIPE, text=True) as step:
        assert step.stdout is not None
        assert step.stdout.readline() == "tea\n"
        assert (tmp_path / "log").read_text() == "tea\n"
        step.kill()


def test_a_step_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STEP, tmp_path / "log"], stdout=subprocess.PIPE) as step:
        assert step.stdout is not None
        step.stdout.readline()
        beside = psutil.Process(step.pid).children()
        step.kill()
    assert [each.name() for each in beside] == ["tail"]
    assert eventually(lambda: not any(each.is_running() for each in beside))


def test_a_copy_ends_with_what_was_copied(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    with copied(str(tmp_path / "log"), subprocess.DEVNULL) as (pid, _):
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
