"""Relations whose names the catalog can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbt.adapters.contracts.relation import HasQuoting, RelationConfig
from dbt.adapters.duckdb.relation import DuckDBRelation

from floe_bench.adapters.iceberg.naming import safe_name


@dataclass(frozen=True, eq=False, repr=False)
class FloeRelation(DuckDBRelation):
    @classmethod
    def create_from(cls, quoting: HasQuoting, relation_config: RelationConfig, **kwargs: Any) -> FloeRelation:
        relation: FloeRelation = super().create_from(quoting, relation_config, **kwargs)  # type: ignore[assignment]
        if relation_config.resource_type == "source" or relation.identifier is None:
            return relation
        # A project's own alias macro may return any name.
        path = {"schema": safe_name(str(relation.schema)), "identifier": safe_name(relation.identifier)}
        held: FloeRelation = relation.incorporate(path=path)  # type: ignore[no-untyped-call]
        return held
