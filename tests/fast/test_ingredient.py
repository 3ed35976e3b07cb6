"""What a node's code is made of, read from a manifest with dbt's own Jinja."""

from __future__ import annotations

from typing import Any

import pytest

from floe_bench.adapters.orchestrators.dagster.ingredient import ingredients_of, told, variables_in, with_variables


def manifest(*nodes: dict[str, Any], **macros: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "macros": {macro["unique_id"]: macro for macro in macros.values()},
        "metadata": {"adapter_type": "floe"},
    }


def model(name: str, code: str = "select 1", **more: Any) -> dict[str, Any]:
    """``calls`` are macros and ``reads`` models."""
    calls, reads = more.get("calls", ()), more.get("reads", ())
    return {
        "unique_id": f"model.shop.{name}",
        "resource_type": "model",
        "name": name,
        "package_name": "shop",
        "config": {"materialized": more.get("kind", "table")},
        "raw_code": code,
        "checksum": {"checksum": f"sum-{name}"},
        "depends_on": {"macros": list(calls), "nodes": [f"model.shop.{each}" for each in reads]},
    }


def macro(name: str, text: str, *, package: str = "shop", calls: tuple[str, ...] = ()) -> dict[str, Any]:
    unique_id = f"macro.{package}.{name}"
    depends = {"macros": list(calls)}
    return {"unique_id": unique_id, "name": name, "package_name": package, "macro_sql": text, "depends_on": depends}


def made_of(found: dict[str, Any], variables: dict[str, Any] | None = None, *, name: str = "orders") -> dict[str, str]:
    return ingredients_of(found, variables or {}).get(f"model.shop.{name}", {})


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
