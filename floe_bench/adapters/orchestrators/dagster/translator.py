"""How dbt nodes become Dagster assets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from floe_bench.adapters.orchestrators.dagster.node import group_of, owners_of, table_of


class BenchTranslator(DagsterDbtTranslator):
    """Key = namespace + table name, so that an asset and its Iceberg table have one name."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=True, enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        return AssetKey(list(table_of(dbt_resource_props).parts))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        # Dagster allows letters, digits and underscores only.
        return re.sub(r"[^A-Za-z0-9_]", "_", group_of(dbt_resource_props)) or None

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        # Dagster takes an address or team:NAME and refuses the whole code location for anything else.
        return [owner for owner in owners_of(dbt_resource_props) if "@" in owner or owner.startswith("team:")]

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        return {tag: "" for tag in dbt_resource_props.get("tags", []) if re.fullmatch(r"[A-Za-z0-9_.-]{1,63}", tag)}

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        meta = dbt_resource_props.get("meta") or dbt_resource_props.get("config", {}).get("meta") or {}
        shown = {f"dbt/{name}": str(value) for name, value in meta.items() if name != "dagster"}
        return {**super().get_metadata(dbt_resource_props), **shown, "iceberg/table": str(table_of(dbt_resource_props))}
