"""Settings: who wins, and who said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.config.settings import Settings, load_settings
from floe_bench.errors import ConfigInvalid


def _file(root: Path, text: str) -> Path:
    (root / "floe-bench.toml").write_text(text)
    return root


def test_without_anything_every_value_is_a_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ={})
    assert settings == Settings(origin=settings.origin)
    assert set(settings.origin.values()) == {"default"}
    assert set(settings.origin) == set(Settings.__dataclass_fields__) - {"origin"}


def test_command_line_beats_environment_beats_file(tmp_path: Path) -> None:
    root = _file(tmp_path, 'theme = "nord"\nstack = "file"\nthreads = 2\n')
    environ = {"FLOE_BENCH_STACK": "environment", "FLOE_BENCH_THREADS": "8"}
    settings = load_settings(root, environ=environ, flags={"stack": "flag", "threads": None})
    assert (settings.stack, settings.threads, settings.theme) == ("flag", 8, "nord")
    assert settings.origin["stack"] == "--stack"
    assert settings.origin["threads"] == "FLOE_BENCH_THREADS"
    assert settings.origin["theme"].endswith("floe-bench.toml:1")
    assert settings.origin["keep"] == "default"


def test_an_unknown_key_names_itself_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="'thread'") as caught:
        load_settings(_file(tmp_path, 'stack = "embedded"\nthread = 2\n'), environ={})
    assert caught.value.remedy == "did you mean threads?"
    assert caught.value.where.endswith("floe-bench.toml:2")


def test_a_table_is_an_unknown_key_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="'zebra'") as caught:
        load_settings(_file(tmp_path, "keep = true\n[zebra]\nx = 1\n"), environ={})
    assert "memory_limit" in caught.value.remedy
    assert caught.value.where.endswith(":2")


@pytest.mark.parametrize(
    "text",
    ["threads = 0", "threads = true", 'threads = "4"', 'keep = "yes"', 'memory_limit = "much"', "stack = 1",
     'dagster_module = "a-b"', 'stack = "../x"'],
)  # fmt: skip
def test_a_value_of_the_wrong_form_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_file(tmp_path, text + "\n"), environ={})
    assert caught.value.where.endswith("floe-bench.toml:1")


def test_a_variable_of_the_wrong_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(tmp_path, environ={"FLOE_BENCH_THREADS": "many"})
    assert caught.value.where == "FLOE_BENCH_THREADS"


def test_good_values_of_every_kind_are_taken(tmp_path: Path) -> None:
    text = 'threads = 3\nmemory_limit = "1.5GiB"\ndagster_module = "shop.assets"\nkeep = true\n'
    settings = load_settings(_file(tmp_path, text), environ={"FLOE_BENCH_KEEP": "0", "FLOE_BENCH_DEBUG": "1"})
    assert (settings.threads, settings.memory_limit, settings.dagster_module) == (3, "1.5GiB", "shop.assets")
    assert settings.keep is False


def test_broken_toml_is_reported_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_file(tmp_path, "threads = 2\nstack = \n"), environ={})
    assert caught.value.where.endswith("floe-bench.toml:2")


def test_notifications_are_off_by_default_and_a_persons_own(tmp_path: Path) -> None:
    assert load_settings(tmp_path, environ={}).notify == ()
    own = tmp_path / "home" / "floe-bench" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('notify = ["bell", "osc9", "bell"]\nnotify_after_s = 5\n')
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    settings = load_settings(tmp_path, environ=environ)
    assert (settings.notify, settings.notify_after_s) == (("bell", "osc9"), 5)
    settings = load_settings(
        tmp_path, environ=environ | {"FLOE_BENCH_NOTIFY": "osc777", "FLOE_BENCH_NOTIFY_AFTER_S": "7"}
    )
    assert (settings.notify, settings.notify_after_s) == (("osc777",), 7)
    assert load_settings(_file(tmp_path, 'notify = ""\n'), environ=environ).notify == ()


def test_an_unknown_signal_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="bell, osc9, osc777") as caught:
        load_settings(_file(tmp_path, 'notify = "gong"\n'), environ={})
    assert caught.value.where.endswith("floe-bench.toml:1")
