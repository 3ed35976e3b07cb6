"""A lakehouse, and in it what one Spark made: once, in a process of its own, for all tests."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from floe_bench.adapters.iceberg.catalog import CATALOG_NAME
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.wiring import other_engine
from tests.contracts.looking import Bench
from tests.contracts.spoiling import between

SPARK = os.environ.get("FLOE_BENCH_TEST_SPARK_35", "")
_PROGRAM = Path(__file__).with_name("spark_program.py")
_BUCKET = "plain"
_DEADLINE_S = 480


@dataclass(frozen=True)
class Corpus:
    """``told`` is what Spark says of each table, by name."""

    bench: Bench
    endpoints: Endpoints
    namespace: str
    told: Mapping[str, Mapping[str, Any]]

    def name(self, table: str) -> TableName:
        """Fails with Spark's own words where it could not make that table."""
        assert "fault" not in self.told[table], self.told[table]["fault"]
        return TableName((self.namespace,), table)


@pytest.fixture(scope="session")
def corpus(lakehouse: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    namespace = f"spark{secrets.token_hex(4)}"
    told = _made(lakehouse, namespace, tmp_path_factory.mktemp("spark"))
    bench = Bench(lakehouse, tmp_path_factory.mktemp("compute"))
    yield Corpus(bench, lakehouse, namespace, told)
    bench.close()


def _made(endpoints: Endpoints, namespace: str, folder: Path) -> Mapping[str, Mapping[str, Any]]:
    _make_bucket(endpoints)
    words = {"c": CATALOG_NAME, "ns": namespace, "bucket": f"s3://{_BUCKET}"}
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "TMPDIR": str(folder)}
    log = folder / "spark.log"
    with between(endpoints, _says_that_it_has_views) as served, log.open("wb") as out:
        process = subprocess.Popen(
            [SPARK, _PROGRAM, folder],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps({"settings": _settings(served), "words": words}).encode(), _DEADLINE_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 0, "\n".join(log.read_text(errors="replace").splitlines()[-40:])
    found: Mapping[str, Mapping[str, Any]] = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    return found


def _settings(endpoints: Endpoints) -> str:
    """What `connect spark` prints, up to the session, but for Iceberg's jars: those are another Spark's."""
    names = ("client_id", "client_secret", "s3_access_key", "s3_secret_key")
    text = other_engine.spark(endpoints, {name: repr(getattr(endpoints, name).reveal()) for name in names})
    lines = text.partition("spark = builder")[0].splitlines(keepends=True)
    return "".join(line for line in lines if "spark.jars.packages" not in line)


def _make_bucket(endpoints: Endpoints) -> None:
    from pyarrow.fs import S3FileSystem

    key, secret = endpoints.s3_access_key, endpoints.s3_secret_key
    assert key is not None and secret is not None
    keys = {"access_key": key.reveal(), "secret_key": secret.reveal()}
    S3FileSystem(endpoint_override=endpoints.s3_endpoint, allow_bucket_creation=True, **keys).create_dir(_BUCKET)


def _says_that_it_has_views(path: str, query: Mapping[str, str], said: bytes) -> bytes:
    """SeaweedFS serves views and does not say so, and Spark believes what it says."""
    if not path.endswith("/v1/config"):
        return said
    answer = json.loads(said)
    answer["overrides"] = {**answer.get("overrides", {}), "view-endpoints-supported": "true"}
    return json.dumps(answer).encode()
