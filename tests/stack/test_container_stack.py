"""The life of a stack of containers, on a real daemon: started, found again, broken from outside, gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
from docker.models.containers import Container

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.container import label, service
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import Cancelled, StackNotReady, StackUnavailable
from floe_bench.events import Event, PhaseEnded, PhaseStarted
from floe_bench.model.stack import Endpoints, StackSpec, StackState
from tests.contracts.workbench import eventually
from tests.stack.on_stacks import absent

pytestmark = [
    pytest.mark.skipif(bool(absent("seaweedfs")), reason=f"seaweedfs: {absent('seaweedfs')}"),
    pytest.mark.xdist_group("life of a stack"),
]
Make = Callable[..., ContainerStack]


@pytest.fixture(scope="module")
def daemon() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Stacks of the test's own project; nothing of them is left."""
    made: list[ContainerStack] = []

    def build(spec: StackSpec | None = None, *, state_dir: Path = tmp_path / ".floe-bench") -> ContainerStack:
        made.append(ContainerStack(spec or load_spec("seaweedfs"), state_dir=state_dir))
        return made[-1]

    yield build
    for stack in made:
        stack.reset()


def up(stack: ContainerStack) -> Endpoints:
    return stack.up(lambda event: None, lambda: False)


def of_project(daemon: docker.DockerClient, state_dir: Path) -> list[Container]:
    project = label.Place(state_dir.absolute(), "seaweedfs").project
    found: list[Container] = daemon.containers.list(
        all=True, filters={"label": f"{label.PROJECT}={project}"}, ignore_removed=True
    )
    return found


def changed(**values: Any) -> StackSpec:
    """The seaweedfs stack with other words for its service."""
    spec = load_spec("seaweedfs")
    services: list[dict[str, Any]] = spec.settings["services"]  # type: ignore[assignment]
    return replace(spec, settings={**spec.settings, "services": [{**services[0], **values}]})


