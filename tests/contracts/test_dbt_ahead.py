"""What is got ready before dbt is asked for: it is what dbt would have got by itself, and nothing is left to get."""

from __future__ import annotations

import pytest
from dbt.cli.main import dbtRunner
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.clients.jinja import template_cache
from lakehouse import lakehouse as lakehouse
from test_dbt_adapter import Project, incremental
from test_dbt_adapter import catalog as catalog
from test_dbt_adapter import duck as duck
from test_dbt_adapter import project as project
from test_dbt_adapter import state_dir as state_dir

from floe_bench.adapters.dbt.ahead import compile_ahead
from floe_bench.adapters.orchestrators.warm.exercise import name_callers

SHOP = {
    "orders": "{{ config(materialized='table') }} select 1 as id, {{ twice(5) }} as amount",
    "latest": incremental("select * from {{ ref('orders') }}", unique_key="id"),
}
TESTS = """\
models:
- name: orders
  columns:
  - name: id
    data_tests: [unique, not_null]
"""


def test_a_build_compiles_no_macro_that_was_not_compiled_ahead(project: Project) -> None:
    project.write(**SHOP).put("models/tests.yml", TESTS).put("seeds/days.csv", "id\n1\n")
    project.put("macros/twice.sql", "{% macro twice(of) %}{{ of * 2 }}{% endmacro %}")
    template_cache.clear()
    folders = ["--project-dir", str(project.root), "--profiles-dir", str(project.root / "profile")]
    parsed = dbtRunner().invoke(["parse", *folders, "--quiet"])
    compile_ahead(parsed.result)
    ahead = set(template_cache.file_cache)
    project.dbt("build")
    assert set(template_cache.file_cache) - ahead == set()


def test_who_asks_a_flag_is_named_as_dbt_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> str:
        flag = BehaviorFlagRendered({"name": "f", "default": True, "description": "of a test"}, {})
        return str(flag._behavior_change_event.pb_msg.flag_source)

    theirs = asked()
    monkeypatch.setattr(BehaviorFlagRendered, "_default_source", BehaviorFlagRendered._default_source)
    name_callers()
    assert asked() == theirs == __name__
