"""``DbtCliResource`` without the two costs it adds to every call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as installed_version
from typing import Any

from dagster_dbt import DbtCliResource
from packaging import version


class BenchDbt(DbtCliResource):
    """dbt through Dagster's own resource; process, arguments, event stream and cancel are untouched."""

    @cached_property
    def _cli_version(self) -> version.Version:
        # Upstream starts a second dbt process for this: 3 s. The executable is the one of this environment.
        return version.parse(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        # Serves fetch_row_counts only, which cannot work with an in-memory DuckDB, and costs 2 s of imports.
        return None
