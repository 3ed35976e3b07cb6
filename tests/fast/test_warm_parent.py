"""The warm parent and its spares, with programs of a few lines."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from floe_bench.adapters.orchestrators.warm.wire import ask, ended, keep, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="programs are forked on Linux only")
BASE = {"PATH": os.environ["PATH"]}


def eventually(claim: Callable[[], Any], within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@dataclass
class Warm:
    process: subprocess.Popen[bytes]
    path: Path

    def keep(self, *, stamp: str = "s1", **env: str) -> int:
        """A spare that is there; its process id."""
        before, came = self.children(), set[int]()
        keep(self.path, "tell", env=BASE | env, cwd="/", stamp=stamp)

        def alone() -> bool:
            """A spare of before may just have been renewed: it goes again."""
            came.clear()
            came.update(self.children() - before)
            return len(came) == 1

        assert eventually(alone)
        return came.pop()

    def tell(self, *args: str, stamp: str = "s1", cwd: str = "/", **env: str) -> tuple[list[dict[str, Any]], int]:
        """What the program said, and its exit code."""
        read, write = os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            files = (nothing.fileno(), write, write)
            connection = ask(self.path, "tell", args, env=BASE | env, cwd=cwd, files=files, session=True, stamp=stamp)
        os.close(write)
        assert connection is not None
        with os.fdopen(read) as said:
            assert started(connection) is not None
            code = ended(connection)
            connection.close()
            assert code is not None
            return [json.loads(line) for line in said], code

    def children(self) -> set[int]:
        found = psutil.Process(self.process.pid).children()
        return {child.pid for child in found if lives(child)}


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def warm() -> Iterator[Warm]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warm.sock"
        command = [sys.executable, "-m", "tests.fast.warm_parent", str(path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2])
        try:
            assert eventually(lambda: listens(path))
            yield Warm(process, path)
        finally:
            process.kill()
            process.wait()


def by_spare(said: list[Mapping[str, Any]]) -> bool:
    return said[0]["spare"] is True


def test_the_launcher_that_every_dbt_invocation_waits_for_loads_no_module_written_in_python_but_its_own() -> None:
    load = "import sys; had = set(sys.modules); import floe_bench.adapters.orchestrators.warm.dbt_command; "
    tell = "print(*(n for n in set(sys.modules) - had if getattr(sys.modules[n], '__file__', '').endswith('.py')))"
    said = subprocess.run([sys.executable, "-c", load + tell], capture_output=True, text=True, check=True).stdout
    assert {name for name in said.split() if not name.startswith("floe_bench")} <= {"__future__"}


def test_a_child_gets_arguments_environment_folder_and_exit_code_of_its_own(warm: Warm, tmp_path: Path) -> None:
    said, code = warm.tell("a", "b c", cwd=str(tmp_path), TOLD_ONE="1")
    assert code == 7
    assert said[-1] | {"pid": 0} == {
        "args": ["a", "b c"],
        "env": {"TOLD_ONE": "1"},
        "cwd": str(tmp_path),
        "pid": 0,
        "spare": False,
    }


def test_a_spare_takes_the_request_it_was_kept_for_and_what_the_request_adds(warm: Warm, tmp_path: Path) -> None:
    pid = warm.keep(TOLD_STACK="up")
    said, code = warm.tell("now", cwd=str(tmp_path), TOLD_STACK="up", TOLD_RUN="8e13")
    assert by_spare(said)
    assert code == 7
    assert (said[-1]["pid"], said[-1]["args"], said[-1]["cwd"]) == (pid, ["now"], str(tmp_path))
    assert said[-1]["env"] == {"TOLD_STACK": "up", "TOLD_RUN": "8e13"}


def test_each_spare_serves_once_and_nothing_of_a_run_is_left_for_the_next(warm: Warm) -> None:
    first = warm.keep()
    warm.tell(TOLD_SECRET="of the first run")
    assert eventually(lambda: warm.children() - {first})
    said, _ = warm.tell()
    assert by_spare(said)
    assert said[-1]["pid"] != first
    assert said[-1]["env"] == {}


@pytest.mark.parametrize(("stamp", "env"), [("s2", {"TOLD_STACK": "up"}), ("s1", {"TOLD_STACK": "moved"}), ("s1", {})])
def test_a_spare_of_another_state_or_environment_is_not_used(warm: Warm, stamp: str, env: dict[str, str]) -> None:
    warm.keep(TOLD_STACK="up")
    said, _ = warm.tell(stamp=stamp, **env)
    assert not by_spare(said)
    assert said[-1]["env"] == env


def test_a_newer_wish_ends_the_older_spare(warm: Warm) -> None:
    old = warm.keep(stamp="s1")
    new = warm.keep(stamp="s2")
    assert eventually(lambda: warm.children() == {new})
    assert old != new


def test_a_spare_that_cannot_prepare_itself_runs_the_program_as_a_fresh_child_does(warm: Warm) -> None:
    pid = warm.keep(TOLD_BROKEN="1")
    said, code = warm.tell("a", TOLD_BROKEN="1")
    assert not by_spare(said)
    assert (said[-1]["pid"], said[-1]["args"], code) == (pid, ["a"], 7)


def test_a_spare_that_was_killed_costs_nobody_anything(warm: Warm) -> None:
    pid = warm.keep()
    psutil.Process(pid).kill()
    assert eventually(lambda: pid not in warm.children())
    said, code = warm.tell("a")
    assert (said[-1]["args"], code) == (["a"], 7)


def test_the_parents_end_is_the_spares_end(warm: Warm) -> None:
    spare = psutil.Process(warm.keep())
    assert warm.process.stdin is not None
    warm.process.stdin.close()
    assert eventually(lambda: not lives(spare))


def test_a_caller_that_goes_away_takes_its_program_with_it(warm: Warm) -> None:
    read, write = os.pipe()
    hold, _held = os.pipe()
    connection = ask(warm.path, "wait", (), env=BASE, cwd="/", files=(hold, write, write), session=True)
    assert connection is not None
    with os.fdopen(read) as said:
        pid = int(said.readline())
        assert psutil.pid_exists(pid)
        connection.close()
        assert eventually(lambda: pid not in warm.children())


@pytest.mark.parametrize("seed", range(4))
def test_what_one_request_was_given_never_shows_in_another_whoever_is_killed(warm: Warm, seed: int) -> None:
    moments = random.Random(seed)
    for number in range(12):
        end = moments.choice((kill_spare, kill_child, leave_child, leave_alone))
        end(warm, **{f"TOLD_SECRET_{number}": f"of request {number}"})
        mine = {"TOLD_MINE": str(number)}
        said, code = warm.tell("now", **mine)
        assert (said[-1]["env"], said[-1]["args"], code) == (mine, ["now"], 7), (number, end.__name__)
    warm.keep(stamp="last")
    assert eventually(lambda: len(warm.children()) == 1), "a child was left"


def kill_spare(warm: Warm, **env: str) -> None:
    psutil.Process(warm.keep(stamp=env.popitem()[0])).kill()


def kill_child(warm: Warm, **env: str) -> None:
    with waiting(warm, env) as (pid, connection):
        psutil.Process(pid).kill()
        assert ended(connection) == -signal.SIGKILL


def leave_child(warm: Warm, **env: str) -> None:
    with waiting(warm, env):
        pass


def leave_alone(warm: Warm, **env: str) -> None:
    said, _ = warm.tell("before", **env)
    assert said[-1]["env"] == env


@contextmanager
def waiting(warm: Warm, env: dict[str, str]) -> Iterator[tuple[int, socket.socket]]:
    """A child that waits for the end of its input, which never comes."""
    hold, held = os.pipe()
    with Path(os.devnull).open("wb") as nothing, os.fdopen(hold), os.fdopen(held):
        files = (hold, nothing.fileno(), nothing.fileno())
        connection = ask(warm.path, "wait", (), env=BASE | env, cwd="/", files=files, session=True)
        assert connection is not None
        with closing(connection):
            pid = started(connection)
            assert pid is not None
            yield pid, connection


def test_a_parent_that_dies_before_it_names_the_child_is_said_as_none() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b'{"pi')
        theirs.close()
        assert started(ours) is None
