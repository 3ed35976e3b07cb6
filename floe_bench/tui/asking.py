"""What the SQL screen looks at: what is typed, and the results there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import AskedQuery, QueryPage, Words, Written
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.tui.view import Trouble

EDITOR, RESULTS = "editor", "results"
BOXES = (EDITOR, RESULTS)


@dataclass(frozen=True, slots=True)
class Result:
    """A statement and what came of it. ``asked_at`` is None while nothing of it is being read. ``plan_first`` are the
    steps of one that would change rows, until somebody says that it shall.

    ``answer`` holds the rows of all pages so far. ``row`` is the one that is shown in full.
    """

    number: int
    sql: str
    at: str = ""
    asked_at: datetime | None = None
    query_id: str = ""
    answer: QueryAnswer | None = None
    written: tuple[Written, ...] = ()
    trouble: Trouble | None = None
    row: int | None = None
    plan_first: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return " ".join(self.sql.split())

    @property
    def plan(self) -> str:
        """What EXPLAIN says, as text; empty for rows."""
        return "" if self.answer is None else self.answer.plan

    def with_page(self, page: QueryPage) -> Result:
        """After the rows that are there."""
        answer = page.answer
        if self.answer is not None:
            answer = replace(self.answer, rows=(*self.answer.rows, *answer.rows), truncated=answer.truncated)
        written = page.written or self.written
        return replace(self, asked_at=None, query_id=page.query_id, answer=answer, written=written, trouble=None)


@dataclass(frozen=True, slots=True)
class SqlView:
    """``at`` empty is now. ``unlocked``: statements may change rows. ``text`` is what the editor has."""

    text: str = ""
    at: str = ""
    unlocked: bool = False
    box: str = EDITOR
    results: tuple[Result, ...] = ()
    shown: int | None = None
    """The number of a result."""
    words: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class PastLook:
    """Moments that can be chosen: the snapshots of the tables that the text names, newest first."""

    snapshots: tuple[tuple[str, Snapshot], ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    asked: tuple[AskedQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a model can be put, from the dbt folder."""

    found: tuple[str, ...] = ()


def shown_result(view: SqlView | None) -> Result | None:
    if view is None:
        return None
    return next((each for each in view.results if each.number == view.shown), None)


def with_result(results: Sequence[Result], changed: Result) -> tuple[Result, ...]:
    return tuple(changed if each.number == changed.number else each for each in results)


def beside(view: SqlView, by: int) -> int | None:
    """The number of the result that many further on, around the end."""
    numbers = [each.number for each in view.results]
    if view.shown not in numbers:
        return numbers[-1] if numbers else None
    return numbers[(numbers.index(view.shown) + by) % len(numbers)]


def quoted(table: str) -> str:
    """As DuckDB takes it: a nested namespace is one name."""
    name = TableName.parse(table)
    parts = ".".join(name.namespace), name.name
    return ".".join(part if part.isidentifier() else '"' + part.replace('"', '""') + '"' for part in parts)


def named_in(text: str, words: Words) -> tuple[str, ...]:
    """Tables of the catalog whose names stand in the text."""
    lowered = text.casefold()
    return tuple(table for table in words.tables if table.casefold() in lowered)
