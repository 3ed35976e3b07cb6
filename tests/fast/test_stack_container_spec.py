"""The words of a stack of containers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.adapters.stacks.container.image import Image, candidates, missing
from floe_bench.adapters.stacks.container.label import PROJECT, Place
from floe_bench.adapters.stacks.container.service import Plan
from floe_bench.adapters.stacks.container.settings import ContainerSettings
from floe_bench.adapters.stacks.container.vault import Vault, fingerprint
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import ConfigInvalid

OURS = Path(__file__).parents[2] / "stacks" / "seaweedfs"


@pytest.fixture
def settings() -> ContainerSettings:
    return ContainerSettings.read(load_spec("seaweedfs"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "seaweedfs"', "", "name"),
        ("{port_s3}", "{port_nowhere}", "arguments"),
        ('client_id = "{access_key}"', 'client_id = "{nobody}"', "client_id"),
        ('client_id = "{access_key}"', "", "client_id"),
        ('health = { port = "s3"', 'health = { port = "s4"', "health"),
        ("ports = { s3 = 8333, iceberg = 8181 }", "ports = { s3 = 0 }", "s3"),
        ('scratch = ["/tmp"]', 'needs = ["database"]', "needs"),
        ('scratch = ["/tmp"]', 'locked = "yes"', "locked"),
        ('scratch = ["/tmp"]', 'colour = "red"', "colour"),
        ('GOMEMLIMIT = "400MiB"', "GOMEMLIMIT = 400", "GOMEMLIMIT"),
        ('GOMEMLIMIT = "400MiB"', 'URL = "jdbc:h2:file:/data/polaris"', "environment.URL: keeps the catalog in H2"),
        ('GOMEMLIMIT = "400MiB"', 'URL = "jdbc:h2:/data/p;WRITE_DELAY=500"', "add ;WRITE_DELAY=0"),
        ('GOMEMLIMIT = "400MiB"', 'URL = "JDBC:H2:mem:test"', "keeps the catalog in memory"),
        ('"mini",', '"mini", "-Durl=jdbc:h2:~/polaris",', "arguments: keeps the catalog in H2"),
    ],
)
def test_a_bad_stack_names_the_file_and_the_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = (OURS / "stack.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "stack.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigInvalid) as caught:
        ContainerSettings.read(load_spec(tmp_path))
    assert str(tmp_path / "stack.toml") in caught.value.message
    assert key in caught.value.message


def test_a_catalog_in_h2_that_writes_at_once_is_taken(tmp_path: Path) -> None:
    text = (OURS / "stack.toml").read_text(encoding="utf-8")
    text = text.replace('GOMEMLIMIT = "400MiB"', 'URL = "jdbc:h2:file:/data/polaris; WRITE_DELAY = 0"')
    (tmp_path / "stack.toml").write_text(text, encoding="utf-8")
    assert ContainerSettings.read(load_spec(tmp_path)).services[0].environment["URL"].startswith("jdbc:h2")


def test_secrets_are_filled_into_files_that_have_braces_of_their_own(
    settings: ContainerSettings, tmp_path: Path
) -> None:
    values = {name: f"value-of-{name}" for name in settings.secrets} | {"port_s3": "1", "port_iceberg": "2"}
    plan = plan_of(settings, tmp_path, values)
    ((text, at),) = plan.files()
    assert at == "/iam.json"
    assert json.loads(text)["identities"][0]["credentials"] == [
        {"accessKey": "value-of-access_key", "secretKey": "value-of-secret_key"}
    ]


def plan_of(settings: ContainerSettings, tmp_path: Path, values: dict[str, str]) -> Plan:
    ports = {"s3": int(values["port_s3"]), "iceberg": int(values["port_iceberg"])}
    image = Image("floe-bench/seaweedfs:4.48", "sha256:abc")
    return Plan(Place(tmp_path, "seaweedfs"), settings.services[0], image, ports, values, settings.folder)


def test_whatever_changes_a_container_changes_its_hash(settings: ContainerSettings, tmp_path: Path) -> None:
    values = {**dict.fromkeys(settings.secrets, "x"), "port_s3": "1", "port_iceberg": "2"}
    plan = plan_of(settings, tmp_path, values)
    others = (
        plan_of(settings, tmp_path, values | {"port_s3": "3"}),
        plan_of(settings, tmp_path, values | {"secret_key": "y"}),
        replace(plan, image=Image("floe-bench/seaweedfs:4.48", "sha256:def")),
        replace(plan, settings=replace(plan.settings, environment={"A": "b"})),
    )
    assert plan.hash == plan_of(settings, tmp_path, values).hash
    assert len({plan.hash, *(other.hash for other in others)}) == 5


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets.json")
    first = vault.made(["a", "b"])
    vault.put(granted="by a service")
    assert vault.made(["a", "b", "c"])["a"] == first["a"]
    assert vault.made(())["granted"] == "by a service"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert fingerprint(first, ["a"]) != fingerprint(first, ["b"])
    assert first["a"] not in fingerprint(first, ["a"])


def test_the_variable_of_an_image_goes_before_all(settings: ContainerSettings) -> None:
    service = settings.services[0]
    assert candidates(service, {}) == service.images
    assert candidates(service, {"FLOE_BENCH_IMAGE_SEAWEEDFS": "mine:1"}) == ("mine:1",)
    assert "FLOE_BENCH_IMAGE_SEAWEEDFS=IMAGE" in missing(service, []).remedy


def test_two_projects_never_share_a_name_or_a_label(tmp_path: Path) -> None:
    one, other = Place(tmp_path / "a", "seaweedfs"), Place(tmp_path / "b", "seaweedfs")
    assert one.prefix != other.prefix
    assert one.owns(one.labels()) and not one.owns(other.labels())
    assert not one.owns(None) and not one.owns({}) and not one.owns({PROJECT: ""})


@pytest.mark.parametrize("name", ["polaris-minio", "polaris-seaweedfs"])
def test_polaris_start_script_and_we_name_one_collector(name: str) -> None:
    """The script adds ``-XX:+UseParallelGC`` unless it is told of another, and a JVM that is given two ends before it
    begins."""
    services = ContainerSettings.read(load_spec(name)).services
    environment = next(each.environment for each in services if each.name == "polaris")
    ours = [word for word in environment["JAVA_TOOL_OPTIONS"].split() if word.startswith("-XX:+Use")]
    assert ours == environment["GC_CONTAINER_OPTIONS"].split()
