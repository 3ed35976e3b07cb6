"""Assets: what the project can materialize."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass


class AssetStatus(StrEnum):
    NEVER = "never"
    FRESH = "fresh"
    STALE = "stale"
    FAILED = "failed"
    RUNNING = "running"
    EXTERNAL = "external"
    """Read by the project, not made by it (a source)."""
    UNKNOWN = "unknown"
    """Of a moment that is past: nothing that is kept says it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One node of the project that is or will be an Iceberg table.

    ``asset`` is the key as Dagster writes it (``staging/stg_orders``), ``table`` the Iceberg name
    (``staging.stg_orders``). ``kind`` is the dbt materialization (seed, table, view, incremental, snapshot, …),
    ``python`` or ``source``. ``upstream`` are asset keys. ``path`` is relative to the project. ``rows`` are
    the table's live rows.
    """

    asset: str
    kind: str
    group: str
    table: str
    status: AssetStatus = AssetStatus.NEVER
    last_run_id: str | None = None
    snapshot_id: int | None = None
    rows: int | None = None
    materialized_at: datetime | None = None
    node_id: str | None = None
    upstream: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    description: str = ""
    path: str = ""
    checksum: str = ""
    """Of the node's code as the project has it now."""
    unique_key: tuple[str, ...] = ()
    """Columns that the project declares as unique together; empty if it does not."""
    checks_passed: int = 0
    checks_failed: int = 0
    checks_warned: int = 0
    checks_total: int = 0
    ingredients: Mapping[str, str] = field(default_factory=dict)
    """What the code is made of beside its own file, as the project has it now; empty once the status was judged."""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """Snapshot that the last materialization read, by table name."""
    code_changed: bool = False
    """Its code, or an ingredient of it, is another than the last materialization was made with."""
    why_stale: tuple[str, ...] = ()
    """Reasons in words; empty unless stale, or unknown."""
