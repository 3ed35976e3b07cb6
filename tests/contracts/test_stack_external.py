"""Attaching to a lakehouse that somebody else runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog, properties
from floe_bench.adapters.stacks.external import ExternalStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import StackNotReady, StackUnavailable
from floe_bench.events import Event, PhaseEnded
from floe_bench.model.stack import Endpoints, StackState


def environ(endpoints: Endpoints) -> dict[str, str]:
    assert endpoints.s3_access_key is not None and endpoints.s3_secret_key is not None
    return {
        "FLOE_BENCH_CATALOG_URI": endpoints.catalog_uri,
        "FLOE_BENCH_CATALOG_WAREHOUSE": endpoints.warehouse,
        "FLOE_BENCH_CATALOG_CLIENT_ID": endpoints.client_id.reveal(),
        "FLOE_BENCH_CATALOG_CLIENT_SECRET": endpoints.client_secret.reveal(),
        "FLOE_BENCH_CATALOG_S3_ENDPOINT": endpoints.s3_endpoint,
        "FLOE_BENCH_CATALOG_S3_ACCESS_KEY": endpoints.s3_access_key.reveal(),
        "FLOE_BENCH_CATALOG_S3_SECRET_KEY": endpoints.s3_secret_key.reveal(),
    }


def stack(values: dict[str, str]) -> ExternalStack:
    return ExternalStack(load_spec("external"), state_dir=Path(), environ=values)


def test_it_is_attached_to_and_stays_up_and_whole(endpoints: Endpoints) -> None:
    external, events = stack(environ(endpoints)), list[Event]()
    found = external.up(events.append, lambda: False)
    assert found == endpoints
    assert [event.error for event in events if isinstance(event, PhaseEnded)] == [""]
    open_catalog(found).create_namespace_if_not_exists("theirs")
    external.down()
    assert external.reset() == ()
    assert external.status().state is StackState.READY
    assert ("theirs",) in open_catalog(endpoints).list_namespaces()


def test_what_is_not_set_is_named_with_the_line_to_type() -> None:
    error = stack({"FLOE_BENCH_CATALOG_URI": "http://127.0.0.1:9"}).obstacle()
    assert isinstance(error, StackUnavailable)
    assert "$FLOE_BENCH_CATALOG_WAREHOUSE" in error.message and "$FLOE_BENCH_CATALOG_URI" not in error.message
    assert error.remedy.startswith("export FLOE_BENCH_CATALOG_WAREHOUSE=")


def test_one_that_is_silent_is_failed_and_not_stopped(endpoints: Endpoints) -> None:
    silent = stack(environ(endpoints) | {"FLOE_BENCH_CATALOG_URI": "http://127.0.0.1:9"})
    assert silent.status().state is StackState.FAILED
    with pytest.raises(StackNotReady, match=r"127\.0\.0\.1:9"):
        silent.up(lambda event: None, lambda: False)


def test_a_catalog_that_lends_keys_needs_no_store(endpoints: Endpoints) -> None:
    values = {key: value for key, value in environ(endpoints).items() if "_S3_" not in key}
    found = stack(values).attach()
    assert not [key for key in properties(found) if key in ("s3.endpoint", "s3.access-key-id", "s3.secret-access-key")]
