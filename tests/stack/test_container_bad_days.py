"""What goes wrong around a stack of containers, for real: each is a message that says what to do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import pyarrow as pa
import pytest
from pyarrow import fs

from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.label import Place
from floe_bench.adapters.stacks.container.leftover import Leftover, leftovers
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.lakehouse import write_and_read
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import StackNotReady, StackUnavailable
from floe_bench.model.finding import FindingState
from floe_bench.model.stack import Endpoints, StackState
from floe_bench.wiring.examination.container import leftovers as seen_by_the_doctor
from tests.contracts.lakehouse import packed
from tests.stack.on_stacks import absent
from tests.stack.test_container_stack import changed, eventually

pytestmark = pytest.mark.xdist_group("life of a stack")
on_minio = pytest.mark.skipif(bool(absent("iceberg-rest-minio")), reason=f"MinIO: {absent('iceberg-rest-minio')}")
on_seaweedfs = pytest.mark.skipif(bool(absent("seaweedfs")), reason=f"seaweedfs: {absent('seaweedfs')}")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
WRITER = """
import json, sys
from floe_bench.adapters.stacks.lakehouse import write_and_read
from floe_bench.errors import StackNotReady
from tests.contracts.lakehouse import unpacked

try:
    write_and_read(unpacked(json.loads(sys.stdin.read())))
    print("written")
except StackNotReady as error:
    print(error.message)
"""
Make = Callable[..., ContainerStack]
DOCKER = "/var/run/docker.sock"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Stacks of the test's own project; nothing of them is left."""
    made: list[ContainerStack] = []

    def build(stack: ContainerStack) -> ContainerStack:
        made.append(stack)
        return stack

    yield build
    for stack in made:
        stack.reset()


def up(stack: ContainerStack) -> Endpoints:
    return stack.up(lambda event: None, lambda: False)


def store_of(endpoints: Endpoints) -> fs.S3FileSystem:
    assert endpoints.s3_access_key is not None and endpoints.s3_secret_key is not None
    return fs.S3FileSystem(
        access_key=endpoints.s3_access_key.reveal(),
        secret_key=endpoints.s3_secret_key.reveal(),
        endpoint_override=endpoints.s3_endpoint.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
        allow_bucket_deletion=True,
    )


@on_minio
def test_a_bucket_that_is_gone_is_said_by_writers_and_catalog_and_found_by_the_doctor(
    make: Make, tmp_path: Path
) -> None:
    stack = make(ContainerStack(load_spec("iceberg-rest-minio"), state_dir=tmp_path / ".floe-bench"))
    endpoints = up(stack)
    catalog = open_catalog(endpoints)
    catalog.create_namespace("shop")
    table = catalog.create_table("shop.orders", pa.schema([("n", pa.int64())]))
    assert [fault for _, fault in stack.recheck()] == [""]
    store_of(endpoints).delete_dir("lake")
    assert list(stack.recheck()) == [("bucket lake", "the bucket lake is gone, and every table with it")]
    with pytest.raises(StackUnavailable, match="the bucket of the lakehouse is gone"), translated("shop.orders"):
        table.append(pa.table({"n": [1]}))
    with pytest.raises(StackUnavailable, match="the bucket of the lakehouse is gone"):
        write_and_read(endpoints)


