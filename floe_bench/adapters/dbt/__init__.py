"""The dbt adapter of type ``floe``: dbt-duckdb whose tables are Iceberg tables, one snapshot per materialization.

Imports nothing until dbt asks for the plugin: writing a profile must not load dbt.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.adapters.base.plugin import AdapterPlugin

INCLUDE = Path(__file__).parent / "include"


def plugin() -> AdapterPlugin:
    from dbt.adapters.base.plugin import AdapterPlugin

    from floe_bench.adapters.dbt.credentials import FloeCredentials
    from floe_bench.adapters.dbt.impl import FloeAdapter

    return AdapterPlugin(
        adapter=FloeAdapter,  # type: ignore[arg-type]
        credentials=FloeCredentials,
        include_path=str(INCLUDE),
        dependencies=["duckdb"],
        # Macros of any other package name would yield to dbt-duckdb's.
        project_name="dbt_floe",
    )
