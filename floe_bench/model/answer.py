"""Answers of ad-hoc reads: queries and logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """``rows`` hold JSON values; dates and decimals as text. ``truncated``: the limit cut the result."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LogLine:
    """``source`` is engine, stack, dbt or dagster; ``level`` debug, info, warn, error; ``run_id`` None outside runs."""

    at: datetime
    level: str
    source: str
    text: str
    run_id: str | None = None
    node_id: str | None = None
