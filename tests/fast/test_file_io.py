"""What a file costs at the store, counted by a store that only counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from floe_bench.adapters.iceberg.file_io import LakeFileIO


class _Store(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    server: _Store

    def do_PUT(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("ETag", '"any"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def store() -> Iterator[_Store]:
    with _Store() as store:
        threading.Thread(target=store.serve_forever, daemon=True).start()
        yield store
        store.shutdown()


def test_a_small_file_is_written_with_one_request(store: _Store) -> None:
    address = f"http://127.0.0.1:{store.server_port}"
    keys = {"s3.access-key-id": "dummy", "s3.secret-access-key": "dummy", "s3.region": "us-east-1"}
    io = LakeFileIO({"s3.endpoint": address, "s3.path-style-access": "true", **keys})
    with io.new_output("s3://lake/orders/metadata/1.json").create(overwrite=True) as file:
        file.write(b"{}")
    assert store.asked == ["PUT /lake/orders/metadata/1.json"]