def test_it_is_open_on_this_machine_only_and_labelled_as_ours(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    up(make())
    (container,) = of_project(daemon, tmp_path / ".floe-bench")
    published = [each for ports in container.attrs["NetworkSettings"]["Ports"].values() for each in ports or ()]
    assert published and {each["HostIp"] for each in published} == {"127.0.0.1"}
    assert container.labels[label.STACK] == "seaweedfs"
    assert label.alive(container.labels[label.OWNER])
    for kind in (daemon.networks, daemon.volumes):
        found = kind.list(filters={"label": f"{label.PROJECT}={container.labels[label.PROJECT]}"})
        assert [each.name for each in found] and all(each.attrs["Labels"][label.STACK] == "seaweedfs" for each in found)


def test_a_second_start_finds_the_first_ones_container(make: Make, daemon: docker.DockerClient, tmp_path: Path) -> None:
    first = up(make())
    (before,) = of_project(daemon, tmp_path / ".floe-bench")
    assert up(make()) == first
    (after,) = of_project(daemon, tmp_path / ".floe-bench")
    assert after.id == before.id
    assert make().attach() == first


def test_another_configuration_is_another_container_with_the_same_data(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    endpoints = up(make())
    open_catalog(endpoints).create_namespace("kept")
    (before,) = of_project(daemon, tmp_path / ".floe-bench")
    again = up(make(changed(environment={"GOMEMLIMIT": "300MiB"})))
    (after,) = of_project(daemon, tmp_path / ".floe-bench")
    assert after.id != before.id
    assert again == endpoints
    assert ("kept",) in open_catalog(again).list_namespaces()


def test_down_keeps_ports_and_data_and_reset_keeps_nothing(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    stack = make()
    endpoints = up(stack)
    open_catalog(endpoints).create_namespace("kept")
    stack.down()
    assert of_project(daemon, tmp_path / ".floe-bench") == []
    assert stack.status().state is StackState.STOPPED
    assert up(stack) == endpoints
    assert ("kept",) in open_catalog(endpoints).list_namespaces()
    assert "in the Docker volume" in stack.reset()[0]
    project = label.Place(tmp_path / ".floe-bench", "seaweedfs").project
    for kind in (daemon.networks, daemon.volumes):
        assert kind.list(filters={"label": f"{label.PROJECT}={project}"}) == []


def test_nothing_of_anybody_else_is_touched(make: Make, daemon: docker.DockerClient, tmp_path: Path) -> None:
    image = "floe-bench/seaweedfs:4.48"
    users = daemon.containers.create(image, ["version"], labels={"who": "user"})
    volume = daemon.volumes.create(labels={"who": "user"})
    other = make(state_dir=tmp_path / "other" / ".floe-bench")
    up(other)
    try:
        stack = make()
        up(stack)
        stack.reset()
        assert other.status().state is StackState.READY
        assert daemon.containers.get(users.id).status == "created"
        assert daemon.volumes.get(volume.name)
    finally:
        users.remove()
        volume.remove()


def test_a_container_that_ends_is_noticed_at_once_with_its_last_words(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    events: list[Event] = []
    spec = changed(arguments=["nosuch"])
    spec.settings["ready_timeout_s"] = 3600
    stack = make(spec)
    with pytest.raises(StackNotReady, match=r"ended with exit \d+ while it started") as caught:
        stack.up(events.append, lambda: False)  # it does not wait for the hour that it may take
    assert "unknown subcommand" in caught.value.message
    ended = [event for event in events if isinstance(event, PhaseEnded)]
    assert len(ended) == len([event for event in events if isinstance(event, PhaseStarted)])
    assert ended[-1].error
    assert of_project(daemon, tmp_path / ".floe-bench") == []


def test_a_start_that_is_cancelled_leaves_nothing(make: Make, daemon: docker.DockerClient, tmp_path: Path) -> None:
    seen: list[Event] = []
    with pytest.raises(Cancelled):
        make().up(seen.append, lambda: len(seen) > 0)
    assert of_project(daemon, tmp_path / ".floe-bench") == []


def test_a_port_that_is_taken_between_look_and_start_is_left_to_its_holder(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, held = service.start, []

    def late(client: docker.DockerClient, plan: service.Plan, *, network: str) -> Container:
        if not held:
            held.append(socket.create_server(("127.0.0.1", plan.ports["s3"])))
        return start(client, plan, network=network)

    monkeypatch.setattr(service, "start", late)
    endpoints = up(make())
    try:
        assert f":{held[0].getsockname()[1]}" not in endpoints.s3_endpoint
        open_catalog(endpoints).create_namespace("works")
    finally:
        held[0].close()


def test_a_container_that_somebody_removed_is_missed_and_comes_back(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    stack = make()
    endpoints = up(stack)
    (container,) = of_project(daemon, tmp_path / ".floe-bench")
    container.remove(force=True)
    assert stack.status().state is StackState.STOPPED
    assert up(stack) == endpoints
    assert stack.status().state is StackState.READY


def test_a_restart_keeps_container_ports_data_and_log(make: Make, daemon: docker.DockerClient, tmp_path: Path) -> None:
    stack = make()
    endpoints = up(stack)
    open_catalog(endpoints).create_namespace("kept")
    (before,) = of_project(daemon, tmp_path / ".floe-bench")
    lines = list(stack.tail(20, "seaweedfs"))
    assert stack.restart("seaweedfs", lambda event: None, lambda: False) == endpoints
    (after,) = of_project(daemon, tmp_path / ".floe-bench")
    assert after.id == before.id and after.attrs["State"]["StartedAt"] > before.attrs["State"]["StartedAt"]
    assert ("kept",) in open_catalog(endpoints).list_namespaces()
    assert lines and set(lines) <= set(stack.tail(5000, "seaweedfs"))


def test_a_stopped_service_is_measured_no_more_and_a_paused_one_can_be_restarted(
    make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    stack = make()
    endpoints = up(stack)
    (seen,) = stack.status().services
    assert seen.image == "floe-bench/seaweedfs:4.48" and len(seen.digest) == 12
    assert stack.memory_bytes()["seaweedfs"] > 10_000_000
    (container,) = of_project(daemon, tmp_path / ".floe-bench")
    container.pause()
    assert stack.restart("seaweedfs", lambda event: None, lambda: False) == endpoints
    stack.halt("seaweedfs")
    (seen,) = stack.status().services
    assert (seen.state, seen.detail) == (StackState.STOPPED, "ended with exit 0")
    assert stack.memory_bytes() == {}
    assert up(stack) == endpoints


def test_a_paused_service_does_not_pass_for_ready(make: Make, daemon: docker.DockerClient, tmp_path: Path) -> None:
    stack = make()
    up(stack)
    (container,) = of_project(daemon, tmp_path / ".floe-bench")
    container.pause()
    (seen,) = stack.status().services
    assert (seen.state, seen.detail) == (StackState.FAILED, "paused")
    assert stack.silent() == "storage"
    container.unpause()
    assert eventually(lambda: stack.silent() == "")
    assert eventually(lambda: stack.status().state is StackState.READY)


def test_an_image_that_nobody_has_is_a_message_with_the_way_to_get_it(make: Make) -> None:
    with pytest.raises(StackUnavailable) as caught:
        up(make(changed(images=["floe-bench/nobody:1"], image_variable="FLOE_BENCH_IMAGE_NOBODY")))
    assert "no image of SeaweedFS" in caught.value.message
    assert "FLOE_BENCH_IMAGE_NOBODY" in caught.value.remedy


def test_a_variable_names_another_image(
    make: Make, daemon: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.images.get("floe-bench/seaweedfs:4.48").tag("floe-bench-test/mine", "1")
    monkeypatch.setenv("FLOE_BENCH_IMAGE_SEAWEEDFS", "floe-bench-test/mine:1")
    try:
        up(make())
        (container,) = of_project(daemon, tmp_path / ".floe-bench")
        assert container.labels[label.IMAGE].startswith("floe-bench-test/mine:1")
    finally:
        daemon.images.remove("floe-bench-test/mine:1")


# ── whoever started it is killed ──────────────────────────────────────────────────────────────────────────────────────

STARTER = """
import sys
from pathlib import Path
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec

stack = ContainerStack(load_spec("seaweedfs"), state_dir=Path(sys.argv[1]))
stack.up(lambda event: print(type(event).__name__, event.phase, flush=True), lambda: False)
print("up", flush=True)
sys.stdin.read()
"""


def started(state_dir: Path, *, until: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(state_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == until:
            return process
    raise AssertionError(f"it never came to {until}")


def watchdog(process: subprocess.Popen[str]) -> psutil.Process:
    (found,) = [each for each in psutil.Process(process.pid).children() if "watchdog" in " ".join(each.cmdline())]
    return found


MOMENTS = ("PhaseStarted seaweedfs", "PhaseEnded seaweedfs", "PhaseStarted write and read", "up")


@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_is_killed_at_any_moment_leaves_no_container(
    moment: str, make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    state_dir = tmp_path / ".floe-bench"
    process = started(state_dir, until=moment)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert eventually(lambda: of_project(daemon, state_dir) == [])
    up(make())


@pytest.mark.parametrize("moment", MOMENTS)
def test_where_the_watchdog_is_killed_too_the_next_start_takes_over(
    moment: str, make: Make, daemon: docker.DockerClient, tmp_path: Path
) -> None:
    state_dir = tmp_path / ".floe-bench"
    process = started(state_dir, until=moment)
    guard = watchdog(process)
    guard.kill()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    stack = make()
    up(stack)
    assert len(of_project(daemon, state_dir)) == 1
    stack.down()
    assert of_project(daemon, state_dir) == []


def test_a_stack_that_another_process_runs_is_left_to_it(make: Make, tmp_path: Path) -> None:
    state_dir = tmp_path / ".floe-bench"
    process = started(state_dir, until="up")
    try:
        with pytest.raises(StackUnavailable, match=f"process {process.pid} runs the seaweedfs stack"):
            make().up(lambda event: None, lambda: True)
    finally:
        process.kill()
        process.wait()


def test_the_stack_file_names_what_the_image_is_built_as() -> None:
    root = Path(__file__).parents[2] / "stacks" / "images"
    version = tomllib.loads((root / "seaweedfs" / "image.toml").read_text())["version"]
    services: list[dict[str, Any]] = load_spec("seaweedfs").settings["services"]  # type: ignore[assignment]
    assert services[0]["images"][0] == f"floe-bench/seaweedfs:{version}"
