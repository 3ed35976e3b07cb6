"""One materialization under way: where it is built, what it was told, what it will say in the snapshot."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.base.relation import BaseRelation

from floe_bench.adapters.iceberg.commit import Committed
from floe_bench.adapters.iceberg.layout import Layout, parse_layout
from floe_bench.adapters.iceberg.types import quoted
from floe_bench.errors import UsageError
from floe_bench.model.table import TableName

NODE = "floe.dbt-node"
INPUTS = "floe.inputs"
TURNS = 8
_BUILT_AS_NOT_NULL = ("not_null", "primary_key")


@dataclass(slots=True)
class Work:
    """``stage`` and ``temp`` are native DuckDB tables of a unique name; ``base`` the head when the turn began.

    ``reads`` are the tables that the node reads, itself left out.
    """

    target: BaseRelation
    stage: BaseRelation
    temp: BaseRelation
    checked: BaseRelation
    settings: Settings
    summary: dict[str, str]
    reads: Sequence[TableName]
    base: int | None = None
    turn: int = 0
    started_at: float = field(default_factory=time.perf_counter)
    query_s: float = 0.0
    commit_s: float = 0.0
    committed: Committed | None = None

    @property
    def table(self) -> TableName:
        return table_name(self.target)

    def turns(self) -> Iterator[int]:
        """One, and one more each time somebody else wrote to the table while the node computed from it."""
        while self.committed is None:
            self.turn += 1
            yield self.turn

    @property
    def last_turn(self) -> bool:
        return self.turn >= TURNS


@dataclass(frozen=True, slots=True)
class Settings:
    """What the node's configuration asks of the table.

    ``required`` are names in lower case; keys of ``docs`` too, unless the column is declared as quoted: then it is the
    exact name in quotes.
    """

    materialized: str
    layout: Layout
    required: frozenset[str]
    docs: Mapping[str, str]
    comment: str | None
    properties: Mapping[str, str]

    def doc_of(self, column: str) -> str | None:
        """None: nothing is said about it, leave the table's doc as it is."""
        return self.docs.get(quoted(column), self.docs.get(column.lower()))


def table_name(relation: BaseRelation) -> TableName:
    return TableName((str(relation.schema),), str(relation.identifier))


def settings(node: Mapping[str, Any]) -> Settings:
    """From a node as dbt gives it to a materialization.

    Raises:
        UsageError: a setting that Iceberg has no counterpart for, with the one to use instead.
    """
    config = node.get("config") or {}
    if config.get("indexes"):
        raise UsageError(
            "Iceberg tables have no indexes", remedy="use partitioned_by or sorted_by in the model's config"
        )
    docs = config.get("persist_docs") or {}
    columns = node.get("columns") or {}
    return Settings(
        materialized=str(config.get("materialized", "")),
        layout=parse_layout(
            config.get("partitioned_by") or config.get("partition_by"), config.get("sorted_by") or config.get("sort_by")
        ),
        required=_required(node) if (config.get("contract") or {}).get("enforced") else frozenset(),
        docs=_docs(columns) if docs.get("columns") else {},
        comment=node.get("description") or None if docs.get("relation") else None,
        properties={str(key): str(value) for key, value in (config.get("table_properties") or {}).items()},
    )


def _docs(columns: Mapping[str, Any]) -> dict[str, str]:
    return {
        quoted(name) if column.get("quote") else name.lower(): column.get("description") or ""
        for name, column in columns.items()
    }


def _required(node: Mapping[str, Any]) -> frozenset[str]:
    columns = [
        column["name"]
        for column in (node.get("columns") or {}).values()
        if any(constraint.get("type") in _BUILT_AS_NOT_NULL for constraint in column.get("constraints") or [])
    ]
    for constraint in node.get("constraints") or []:
        if constraint.get("type") in _BUILT_AS_NOT_NULL:
            columns += constraint.get("columns") or []
    return frozenset(column.lower() for column in columns)


def upstream(node: Mapping[str, Any], graph: Mapping[str, Any], database: str) -> list[TableName]:
    """Tables of the lake that the node reads, through ephemeral models too."""
    found: dict[TableName, None] = {}
    waiting, seen = list((node.get("depends_on") or {}).get("nodes") or []), set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id in seen:
            continue
        seen.add(unique_id)
        other = graph.get("nodes", {}).get(unique_id) or graph.get("sources", {}).get(unique_id)
        if other is None:
            continue
        if (other.get("config") or {}).get("materialized") == "ephemeral":
            waiting += (other.get("depends_on") or {}).get("nodes") or []
        elif str(other.get("database")).lower() == database.lower():
            name = other.get("identifier") or other.get("alias") or other.get("name")
            found[TableName((str(other["schema"]).lower(),), str(name).lower())] = None
    return sorted(found)


def summary(node: Mapping[str, Any], target: BaseRelation, *, invocation: str) -> dict[str, str]:
    """Properties of the snapshot, all but those that depend on the rows and on what was read."""
    code = node.get("compiled_code") or node.get("compiled")
    batch = node.get("batch") or {}
    found = {
        "floe.run-id": os.environ.get("DAGSTER_RUN_ID"),
        "floe.asset-key": "/".join(table_name(target).parts),
        NODE: node.get("unique_id"),
        "floe.dbt-invocation-id": invocation,
        "floe.materialized": (node.get("config") or {}).get("materialized"),
        "floe.code-hash": hashlib.sha256(code.encode()).hexdigest()[:16] if isinstance(code, str) else None,
        "floe.code-checksum": (node.get("checksum") or {}).get("checksum"),
        "floe.batch": f"{batch['event_time_start']}/{batch['event_time_end']}" if batch.get("event_time_end") else None,
    }
    return {key: str(value) for key, value in found.items() if value}


def stage_name(name: str, part: str) -> str:
    """Unique over threads and microbatches: tables of the in-memory database are seen by every connection."""
    return f"{name[:40]}__{part}_{uuid.uuid4().hex[:12]}"
