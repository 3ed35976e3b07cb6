"""Assets that are remembered are those of the project as it is, or none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.adapters.orchestrators.dagster import remembered as room
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.remembered import remember, remembered
from floe_bench.config.project import find_project
from floe_bench.model.asset import Asset, AssetStatus

ASSETS = (
    Asset("raw/orders", "source", "raw", "raw.orders", status=AssetStatus.EXTERNAL, description="Bestellungen: größer"),
    Asset(
        "shop/totals", "table", "shop", "shop.totals", node_id="model.shop.totals", upstream=("raw/orders",),
        tags=("nightly",), owners=("ada",), path="models/totals.sql", checksum="8e13", unique_key=("id", "day"),
        checks_total=3, ingredients={"macro cents": "5f"},
    ),
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    place = Place(find_project(tmp_path))
    place.prepare()
    place.manifest.write_text("{}")
    remember(place, "as it is", ASSETS)
    return place


def test_an_unchanged_project_has_the_assets_that_were_read(place: Place) -> None:
    assert remembered(place, "as it is") == ASSETS


def test_a_changed_project_has_none(place: Place) -> None:
    assert remembered(place, "changed") is None


def test_what_another_version_of_the_code_made_is_not_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_by", lambda: "0.0.1 1")
    assert remembered(place, "as it is") is None


def test_without_the_manifest_that_others_read_there_are_none(place: Place) -> None:
    place.manifest.unlink()
    assert remembered(place, "as it is") is None


@pytest.mark.parametrize("text", ["", "{", '{"seen": "as it is"}', '{"seen": 1, "by": 2, "assets": [{"kind": 3}]}'])
def test_a_file_that_is_no_such_list_is_as_good_as_none(place: Place, text: str) -> None:
    place.assets.write_text(text)
    assert remembered(place, "as it is") is None


def test_the_newest_reading_counts(place: Place) -> None:
    fewer = (replace(ASSETS[0], description=""),)
    remember(place, "as it is", fewer)
    assert remembered(place, "as it is") == fewer
