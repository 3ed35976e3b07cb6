"""The code location attaches to a stack that runs; it starts none."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.errors import NoProject, StackNotReady
from tests.builders import dbt_project

MODULE = "floe_bench.code_location"


@pytest.fixture(autouse=True)
def not_imported() -> Iterator[None]:
    sys.modules.pop(MODULE, None)
    yield
    sys.modules.pop(MODULE, None)


def test_without_a_running_stack_it_says_what_to_type_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOE_BENCH_PROJECT", str(dbt_project(tmp_path)))
    with pytest.raises(StackNotReady) as refused:
        importlib.import_module(MODULE)
    assert refused.value.remedy == "floe-bench up"
    assert not list(tmp_path.rglob("*.log"))


def test_a_folder_without_a_project_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOE_BENCH_PROJECT", str(tmp_path))
    with pytest.raises(NoProject):
        importlib.import_module(MODULE)


def test_another_dagster_home_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FLOE_BENCH_PROJECT", str(dbt_project(tmp_path)))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(StackNotReady):
        importlib.import_module(MODULE)
    assert str(tmp_path / ".floe-bench" / "dagster") in caplog.text
    caplog.clear()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / ".floe-bench" / "dagster"))
    with pytest.raises(StackNotReady):
        importlib.import_module(MODULE)
    assert not caplog.text