@on_minio
@pytest.mark.skipif(not FAKETIME.exists(), reason=f"clocks: there is no {FAKETIME} (apt-get install libfaketime)")
@pytest.mark.parametrize("ahead_s", [0, 3600], ids=["the same time", "an hour ahead"])
def test_a_clock_that_is_an_hour_off_is_said_to_be_by_writers(make: Make, tmp_path: Path, ahead_s: int) -> None:
    """It is the writer's that is moved: the store is a static program, and a container has the machine's clock. PyArrow
    asks the store for its time and signs again; the catalog then refuses the commit."""
    endpoints = up(make(ContainerStack(load_spec("iceberg-rest-minio"), state_dir=tmp_path / ".floe-bench")))
    shifted = {
        **os.environ,
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME": f"+{ahead_s}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", WRITER],
        input=json.dumps(packed(endpoints)),
        env=shifted,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = "its clock and this machine's differ" if ahead_s else "written"
    assert said in done.stdout


@on_minio
def test_a_store_without_room_says_that_its_disk_is_full_and_keeps_what_it_had(make: Make, tmp_path: Path) -> None:
    state_dir = tmp_path / ".floe-bench"
    place = Place(state_dir.absolute(), "iceberg-rest-minio")
    client = docker.from_env()
    small = {"type": "tmpfs", "device": "tmpfs", "o": "size=96m"}
    client.volumes.create(f"{place.prefix}-objects", driver="local", driver_opts=small, labels=place.labels())
    client.close()
    stack = make(ContainerStack(load_spec("iceberg-rest-minio"), state_dir=state_dir))
    catalog = open_catalog(up(stack))
    catalog.create_namespace("shop")
    table = catalog.create_table("shop.orders", pa.schema([("b", pa.binary())]))
    table.append(pa.table({"b": [b"kept"]}))
    with pytest.raises(StackNotReady, match="disk is full") as caught, translated("shop.orders"):
        for _ in range(5):
            table.append(pa.table({"b": [os.urandom(1 << 20) for _ in range(30)]}))
    assert "floe-bench expire" in caught.value.remedy
    assert b"kept" in catalog.load_table("shop.orders").scan().to_arrow()["b"].to_pylist()


@on_seaweedfs
def test_a_service_that_never_becomes_healthy_is_ended_with_its_last_words(make: Make, tmp_path: Path) -> None:
    spec = changed(health={"port": "s3", "path": "/no/such/page"})
    spec.settings["ready_timeout_s"] = 20
    stack = make(ContainerStack(spec, state_dir=tmp_path / ".floe-bench"))
    with pytest.raises(StackNotReady, match="SeaweedFS did not answer in time") as caught:
        up(stack)
    assert len(caught.value.message.splitlines()) > 1
    assert caught.value.remedy == "floe-bench logs --source stack"
    assert stack.status().state is StackState.STOPPED


def test_what_benches_that_are_gone_left_is_named_and_left_alone(tmp_path: Path) -> None:
    there, gone = Place(tmp_path / ".floe-bench", "seaweedfs"), Place(tmp_path / "gone" / ".floe-bench", "seaweedfs")
    there.state_dir.mkdir()
    client = docker.from_env()
    volumes = [client.volumes.create(f"{place.prefix}-data", labels=place.labels()) for place in (there, gone)]
    mine, dead = (
        client.networks.create(f"{gone.prefix}-{name}", labels=gone.labels(**{label.OWNER: owner}))
        for name, owner in (("mine", label.owner()), ("dead", "999999999:1.0:another-boot"))
    )
    try:
        found = list(leftovers(client))
        assert Leftover("volume", f"{gone.prefix}-data") in found
        assert Leftover("network", f"{gone.prefix}-dead") in found
        named = {each.name for each in found}
        assert not {f"{there.prefix}-data", f"{gone.prefix}-mine"} & named
        assert seen_by_the_doctor().state is FindingState.WARN
        assert client.volumes.get(f"{gone.prefix}-data")
    finally:
        for each in (*volumes, mine, dead):
            each.remove()
        client.close()


@contextmanager
def daemon_at(path: Path) -> Iterator[None]:
    """The real daemon under another address, which is gone afterwards, with every connection through it."""
    open_: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen(16)

        def copy(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while part := source.recv(65536):
                    target.sendall(part)
                target.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    here, _ = server.accept()
                    there = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                    there.connect(DOCKER)
                    open_.extend((here, there))
                    for pair in ((here, there), (there, here)):
                        threading.Thread(target=copy, args=pair, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for each in open_:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
    path.unlink()


@on_seaweedfs
@pytest.mark.skipif(not Path(DOCKER).exists(), reason=f"the daemon is not at {DOCKER}")
def test_a_daemon_that_was_restarted_is_found_again_and_said_while_it_is_away(
    make: Make, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = tmp_path_factory.mktemp("d") / "s"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{address}")
    stack = ContainerStack(load_spec("seaweedfs"), state_dir=tmp_path / ".floe-bench")
    try:
        with daemon_at(address):
            endpoints = up(stack)
            assert stack.status().state is StackState.READY
        away = stack.status()
        assert away.state is StackState.STOPPED
        assert "the Docker daemon does not answer" in away.services[0].detail
        with pytest.raises(StackUnavailable, match="Docker daemon") as caught:
            up(stack)
        assert "systemctl start docker" in caught.value.remedy
        with daemon_at(address):
            assert eventually(lambda: stack.status().state is not StackState.STOPPED or not stack.status().services)
            # A daemon ends its containers when it ends; this one only seemed to.
            assert up(stack) == endpoints
            write_and_read(endpoints)
    finally:
        monkeypatch.delenv("DOCKER_HOST")
        make(ContainerStack(load_spec("seaweedfs"), state_dir=tmp_path / ".floe-bench"))
