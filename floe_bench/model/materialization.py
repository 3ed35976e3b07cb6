"""What the orchestrator recorded when an asset was materialized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Materialization:
    """The record of one asset's latest materialization.

    ``snapshot_id`` is None when nothing was committed (a Python asset that returns nothing). ``inputs`` maps upstream
    table names to the snapshot that was read. ``checksum`` is the manifest's of the node's code at that time, and
    ``ingredients`` what that code was made of beside: macros, variables and ephemeral models, each with what it was.
    """

    asset: str
    run_id: str
    at: datetime
    snapshot_id: int | None = None
    rows: int | None = None
    inputs: Mapping[str, int] = field(default_factory=dict)
    checksum: str = ""
    ingredients: Mapping[str, str] = field(default_factory=dict)
