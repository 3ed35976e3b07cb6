"""At which line a property file, or a Python module, declares a node."""

from __future__ import annotations

from typing import Any

import pytest

from floe_bench.adapters.orchestrators.dagster.declared import declared_line, function_line

PROPERTIES = """\
version: 2
sources:
  - name: shop
    tables:
      - name: other
      - name: landed
        columns: [{name: id, data_tests: [unique]}]
models:
  # - name: orders
  - name: orders_old
  - name: orders
    description: "- name: orders"
    data_tests:
      - dbt_utils.equal_rowcount: {compare_model: ref('x')}
      - name: totals_are_right
        test_name: adds_up
    columns:
      - name: status
        data_tests:
          - accepted_values: {values: [a]}
          - accepted_values: {values: [b]}
      - name: id
        tests:
          - not_null
          - unique:
              severity: warn
unit_tests:
  - name: sums
    model: orders
"""


def a_test(
    name: str, column: str | None = None, *, about: str | None = "model.shop.orders", **more: Any
) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "name": f"{name}_orders_{column}",
        "original_file_path": "models/schema.yml",
        "test_metadata": {"name": name, "namespace": more.get("namespace")},
        "column_name": column,
        "attached_node": about,
        "depends_on": {"nodes": list(more.get("reads", [about]))},
    }


@pytest.mark.parametrize(
    ("node", "line"),
    [
        (a_test("not_null", "id"), 24),
        (a_test("unique", "id"), 25),
        (a_test("equal_rowcount", namespace="dbt_utils"), 14),
        (a_test("adds_up"), 15),
        (a_test("unique", "id", about=None, reads=["source.shop.shop.landed"]), 7),
    ],
)
def test_a_test_is_where_its_name_stands_under_its_column_or_model(node: dict[str, Any], line: int) -> None:
    assert declared_line(node, PROPERTIES) == line


def test_of_two_equal_tests_neither_is_meant_but_their_column() -> None:
    assert declared_line(a_test("accepted_values", "status"), PROPERTIES) == 18


def test_a_test_that_is_not_there_any_more_is_its_column_then_its_model_then_nothing() -> None:
    assert declared_line(a_test("relationships", "id"), PROPERTIES) == 22
    assert declared_line(a_test("unique", "gone"), PROPERTIES) == 11
    assert declared_line(a_test("unique", "id", about="model.shop.gone"), PROPERTIES) is None


def test_a_source_and_a_unit_test_are_where_they_are_named() -> None:
    table = {"resource_type": "source", "name": "landed", "source_name": "shop", "original_file_path": "models/s.yml"}
    assert declared_line(table, PROPERTIES) == 6
    unit = {"resource_type": "unit_test", "name": "sums", "original_file_path": "models/s.yaml"}
    assert declared_line(unit, PROPERTIES) == 28


@pytest.mark.parametrize("text", ["", "models: [", "- 1", "models: {a: 1}", "models:\n  - orders", "\x00"])
def test_a_file_that_is_nothing_like_that_declares_nothing(text: str) -> None:
    assert declared_line(a_test("unique", "id"), text) is None


def test_a_file_of_sql_is_declared_by_itself() -> None:
    assert declared_line({"resource_type": "model", "original_file_path": "a.sql", "name": "a"}, "select 1") is None


def test_a_python_asset_is_its_function_unless_there_are_two() -> None:
    module = "import dagster as dg\n\n@dg.asset(\n    key='x',\n)\ndef plan():\n    def other(): ...\n"
    assert function_line("plan", module) == 6
    assert function_line("x", module) is None
    assert function_line("plan", module + "def plan(): ...\n") is None
    assert function_line("plan", "def plan(:") is None
