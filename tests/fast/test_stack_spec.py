"""Stacks as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.adapters.stacks.container.settings import ContainerSettings
from floe_bench.adapters.stacks.external import ExternalStack
from floe_bench.adapters.stacks.settings import ProcessSettings
from floe_bench.adapters.stacks.spec import load_spec, specs
from floe_bench.errors import ConfigInvalid, StackUnavailable

OURS = Path(__file__).parents[2] / "stacks" / "embedded" / "stack.toml"


def folder_with(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "stack.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_embedded_stack_is_there_by_name() -> None:
    spec = load_spec("embedded")
    assert spec.name == "embedded"
    assert spec.driver == "process"
    assert spec.title
    assert {"nested_namespaces", "multi_table_commit", "persistent", "views"} <= spec.capabilities
    assert not {"vending", "register"} & spec.capabilities
    assert "embedded" in {known.name for known in specs()}


def test_every_stack_of_ours_is_valid() -> None:
    readers = {
        "process": ProcessSettings.read,
        "container": ContainerSettings.read,
        "external": lambda spec: ExternalStack(spec, state_dir=Path(), environ={}),
    }
    for spec in specs():
        assert readers[spec.driver](spec)


def test_every_port_is_given_and_used_once() -> None:
    settings = ProcessSettings.read(load_spec("embedded"))
    used = " ".join(settings.arguments)
    assert len(set(settings.ports)) == len(settings.ports)
    for port in settings.ports:
        assert used.count(f"{{port_{port}}}") == 1


def test_a_stack_is_found_by_its_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, OURS.read_text(encoding="utf-8"))
    assert load_spec(folder).name == "mine"
    assert load_spec(str(folder)).settings["file"] == str(folder / "stack.toml")


def test_an_unknown_stack_lists_those_there_are() -> None:
    with pytest.raises(StackUnavailable) as caught:
        load_spec("nope")
    assert "embedded" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('title = "SeaweedFS"', "", "title"),
        ('title = "SeaweedFS"', "title = 1", "title"),
        ('driver = "process"', 'driver = "procession"', "procession"),
        ("vending = false", 'vending = "no"', "capabilities.vending"),
        ('title = "SeaweedFS"', 'title = "x"\ncolour = "red"', "colour"),
        ("stop_timeout_s = 5", 'stop_timeout_s = "long"', "process.stop_timeout_s"),
        ("stop_timeout_s = 5", "stop_timeout_s = 0", "process.stop_timeout_s"),
        ("ready_timeout_s = 60", "", "process.ready_timeout_s"),
        ("-ip.bind=127.0.0.1", "-ip.bind={address}", "process.arguments"),
        ("{port_master}", "{port_nowhere}", "process.arguments"),
        ('"-dir={data}",', "", "process.arguments"),
        ('GOMEMLIMIT = "400MiB"', "GOMEMLIMIT = 400", "process.environment.GOMEMLIMIT"),
        ("{access_key}", "{password}", "process.environment.AWS_ACCESS_KEY_ID"),
        ('s3_region = "us-east-1"', 's3_region = "us-east-1"\ns4 = "x"', "process.endpoints.s4"),
        ('gate = "catalog"', 'gate = "garden"', "process.phases[1].gate"),
        ('gate = "ports"', 'gate = "data"', "process.phases[0].gate"),
        ('program = "weed"', 'program = ["weed"]', "process.program"),
        ('"master", "master_grpc"', '"master", "master"', "process.ports"),
    ],
)
def test_a_bad_stack_names_the_file_and_the_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = OURS.read_text(encoding="utf-8")
    assert old in text
    folder = folder_with(tmp_path, text.replace(old, new))
    with pytest.raises(ConfigInvalid) as caught:
        ProcessSettings.read(load_spec(folder))
    assert str(folder / "stack.toml") in caught.value.message
    assert key in caught.value.message
    assert caught.value.where == str(folder / "stack.toml")
    assert caught.value.remedy


def test_broken_toml_names_file_and_line(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 'title = "x"\ndriver = \n')
    with pytest.raises(ConfigInvalid, match="line 2") as caught:
        load_spec(folder)
    assert str(folder / "stack.toml") in caught.value.message
