"""Asking the lakehouse as it was: the verbs of the bench. What they need of a compute is ``CanReadThePast``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from floe_bench.model.answer import QueryAnswer


class Querying(Protocol):
    def past(self, sql: str, at: str, limit: int = 1000) -> QueryAnswer:
        """As ``Bench.query``, over tables as they were: ``at`` is a time, a branch or tag, or a snapshot of one of
        them, as ``model.past.lake_at`` has it.

        Raises NoSuchSnapshot; QueryFailed, also for a table that was not written then.
        """


class CancellableQuerying(Querying, Protocol):
    """One whose reads end with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def past(
        self, sql: str, at: str, limit: int = 1000, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer: ...
