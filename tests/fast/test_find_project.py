"""Finding the project in front of the user."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.config.project import find_project, namespace_of
from floe_bench.errors import ConfigInvalid, NoProject
from tests.builders import dbt_project


def test_a_folder_with_dbt_project_yml_is_a_project(tmp_path: Path) -> None:
    found = find_project(dbt_project(tmp_path / "Shop"))
    assert (found.root, found.dbt_dir) == (tmp_path / "Shop", tmp_path / "Shop")
    assert (found.name, found.profile, found.namespace) == ("shop", "shop", "shop")


def test_a_dbt_folder_one_level_below_keeps_the_opened_folder_as_root(tmp_path: Path) -> None:
    dbt_project(tmp_path / "transform")
    found = find_project(tmp_path)
    assert (found.root, found.dbt_dir) == (tmp_path, tmp_path / "transform")


def test_two_levels_below_is_not_looked_at(tmp_path: Path) -> None:
    dbt_project(tmp_path / "a" / "b")
    with pytest.raises(NoProject) as caught:
        find_project(tmp_path)
    assert caught.value.remedy == "floe-bench demo"


def test_several_candidates_are_listed_and_none_is_picked(tmp_path: Path) -> None:
    dbt_project(tmp_path / "one")
    dbt_project(tmp_path / "two")
    with pytest.raises(NoProject, match="one, two"):
        find_project(tmp_path)


def test_hidden_folders_are_no_candidates(tmp_path: Path) -> None:
    dbt_project(tmp_path / ".cache")
    dbt_project(tmp_path / "shop")
    assert find_project(tmp_path).dbt_dir == tmp_path / "shop"


def test_from_deep_inside_a_project_it_is_found_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = dbt_project(tmp_path / "shop") / "models" / "staging"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_project().root == tmp_path / "shop"


def test_a_neighbours_project_is_not_taken_from_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dbt_project(tmp_path / "somebody_else")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(NoProject):
        find_project()


def test_inside_one_repository_the_dbt_folder_beside_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    dbt_project(tmp_path / "transform")
    (tmp_path / "scripts").mkdir()
    monkeypatch.chdir(tmp_path / "scripts")
    assert find_project().root == tmp_path


@pytest.mark.parametrize(
    "product",
    ["orchestration: {dbt: {project_dir: sql}}", "dbt: {project_dir: sql}", "transforms: [{type: dbt, path: sql}]"],
)
def test_a_product_may_name_its_dbt_folder_in_each_dialect(tmp_path: Path, product: str) -> None:
    (tmp_path / "floe.yaml").write_text(product)
    dbt_project(tmp_path / "sql")
    dbt_project(tmp_path / "other")
    assert find_project(tmp_path).dbt_dir == tmp_path / "sql"


def test_a_product_with_dbt_project_yml_beside_is_one_folder(tmp_path: Path) -> None:
    (tmp_path / "floe.yaml").write_text("kind: FloeSpec\ntransforms: [{name: stg_orders}]\n")
    assert find_project(dbt_project(tmp_path)).dbt_dir == tmp_path


def test_the_dbt_folder_of_a_product_opens_the_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "floe.yaml").write_text("dbt: {project_dir: sql}")
    monkeypatch.chdir(dbt_project(tmp_path / "sql"))
    assert find_project().root == tmp_path


def test_a_product_that_names_an_empty_folder_says_where(tmp_path: Path) -> None:
    (tmp_path / "floe.yaml").write_text("name: shop\ndbt:\n  project_dir: nowhere\n")
    with pytest.raises(ConfigInvalid, match="nowhere") as caught:
        find_project(tmp_path)
    assert caught.value.where.endswith("floe.yaml:3")


def test_broken_yaml_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: [shop\nversion: 1\n")
    with pytest.raises(ConfigInvalid) as caught:
        find_project(tmp_path)
    assert caught.value.where.endswith("dbt_project.yml:3")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("text", ["- a list\n", "version: 1\n", "name: my-shop\n", "name: 7\n"])
def test_a_project_without_a_usable_name_is_invalid(tmp_path: Path, text: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(text)
    with pytest.raises(ConfigInvalid):
        find_project(tmp_path)


def test_a_file_that_is_not_text_is_reported_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        find_project(tmp_path)


def test_a_profile_that_dbt_would_render_is_replaced_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: \"{{ env_var('PROFILE') }}\"\n")
    assert find_project(tmp_path).profile == "shop"


def test_a_folder_that_does_not_exist_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(NoProject, match="no folder"):
        find_project(tmp_path / "nope")


def test_a_namespace_is_lower_case_and_safe() -> None:
    assert namespace_of("Customer_360é") == "customer_360_"
