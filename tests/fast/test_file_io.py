"""What a file costs at the store, counted by a store that only counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pyarrow.fs import AwsStandardS3RetryStrategy

from floe_bench.adapters.iceberg.file_io import LakeFileIO


class _Store(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []
        self.answer = 200


class _Answer(BaseHTTPRequestHandler):
    server: _Store

    def do_PUT(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(self.server.answer)
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


class Impatient(AwsStandardS3RetryStrategy):
    def __init__(self) -> None:
        super().__init__(max_attempts=1)


def reaching(store: _Store, **properties: str) -> LakeFileIO:
    address = f"http://127.0.0.1:{store.server_port}"
    keys = {"s3.access-key-id": "dummy", "s3.secret-access-key": "dummy", "s3.region": "us-east-1"}
    return LakeFileIO({"s3.endpoint": address, "s3.path-style-access": "true", **keys, **properties})


def test_a_store_that_is_busy_is_asked_as_often_as_the_settings_say(store: _Store) -> None:
    store.answer = 503
    io = reaching(store, **{"s3.retry-strategy-impl": f"{__name__}.{Impatient.__name__}"})
    with pytest.raises(OSError), io.new_output("s3://lake/orders/metadata/1.json").create(overwrite=True) as file:
        file.write(b"{}")
    assert len(store.asked) == 1


def test_a_small_file_is_written_with_one_request(store: _Store) -> None:
    io = reaching(store)
    with io.new_output("s3://lake/orders/metadata/1.json").create(overwrite=True) as file:
        file.write(b"{}")
    assert store.asked == ["PUT /lake/orders/metadata/1.json"]
