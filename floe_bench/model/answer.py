"""Answers of ad-hoc reads: queries and logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """``rows`` hold JSON values; dates and decimals as text. ``truncated``: the limit cut the result.

    ``snapshots`` are those at which tables were to be read, by table; empty for an answer of now.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False
    duration_s: float = 0.0
    snapshots: Mapping[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> str:
        """What EXPLAIN says, as text of several lines; empty for rows."""
        if self.columns != ("explain_key", "explain_value"):
            return ""
        return "\n".join(str(row[1]) for row in self.rows)


@dataclass(frozen=True, slots=True)
class LogLine:
    """``source`` is engine, stack, dbt or dagster; ``level`` debug, info, warn, error; ``run_id`` None outside runs."""

    at: datetime
    level: str
    source: str
    text: str
    run_id: str | None = None
    node_id: str | None = None
