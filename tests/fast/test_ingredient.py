"""What a node's code is made of, read from a manifest with dbt's own Jinja."""

from __future__ import annotations

from typing import Any

import pytest

from floe_bench.adapters.orchestrators.dagster.ingredient import ingredients_of, told, variables_in, with_variables

PROPERTIES: dict[str, str] = {
    "models/shop.yml": """
models:
  - name: orders
    description: "{{ var('told') }}"
    config:
      unique_key: "{{ var('key') }}"
      pre_hook: ["set x = {{ var ('x') }}"]
    columns: [{name: id, data_tests: [{accepted_values: {values: "{{ var('allowed') }}"}}]}]
  - name: others
    config: {unique_key: "{{ var('not_mine') }}"}
""",
    "broken.yml": "models: [ var(",
}


def manifest(*nodes: dict[str, Any], **macros: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "macros": {macro["unique_id"]: macro for macro in macros.values()},
        "metadata": {"adapter_type": "floe", "project_name": "shop"},
    }


def model(name: str, code: str = "select 1", **more: Any) -> dict[str, Any]:
    """``calls`` are macros and ``reads`` models."""
    calls, reads = more.get("calls", ()), more.get("reads", ())
    return {
        "unique_id": f"model.shop.{name}",
        "resource_type": "model",
        "name": name,
        "package_name": "shop",
        "config": {"materialized": more.get("kind", "table"), **more.get("config", {})},
        "unrendered_config": more.get("written", {}),
        "patch_path": more.get("patch_path"),
        "columns": more.get("columns", {}),
        "raw_code": code,
        "checksum": {"checksum": f"sum-{name}"},
        "depends_on": {"macros": list(calls), "nodes": [f"model.shop.{each}" for each in reads]},
    }


def macro(name: str, text: str, *, package: str = "shop", calls: tuple[str, ...] = ()) -> dict[str, Any]:
    unique_id = f"macro.{package}.{name}"
    depends = {"macros": list(calls)}
    return {"unique_id": unique_id, "name": name, "package_name": package, "macro_sql": text, "depends_on": depends}


def made_of(
    found: dict[str, Any], variables: dict[str, Any] | None = None, *, name: str = "orders", config: bool = False
) -> dict[str, str]:
    """Without its configuration unless that is what the test is about."""
    every = ingredients_of(found, variables or {}, lambda path: PROPERTIES.get(path, "")).get(f"model.shop.{name}", {})
    return {key: value for key, value in every.items() if key.startswith("config ") is config}


def test_a_macro_that_a_macro_calls_counts_and_another_one_does_not() -> None:
    inner = macro("inner", "{% macro inner() %}1{% endmacro %}")
    outer = macro("outer", "{% macro outer() %}{{ inner() }}{% endmacro %}", calls=("macro.shop.inner",))
    other = macro("other", "{% macro other() %}2{% endmacro %}")
    known = manifest(model("orders", calls=("macro.shop.outer",)), a=inner, b=outer, c=other)
    before = made_of(known)
    assert set(before) == {"macro inner", "macro outer"}
    changed = manifest(model("orders", calls=("macro.shop.outer",)), a=inner | {"macro_sql": "x"}, b=outer, c=other)
    assert {name for name, text in made_of(changed).items() if before[name] != text} == {"macro inner"}


def test_macros_of_dbt_and_of_its_adapters_are_not_the_projects() -> None:
    shipped = [macro(f"m{index}", "x", package=name) for index, name in enumerate(("dbt", "dbt_duckdb", "dbt_floe"))]
    node = model("orders", calls=tuple(each["unique_id"] for each in shipped))
    assert made_of(manifest(node, a=shipped[0], b=shipped[1], c=shipped[2])) == {}


def test_variables_count_where_they_are_read_also_inside_a_macro_and_an_ephemeral_model() -> None:
    euros = macro("euros", "{% macro euros(x) %}{{ var('digits') }}{% endmacro %}")
    base = model("base", "select {{ var('since', '2026-01-01') }}", calls=("macro.shop.euros",), kind="ephemeral")
    node = model("orders", 'select {{ var("late") }}', reads=("base",))
    found = made_of(manifest(node, base, a=euros), {"late": 7, "digits": [1, 2], "unused": 1})
    assert found["variable late"] == "7" and found["variable digits"] == "[1, 2]"
    assert found["variable since"] == "", "not set: the default in the code decides"
    assert found["ephemeral base"] == "sum-base" and "macro euros" in found
    assert "variable unused" not in found


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({"written": {"pre_hook": ["{{ var('hook') }}"], "meta": {"x": "{{ var('deep') }}"}}}, {"hook", "deep"}),
        ({"patch_path": "shop://models/shop.yml"}, {"key", "x"}),
        ({"patch_path": "other://models/shop.yml"}, set()),
        ({"patch_path": "shop://broken.yml"}, set()),
        ({"patch_path": "shop://gone.yml"}, set()),
    ],
)
def test_variables_of_its_configuration_count_wherever_that_is_written(more: dict[str, Any], names: set[str]) -> None:
    found = made_of(manifest(model("orders", **more)), dict.fromkeys(("hook", "deep", "key", "x"), 1))
    assert set(found) == {f"variable {name}" for name in names}


def test_configuration_that_somebody_wrote_counts_unless_it_changes_no_row() -> None:
    known = model(
        "orders",
        config={"unique_key": ["a", "b"], "tags": ["x"], "on_schema_change": "ignore", "pre-hook": [{"sql": "set x"}]},
        written={"unique_key": "{{ var('k') }}", "tags": ["x"], "pre_hook": "set x"},
    )
    assert made_of(manifest(known), config=True) == {
        "config materialized": "table",
        "config unique_key": '["a", "b"]',
        "config pre_hook": '[{"sql": "set x"}]',
    }


def test_an_enforced_contract_counts_with_its_columns() -> None:
    def contract(kind: str) -> str:
        columns = {"id": {"data_type": kind}}
        config = {"contract": {"enforced": True}}
        node = model("orders", config=config, written=config, columns=columns)
        return made_of(manifest(node), config=True)["config contract"]

    assert contract("int") != contract("bigint") and contract("int") == contract("int")


def test_a_variable_of_the_package_stands_before_one_of_everybody() -> None:
    node = model("orders", "{{ var('late') }}")
    assert made_of(manifest(node), {"late": 1, "shop": {"late": 2}}) == {"variable late": "2"}


def test_a_run_that_was_given_variables_was_made_with_those() -> None:
    assert with_variables({"variable late": "7", "macro x": "ab"}, {"late": 30, "other": 1}) == {
        "variable late": "30",
        "macro x": "ab",
    }


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ var('a') }} {{ var ('b', 1) }}", {"a", "b"}),
        ("{# var('a') #} -- var( 'b' )", set()),
        ("{{ var(name) }}{{ other.var('a') }}", set()),
        ("{% macro m() %}{% do run_query(var('a')) %}{% endmacro %}", {"a"}),
        ("{% test t(model) %}{{ var('a') }}{% endtest %}", {"a"}),
        ("{% snapshot s %}{{ var('a') }}{% endsnapshot %}", set()),
        ("{{ var('a' }}", set()),
    ],
)
def test_a_variable_is_what_the_template_calls_not_what_its_text_says(template: str, names: set[str]) -> None:
    assert variables_in(template) == names


def test_a_long_value_is_kept_as_its_hash() -> None:
    assert told("x" * 61).startswith("#") and len(told("x" * 61)) < 20 and told("short") == "short"
