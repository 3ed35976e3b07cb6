"""A command on a leash ends with whoever holds the other end, together with everything that it started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from floe_bench.adapters.orchestrators.dagster import leash

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print(child.pid, flush=True)
"""
STAYS = PARENT + "time.sleep(300)"


@contextmanager
def on_a_leash(code: str) -> Iterator[tuple[subprocess.Popen[bytes], list[psutil.Process]]]:
    """The leash, the command and the command's own child."""
    process = subprocess.Popen(
        [sys.executable, "-m", leash.__name__, sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    family = [psutil.Process(int(process.stdout.readline()))]
    family += psutil.Process(process.pid).children()
    try:
        yield process, family
    finally:
        for each in family:
            with suppress(psutil.Error):
                each.kill()
        process.kill()
        process.wait()


def gone(family: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(family, timeout=30)
    return all(each.status() == psutil.STATUS_ZOMBIE for each in alive if each.is_running())


def test_when_the_holder_lets_go_the_command_and_its_children_end() -> None:
    with on_a_leash(STAYS) as (process, family):
        assert len(family) == 2 and all(each.is_running() for each in family)
        assert process.stdin is not None
        process.stdin.close()
        assert gone(family)
        process.wait(30)


def test_asked_to_end_it_ends_them_too() -> None:
    with on_a_leash(STAYS) as (process, family):
        process.terminate()
        assert gone(family)
        process.wait(30)


def test_a_command_that_ends_leaves_no_child_and_its_exit_code() -> None:
    with on_a_leash(PARENT + "sys.exit(7)") as (process, family):
        assert process.wait(30) == 7
        assert gone(family[:1])
