"""Setting up Polaris: on what a real 1.7.0 answered, and on a real one where FLOE_BENCH_TEST_POLARIS names it.

The variable holds ``URI ROOT_SECRET`` of a server that may be written to.
"""

from __future__ import annotations

import os
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floe_bench.adapters.stacks.container.setup.polaris import PRIVILEGES, recheck_catalog, set_up_catalog
from floe_bench.adapters.stacks.container.vault import Vault
from floe_bench.errors import AccessDenied, Cancelled, StackNotReady
from tests.fake_polaris import FakePolaris, served

REAL = os.environ.get("FLOE_BENCH_TEST_POLARIS", "").split()


@pytest.fixture(params=["recorded", *(["real"] if REAL else [])])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Where it answers, and the root's secret."""
    if request.param == "real":
        yield REAL[0], REAL[1]
        return
    with served(FakePolaris("root-secret")) as polaris:
        yield polaris.uri, polaris.root_secret


@pytest.fixture
def fake() -> Iterator[FakePolaris]:
    with served(FakePolaris("root-secret")) as polaris:
        yield polaris


def values(uri: str, secret: str, **other: str) -> dict[str, str]:
    return {
        "uri": uri,
        "root_id": "root",
        "root_secret": secret,
        "catalog": "floe",
        "location": "s3://lake/floe",
        "endpoint": "http://127.0.0.1:29000",
        "endpoint_internal": "http://minio:9000",
        "region": "us-east-1",
        **other,
    }


def never() -> bool:
    return False


def logs_in(uri: str, vault: Vault) -> bool:
    known = vault.made(())
    form = {
        "grant_type": "client_credentials",
        "client_id": known["bench_id"],
        "client_secret": known["bench_secret"],
        "scope": "PRINCIPAL_ROLE:ALL",
    }
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{uri}/api/catalog/v1/oauth/tokens", data=data) as answer:
        return bool(answer.status == 200)


