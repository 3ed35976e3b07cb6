"""Asking the lakehouse: the verbs of the bench, and what they need of a compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import AskedQuery, QueryPage, StatementPlan, Words
from floe_bench.model.table import TableName


class Querying(Protocol):
    def past(self, sql: str, at: str, limit: int = 1000) -> QueryAnswer:
        """As ``Bench.query``, over tables as they were: ``at`` is a time, a branch or tag, or a snapshot of one of
        them, as ``model.past.lake_at`` has it.

        Raises NoSuchSnapshot; QueryFailed, also for a table that was not written then.
        """

    def open(self, sql: str, at: str = "", write: bool = False, limit: int = 500) -> QueryPage:
        """The first rows of a statement, in a process of its own, which keeps the others until they are asked for.

        With ``write`` it may change rows (INSERT, UPDATE, DELETE, MERGE), in one snapshot or two, which a rollback
        takes back. ``at`` as in ``past``; empty is now. Of many that are open the oldest is closed.

        Raises as ``past``; WriteRefused.
        """

    def plan(self, sql: str) -> StatementPlan:
        """What ``open`` would do with ``write``. Nothing is run, and nobody remembers that it was asked.

        Raises as ``open``: what cannot be bound is refused here.
        """

    def more(self, query_id: str, limit: int = 1000) -> QueryPage:
        """The rows after those that were read. Raises QueryFailed: it is not open any more."""

    def close(self, query_id: str) -> None:
        """One that is not open is not an error."""

    def asked(self, limit: int = 200) -> tuple[AskedQuery, ...]:
        """What was opened in this project, newest first, each statement once."""

    def words(self, tables: tuple[str, ...] = ()) -> Words:
        """What can be completed; with ``tables``, their columns alone. A table that is gone is left out."""


class CancellableQuerying(Querying, Protocol):
    """One whose reads end with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def past(
        self, sql: str, at: str, limit: int = 1000, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer: ...

    def open(
        self,
        sql: str,
        at: str = "",
        write: bool = False,
        limit: int = 500,
        cancelled: Callable[[], bool] | None = None,
    ) -> QueryPage: ...

    def plan(self, sql: str, cancelled: Callable[[], bool] | None = None) -> StatementPlan: ...

    def more(self, query_id: str, limit: int = 1000, cancelled: Callable[[], bool] | None = None) -> QueryPage: ...


class OpenQuery(Protocol):
    """A statement that runs or ran apart. Used by one caller at a time."""

    @property
    def first(self) -> QueryAnswer: ...

    def more(self, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        """Raises QueryFailed, Cancelled; after either it is over."""

    def close(self) -> None:
        """At once, whatever it does."""


class Apart(Protocol):
    """Runs each statement where it can be killed. Thread-safe."""

    def ask(
        self,
        sql: str,
        past: Mapping[TableName, int] | None,
        *,
        write: bool,
        limit: int,
        cancelled: Callable[[], bool],
    ) -> OpenQuery:
        """Raises QueryFailed, also where its process died; WriteRefused, UsageError, CatalogUnreachable; Cancelled, in
        a few seconds at most, whatever it is at."""

    def plan(self, sql: str, *, cancelled: Callable[[], bool]) -> StatementPlan:
        """Raises as ``ask``."""

    def words(self) -> Words:
        """Functions and keywords of the language. A process is made ready for what comes."""

    def close(self) -> None: ...


@runtime_checkable
class HasApart(Protocol):
    """An optional power of a compute."""

    @property
    def apart(self) -> Apart: ...
