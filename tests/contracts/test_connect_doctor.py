"""The doctor on a real lakehouse: it is well while that is well, and names the layer that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from floe_bench.model.finding import Finding, FindingState
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints, Service, StackState, StackStatus
from floe_bench.ports.site import Running
from floe_bench.ports.stack import Stack
from floe_bench.wiring.examination.check import found
from floe_bench.wiring.examination.lakehouse import lakehouse_checks
from tests.contracts.lakehouse import lakehouse as lakehouse


class UpAndRunning:
    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def status(self) -> StackStatus:
        return StackStatus("embedded", StackState.READY, (Service("weed", StackState.READY),))

    def endpoints(self) -> Endpoints:
        return self._endpoints


def findings(endpoints: Endpoints) -> dict[str, Finding]:
    checks = lakehouse_checks(cast(Running, UpAndRunning(endpoints)), cast(Stack, object()))
    return {each.check: each for each in found(each for each in checks if each.name != "duckdb attach")}


def test_a_lakehouse_that_works_is_well_and_keeps_no_trace_of_the_probe(lakehouse: Endpoints) -> None:
    from floe_bench.adapters.iceberg.catalog import open_catalog

    before = open_catalog(lakehouse).list_namespaces()
    assert {each.state for each in findings(lakehouse).values()} == {FindingState.OK}
    assert open_catalog(lakehouse).list_namespaces() == before


def test_wrong_credentials_fail_at_the_login_and_are_not_shown(lakehouse: Endpoints) -> None:
    seen = findings(replace(lakehouse, client_secret=Secret("not-the-secret")))
    assert seen["stack"].state is FindingState.OK
    assert seen["catalog login"].state is FindingState.FAIL
    assert seen["catalog login"].fix == "floe-bench logs --source stack"
    assert seen["write and read"].detail == "waits for catalog login"
    assert "not-the-secret" not in repr(seen)


def test_a_store_that_is_away_fails_at_write_and_read_only(lakehouse: Endpoints) -> None:
    seen = findings(replace(lakehouse, s3_secret_key=Secret("not-the-secret")))
    assert seen["catalog login"].state is FindingState.OK
    assert seen["write and read"].state is FindingState.FAIL
    assert seen["write and read"].fix == "floe-bench logs --source stack"
    assert "not-the-secret" not in repr(seen)


def test_a_catalog_that_does_not_answer_fails_at_the_login_within_its_limit(lakehouse: Endpoints) -> None:
    gone = "http://127.0.0.1:1"
    seen = findings(replace(lakehouse, catalog_uri=gone, token_uri=f"{gone}/v1/oauth/tokens"))
    assert seen["catalog login"].state is FindingState.FAIL
    assert gone in seen["catalog login"].detail
