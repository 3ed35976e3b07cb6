"""The life of the background process: who starts it, who ends it, and what happens when it does not end well."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from floe_bench.config.project import find_project
from floe_bench.engine import protocol, reach
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from floe_bench.errors import BenchError, EngineError, StackError, StackUnavailable, UsageError
from floe_bench.events import Booted, Event, PhaseEnded, PhaseStarted, ProblemFound, ProblemSolved, StackChanged
from floe_bench.model.run import RunRequest, RunStatus
from floe_bench.model.stack import StackState
from tests.builders import dbt_project
from tests.contracts.workbench import PATIENCE_S, attend, eventually, kill_left, opened, processes

MODEL = "select 1 as n\n"


def small(folder: Path) -> Path:
    """A project that boots as quickly as one can."""
    root = dbt_project(folder)
    (root / "models").mkdir(exist_ok=True)
    (root / "models" / "one.sql").write_text(MODEL)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = small(tmp_path / "shop")
    with swept(root):
        yield root


@contextmanager
def swept(root: Path) -> Iterator[None]:
    """Ends what a failed test left."""
    try:
        yield
    finally:
        kill_left(root)


def pids(root: Path) -> set[int]:
    return {process.pid for process in processes(root)}


def gone(root: Path) -> bool:
    """A process that was killed takes a moment to go."""
    return eventually(lambda: not pids(root))


def engines(root: Path) -> list[psutil.Process]:
    return [process for process in processes(root) if "floe_bench.engine" in commands(process)]


def commands(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def weed_of(client: EngineClient) -> int:
    ready = eventually(lambda: client.status().state is StackState.READY)
    assert ready, "\n".join([str(client.status()), *(line.text for line in client.logs("", 60))])
    pid = client.status().services[0].pid
    assert pid is not None
    return pid


# ── the first and the last ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_client_starts_it_the_last_one_ends_it_and_everything_it_started(root: Path) -> None:
    assert connect(find_project(root), start=False) is None
    boot: list[Event] = []
    first = connect(find_project(root), on_event=boot.append)
    assert first is not None
    assert isinstance(boot[-1], Booted)
    assert boot[-1].ok, [event for event in boot if isinstance(event, ProblemFound)]
    started = [event.phase for event in boot if isinstance(event, PhaseStarted)]
    assert started == [event.phase for event in boot if isinstance(event, PhaseEnded)]
    assert started == ["object store", "catalog", "write and read", "dagster", "dbt"]

    second = attend(root)
    assert second.engine_pid == first.engine_pid
    ports = first.status().services[0].ports
    assert ports
    first.close()
    assert second.status().state is StackState.READY

    second.close()

    assert gone(root)
    assert not protocol.socket_path(root / ".floe-bench").exists()
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def test_a_kept_engine_stays_until_it_is_told_to_end(root: Path) -> None:
    client = attend(root)
    assert client.keep(True).kept
    client.close()
    time.sleep(1)  # long enough for an engine that wanted to end
    again = connect(find_project(root), start=False)
    assert again is not None
    assert again.engine_pid == client.engine_pid
    assert again.status().kept

    again.shutdown()

    assert gone(root)


def test_an_engine_that_is_no_longer_kept_ends_with_its_last_client(root: Path) -> None:
    client = attend(root)
    client.keep(True)
    assert not client.keep(False).kept
    client.close()
    assert gone(root)


def test_a_killed_client_counts_as_gone(root: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from floe_bench.config.project import find_project\n"
        "from floe_bench.engine.reach import connect\n"
        "client = connect(find_project(Path(sys.argv[1])))\n"
        "client.runs(1)\n"
        "print(client.engine_pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, root], stdout=subprocess.PIPE, check=False, timeout=PATIENCE_S)
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout)
    assert eventually(lambda: not pids(root))


def test_clients_that_come_at_the_same_instant_start_one_engine(root: Path) -> None:
    found: list[EngineClient] = []
    gate = threading.Barrier(4)

    def come() -> None:
        gate.wait()
        found.append(attend(root))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(found) == 4
    assert len({client.engine_pid for client in found}) == 1
    # Those that lost the race notice it and end.
    assert eventually(lambda: len(engines(root)) == 1)
    for client in found:
        client.close()
    assert gone(root)


def test_coming_while_the_last_one_leaves_is_no_error(root: Path) -> None:
    for _ in range(3):
        leaving = attend(root)
        thread = threading.Thread(target=leaving.close)
        thread.start()
        coming = attend(root)
        assert coming.status().stack == "embedded"
        thread.join(PATIENCE_S)
        coming.close()
    assert gone(root)


# ── engines that are not what the client wants ────────────────────────────────────────────────────────────────────────


def test_an_engine_of_another_build_is_replaced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = attend(root)
    old.keep(True)
    monkeypatch.setattr(reach.protocol, "build", lambda: "0.0.1+other")
    looking = connect(find_project(root), start=False)
    assert looking is not None
    assert looking.engine_pid == old.engine_pid, "looking alone replaces nothing"
    looking.close()

    new = attend(root)

    assert new.engine_pid != old.engine_pid
    assert not alive(old.engine_pid)
    assert new.status().kept, "its successor stays up too"
    old.close(wait=False)
    new.keep(False)
    new.close()
    assert gone(root)


def test_another_stack_is_refused_while_the_bench_is_open(root: Path) -> None:
    client = attend(root)
    with pytest.raises(StackUnavailable, match="open with the stack 'embedded'") as caught:
        connect(find_project(root), stack="other")
    assert caught.value.remedy == "floe-bench down"
    client.close()


def test_an_unknown_stack_is_said_with_what_there_is(root: Path) -> None:
    with pytest.raises(StackUnavailable, match="there is no stack 'nosuch'") as caught:
        connect(find_project(root), stack="nosuch")
    assert "embedded" in caught.value.remedy
    assert eventually(lambda: not pids(root))


def test_a_dead_engines_socket_is_no_obstacle(root: Path) -> None:
    state = root / ".floe-bench"
    state.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(protocol.socket_path(state)))
    assert connect(find_project(root), start=False) is None
    client = attend(root)
    assert client.status().stack == "embedded"
    client.close()


# ── deaths ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_killed_engines_lakehouse_is_adopted_and_ended(root: Path) -> None:
    client = attend(root)
    weed = weed_of(client)
    os.kill(client.engine_pid, signal.SIGKILL)
    with pytest.raises(EngineError):
        client.tables()
    assert alive(weed)

    again = attend(root)

    assert weed_of(again) == weed
    assert again.engine_pid != client.engine_pid
    again.close()
    assert gone(root)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_engine_that_is_asked_to_end_ends_what_it_started(root: Path, number: signal.Signals) -> None:
    client = attend(root)
    weed_of(client)
    os.kill(client.engine_pid, number)
    assert eventually(lambda: not pids(root))
    client.close(wait=False)


def test_a_run_that_is_asked_for_before_the_bench_is_whole_is_made(root: Path) -> None:
    client = attend(root)
    asked: list[str] = []
    asking = threading.Thread(target=lambda: asked.append(client.submit(RunRequest())), daemon=True)
    asking.start()
    try:
        asking.join(timeout=PATIENCE_S)
        assert eventually(lambda: asked and client.run(asked[0]).status is RunStatus.SUCCESS)
    finally:
        client.shutdown()


def test_a_boot_can_be_left(root: Path) -> None:
    client = attend(root)
    client.close()
    assert gone(root)


def test_a_lakehouse_that_dies_is_noticed_and_started_again(root: Path) -> None:
    with opened(root) as bench:
        assert bench.run().status == "success"
        weed = weed_of(bench.client)
        heard = len(bench.heard)

        os.kill(weed, signal.SIGKILL)

        later = lambda kind: [event for _, event in bench.heard[heard:] if isinstance(event, kind)]  # noqa: E731
        bench.until(lambda: any(event.about == "catalog" for event in later(ProblemSolved)), "it is back")
        said = [(event.about, event.message) for event in later(ProblemFound)]
        assert said and len(said) == len(set(said)), "once each"
        assert {about for about, _ in said} == {"catalog"} and all(message for _, message in said)
        assert [event.status.state for event in later(StackChanged)][-1] is StackState.READY
        assert weed_of(bench.client) != weed
        assert bench.client.query("select n from shop.one").rows == ((1,),)
        assert bench.run().status == "success"


def test_a_verb_right_after_the_lakehouses_death_says_so_and_may_be_tried_again(root: Path) -> None:
    with opened(root) as bench:
        with pytest.raises(StackError) as caught:
            while True:  # on a busy machine it may be back before the verb comes
                with suppress(ProcessLookupError):
                    os.kill(weed_of(bench.client), signal.SIGKILL)
                bench.client.tables()
        assert caught.value.retryable, caught.value
        bench.until(lambda: answers(bench.client), "the lakehouse is back")


def answers(client: EngineClient) -> bool:
    try:
        client.tables()
    except BenchError:
        return False
    return True


# ── neighbours and paths ──────────────────────────────────────────────────────────────────────────────────────────────


def test_two_projects_side_by_side_do_not_meet(tmp_path: Path) -> None:
    with opened(small(tmp_path / "one")) as one, opened(small(tmp_path / "two")) as two:
        assert one.client.engine_pid != two.client.engine_pid
        assert one.run().status == "success"
        assert [table.table for table in one.client.tables()] == ["shop.one"]
        assert two.client.tables() == ()
        two.client.shutdown()
        assert one.client.query("select n from shop.one").rows == ((1,),)


def test_a_long_path_works(tmp_path: Path) -> None:
    folder = tmp_path / ("deeply-" * 12) / ("nested-" * 12)
    assert len(str(folder)) > 150
    with opened(small(folder)) as bench:
        assert bench.run().status == "success"
        assert bench.client.query("select n from shop.one").rows == ((1,),)


# ── the wire ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_request_is_answered_and_costs_nobody_else_anything(root: Path) -> None:
    client = attend(root)
    path = protocol.socket_path(root / ".floe-bench")
    for said in (
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"{}\n",
        b'{"verb": "drink"}\n',
        b'{"verb": "runs", "args": {"limit": 0.5}}\n',
    ):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(path))
            stranger.sendall(said)
            answer = json.loads(stranger.makefile().readline())
            assert answer["error"]["kind"] == UsageError.__name__, (said, answer)
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert client.status().stack == "embedded"
    client.close()


def test_a_query_ends_when_its_client_goes(root: Path) -> None:
    with opened(root) as bench:
        path = protocol.socket_path(root / ".floe-bench")
        endless = "select count(*) from range(1000000000) a, range(1000000000) b"
        with socket.socket(socket.AF_UNIX) as leaving:
            leaving.connect(str(path))
            leaving.sendall(protocol.request_line("query", {"sql": endless}))
            engine = psutil.Process(bench.client.engine_pid)
            # In seconds of work, not in percent: a busy machine gives less of those.
            assert eventually(lambda: spent_by_readers(engine) > 2)
        assert eventually(lambda: rests(engine))


def rests(engine: psutil.Process) -> bool:
    """No process that reads takes much of a second; one that is killed since it does not hear is another way to end."""
    before, began = spent_by_readers(engine), time.monotonic()
    time.sleep(1)  # what is measured
    return spent_by_readers(engine) - before < 0.4 * (time.monotonic() - began)


def spent_by_readers(engine: psutil.Process) -> float:
    return sum(sum(times[:2]) for times in map(times_of, engine.children()))


def times_of(process: psutil.Process) -> tuple[float, ...]:
    with suppress(psutil.Error):
        return tuple(process.cpu_times()) if "reading_program" in " ".join(process.cmdline()) else (0.0, 0.0)
    return 0.0, 0.0
