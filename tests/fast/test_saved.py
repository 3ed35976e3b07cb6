"""Which files count as the project's, and what a new reading changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.saved import changed, look, stamp
from floe_bench.core.reread import compared
from floe_bench.model.project import Project
from tests.builders import asset, dbt_project


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = dbt_project(tmp_path / "shop", more="macro-paths: [../shared]\n")
    (root / "models").mkdir()
    (root / "models" / "a.sql").write_text("select 1\n")
    (tmp_path / "shared").mkdir()
    return Place(Project("shop", root, root, "shop", "shop"))


def since(place: Place, act: object) -> tuple[str, ...]:
    before = look(place)
    assert callable(act)
    act()
    now = look(place)
    found = changed(before, now, root=place.project.root)
    assert (stamp(now) == stamp(before)) == (not found)
    return found


def test_saved_new_and_deleted_files_are_named_from_the_root(place: Place) -> None:
    models = place.project.root / "models"
    assert since(place, lambda: None) == ()
    assert since(place, lambda: (models / "a.sql").write_text("select 22\n")) == ("models/a.sql",)
    assert since(place, lambda: (models / "b.yml").write_text("")) == ("models/b.yml",)
    assert since(place, lambda: (models / "b.yml").unlink()) == ("models/b.yml",)
    assert since(place, lambda: os.utime(models / "a.sql", ns=(1, 1))) == ("models/a.sql",)


def test_folders_that_the_configuration_names_outside_count_from_when_it_names_them(place: Place) -> None:
    macro = place.project.root.parent / "shared" / "m.sql"
    assert since(place, lambda: macro.write_text("{% macro m() %}{% endmacro %}")) == ("../shared/m.sql",)
    config = place.project.root / "dbt_project.yml"
    gone = since(place, lambda: config.write_text(config.read_text().replace("../shared", "macros")))
    assert gone == ("../shared/m.sql", "dbt_project.yml")
    assert since(place, lambda: macro.write_text("")) == ()


def test_what_nobody_reads_does_not_count(place: Place) -> None:
    def write() -> None:
        for name in (".git/x.sql", "target/x.sql", "logs/x.json", "venv/pyvenv.cfg", "venv/x.py", "models/x.swp"):
            file = place.project.root / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("")

    assert since(place, write) == ()


def test_a_reading_is_compared_asset_by_asset() -> None:
    old = (asset("a/one", checksum="1"), asset("a/two"), asset("a/gone"))
    new = (asset("a/new"), asset("a/one", checksum="2"), asset("a/two"))
    assert compared(old, new) == (("a/new",), ("a/one",), ("a/gone",))
    assert compared(old, reversed(old)) == ((), (), ())
