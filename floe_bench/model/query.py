"""Statements that somebody types, and what comes of them page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import QueryAnswer


@dataclass(frozen=True, slots=True)
class Written:
    """A table that a statement changed. ``before`` None: it had no snapshot, and cannot be taken back to that."""

    table: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """How a statement would be carried out: ``steps`` are lines, an operator each, indented under what it feeds.

    Empty where the statement itself is an EXPLAIN.
    """

    sql: str
    writes: bool
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPage:
    """``answer`` holds the rows of this page alone; its ``truncated`` says that there are more to ask for."""

    query_id: str
    answer: QueryAnswer
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A statement of the past. ``as_of`` is empty for one over the tables of then; ``error`` for one that went well."""

    at: datetime
    sql: str
    as_of: str = ""
    duration_s: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a statement can be made of."""

    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the tables that were asked for."""
