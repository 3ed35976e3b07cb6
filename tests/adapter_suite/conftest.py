"""dbt's own suite for adapters (dbt-tests-adapter), run against a lakehouse of the session's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import dbt.tests.adapter
import pytest
import yaml

# Fixtures by import: a conftest below the top may not name plugins.
from dbt.tests.fixtures.project import *  # noqa: F403

from floe_bench.adapters.dbt.profile import profile_text
from floe_bench.model.stack import Endpoints

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))

from lakehouse import lakehouse as lakehouse


@pytest.fixture(scope="class")
def dbt_profile_target(lakehouse: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As a user's profile, but for the schema, which the suite makes up, and secrets in clear."""
    state_dir = tmp_path_factory.getbasetemp() / "state"
    text = profile_text(lakehouse, profile_name="test", namespace="suite", state_dir=state_dir, show_secrets=True)
    target: dict[str, Any] = yaml.safe_load(text)["test"]["outputs"]["dev"]
    del target["schema"]
    return target


@pytest.fixture(scope="module")
def test_data_dir(request: pytest.FixtureRequest) -> Path:
    """SQL and CSV files that the suite brings along."""
    area = request.node.path.stem.removeprefix("test_suite_")
    return Path(dbt.tests.adapter.__path__[0]) / area / "data"


@pytest.fixture(scope="class")
def profile_user() -> str:
    return "nobody"


@pytest.fixture(scope="class")
def macros(own_schema_name: dict[str, str]) -> dict[str, str]:
    return own_schema_name


@pytest.fixture(scope="class")
def own_schema_name() -> dict[str, str]:
    """The suite expects dbt's own schema names. A project says so by a macro, which wins over the adapter's."""
    return {"own_schema_name.sql": OWN_SCHEMA_NAME}


OWN_SCHEMA_NAME = """
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ default__generate_schema_name(custom_schema_name, node) }}
{%- endmacro %}
"""
