"""What a materialization answers: dbt shows its text and keeps its fields in ``run_results.json`` and its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbt.adapters.contracts.connection import AdapterResponse


@dataclass
class FloeResponse(AdapterResponse):
    """Ids are text: dbt's events carry numbers as doubles, and a snapshot id does not fit one.

    ``hook_snapshot_ids`` are snapshots that hooks of the node made after ours, oldest first. ``rows``, ``bytes`` and
    ``files`` are those our snapshot added.
    """

    snapshot_id: str = ""
    table: str = ""
    operation: str = ""
    materialized: str = ""
    rows: int = 0
    bytes: int = 0
    files: int = 0
    data_unchanged: bool = False
    hook_snapshot_ids: list[str] = field(default_factory=list)
    inputs: str = "{}"
    """JSON: the snapshot of each upstream table just before the query, as in the summary's ``floe.inputs``."""
    query_s: float = 0.0
    commit_s: float = 0.0