def test_afterwards_the_benchs_own_principal_logs_in(server: tuple[str, str], tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    set_up_catalog(values(*server), vault=vault, cancelled=never)
    assert logs_in(server[0], vault)


def test_a_second_time_changes_nothing(server: tuple[str, str], tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    set_up_catalog(values(*server), vault=vault, cancelled=never)
    before = dict(vault.made(()))
    assert set_up_catalog(values(*server), vault=vault, cancelled=never) == []
    assert dict(vault.made(())) == before


def test_credentials_that_were_lost_are_made_anew_for_the_same_principal(
    server: tuple[str, str], tmp_path: Path
) -> None:
    set_up_catalog(values(*server), vault=Vault(tmp_path / "lost.json"), cancelled=never)
    vault = Vault(tmp_path / "secrets.json")
    assert set_up_catalog(values(*server), vault=vault, cancelled=never) == ["new credentials"]
    assert logs_in(server[0], vault)


def test_root_credentials_of_an_older_database_say_so(server: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(AccessDenied, match="made with others") as caught:
        set_up_catalog(values(server[0], "wrong"), vault=Vault(tmp_path / "s.json"), cancelled=never)
    assert "reset" in caught.value.remedy


def test_a_store_that_moved_is_told_to_the_catalog(fake: FakePolaris, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    set_up_catalog(values(fake.uri, fake.root_secret), vault=vault, cancelled=never)
    moved = values(fake.uri, fake.root_secret, endpoint="http://127.0.0.1:29001")
    assert set_up_catalog(moved, vault=vault, cancelled=never) == ["catalog floe put right"]
    assert fake.catalog["storageConfigInfo"]["endpoint"] == "http://127.0.0.1:29001"
    assert "currentEntityVersion" in next(body for method, at, body in fake.heard if (method, at) == PUT_CATALOG)


PUT_CATALOG = ("PUT", "catalogs/floe")


def test_the_principal_gets_four_privileges_and_root_gets_none(fake: FakePolaris, tmp_path: Path) -> None:
    set_up_catalog(values(fake.uri, fake.root_secret), vault=Vault(tmp_path / "s.json"), cancelled=never)
    grants = [(at, body["grant"]) for _, at, body in fake.heard if body and "grant" in body]
    assert [grant["privilege"] for _, grant in grants] == list(PRIVILEGES)
    assert {at for at, _ in grants} == {"catalogs/floe/catalog-roles/bench_writer/grants"}


@pytest.mark.parametrize("given", [{}, {"role_arn": "arn:aws:iam::000000000000:role/FloeVend"}])
def test_a_role_is_named_to_stores_that_want_one_only(given: dict[str, str], fake: FakePolaris, tmp_path: Path) -> None:
    set_up_catalog(values(fake.uri, fake.root_secret, **given), vault=Vault(tmp_path / "s.json"), cancelled=never)
    assert fake.catalog["storageConfigInfo"].get("roleArn") == given.get("role_arn")


def rechecked(server: tuple[str, str], vault: Vault) -> dict[str, str]:
    return dict(recheck_catalog(values(*server), vault=vault))


def test_what_was_set_up_is_found_as_it_was_made(server: tuple[str, str], tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    set_up_catalog(values(*server), vault=vault, cancelled=never)
    found = rechecked(server, vault)
    steps = ("root", "catalog floe", "principal bench", "role bench_role", "role bench_writer", "4 grants")
    assert tuple(found) == steps
    assert not any(found.values())


def test_what_somebody_changed_since_is_named_and_the_next_set_up_puts_it_right(
    fake: FakePolaris, tmp_path: Path
) -> None:
    vault, server = Vault(tmp_path / "secrets.json"), (fake.uri, fake.root_secret)
    set_up_catalog(values(*server), vault=vault, cancelled=never)
    fake.granted.remove("TABLE_WRITE_DATA")
    fake.clients["bench-id"] = "another"
    fake.catalog["properties"] = {"default-base-location": "s3://elsewhere"}
    heard = len(fake.heard)
    found = rechecked(server, vault)
    assert found["4 grants"] == "bench_writer lacks TABLE_WRITE_DATA"
    assert found["principal bench"] == "its credentials were changed or lost"
    assert found["catalog floe"] == "its storage or its properties were changed"
    assert {method for method, _, _ in fake.heard[heard:]} == {"GET"}
    set_up_catalog(values(*server), vault=vault, cancelled=never)
    assert not any(rechecked(server, vault).values())


def test_a_server_that_was_never_set_up_and_a_root_that_it_does_not_know(fake: FakePolaris, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    assert "does not exist: bench" in rechecked((fake.uri, fake.root_secret), vault)["principal bench"]
    assert list(rechecked((fake.uri, "wrong"), vault)) == ["root"]
    assert "401" in rechecked((fake.uri, "wrong"), vault)["root"]


def test_a_server_that_is_away_or_a_user_who_cancels_ends_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    with pytest.raises(StackNotReady, match="does not answer"):
        set_up_catalog(values("http://127.0.0.1:9", "x"), vault=vault, cancelled=never)
    with pytest.raises(Cancelled):
        set_up_catalog(values("http://127.0.0.1:9", "x"), vault=vault, cancelled=lambda: True)


def test_every_body_is_one_that_the_official_models_read(fake: FakePolaris, tmp_path: Path) -> None:
    models: Any = pytest.importorskip(
        "apache_polaris.sdk.management.models", reason="uv pip install --no-deps apache-polaris==1.7.0"
    )
    vault = Vault(tmp_path / "secrets.json")
    first = values(fake.uri, fake.root_secret)
    set_up_catalog(first, vault=vault, cancelled=never)
    set_up_catalog({**first, "endpoint": "http://127.0.0.1:1"}, vault=Vault(tmp_path / "x.json"), cancelled=never)
    kinds = {
        ("POST", "catalogs"): models.CreateCatalogRequest,
        ("PUT", "catalogs/floe"): models.UpdateCatalogRequest,
        ("POST", "principals"): models.CreatePrincipalRequest,
        ("POST", "principals/bench/reset"): models.ResetPrincipalRequest,
        ("POST", "principal-roles"): models.CreatePrincipalRoleRequest,
        ("POST", "catalogs/floe/catalog-roles"): models.CreateCatalogRoleRequest,
        ("PUT", "principals/bench/principal-roles"): models.GrantPrincipalRoleRequest,
        ("PUT", "principal-roles/bench_role/catalog-roles/floe"): models.GrantCatalogRoleRequest,
        ("PUT", "catalogs/floe/catalog-roles/bench_writer/grants"): models.AddGrantRequest,
    }
    sent = {(method, at) for method, at, body in fake.heard if body is not None}
    assert sent == set(kinds)
    for method, at, body in fake.heard:
        if body is None:
            continue
        read = kinds[method, at].from_dict(body)
        assert read is not None
        # What a model does not know it drops without a word.
        assert _within(body, read.to_dict()), (method, at, body, read.to_dict())


def _within(sent: Any, read: Any) -> bool:
    if isinstance(sent, dict):
        return isinstance(read, dict) and all(key in read and _within(sent[key], read[key]) for key in sent)
    return bool(sent == read)
