"""What dbt is told of a selection."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.adapters.orchestrators.dagster.definitions import _arguments
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.tag import EXCLUDE, SELECT
from floe_bench.model.project import Project


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Project("shop", tmp_path, tmp_path, "shop", "shop"))


def test_several_words_are_one_argument(place: Place) -> None:
    told = _arguments(place, {SELECT: "stg_orders+ tag:nightly", EXCLUDE: "mart_a mart_b"})
    assert told[-4:] == ["--select", "stg_orders+ tag:nightly", "--exclude", "mart_a mart_b"]


def test_dbt_never_sees_a_python_asset(place: Place) -> None:
    assert _arguments(place, {SELECT: "asset:python/plan orders"})[-2:] == ["--select", "orders"]
    assert "--select" not in _arguments(place, {SELECT: "asset:python/plan"})


def test_tests_that_read_unselected_tables_stay_out_unless_the_user_says_otherwise(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBT_INDIRECT_SELECTION", raising=False)
    assert _arguments(place, {})[-2:] == ["--indirect-selection", "buildable"]
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "eager")
    assert _arguments(place, {})[-2:] == ["--indirect-selection", "eager"]
