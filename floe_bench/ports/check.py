"""Checks over time: the verbs of the bench, and what they need of an orchestrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from floe_bench.model.bisection import Bisection, Check


class Checks(Protocol):
    """Verbs of the bench."""

    def bisect(self, check: str, every: bool = False) -> Bisection:
        """Since which snapshot of its inputs a dbt test fails; how far it is comes as ``CheckEvaluated`` events.

        The test is the one of now, evaluated over its inputs as they were. ``every``: at each moment, not only at
        those that halve what is left.

        Raises:
            NoSuchNode: no test has that name, or several have.
            UsageError: a test that reads no table.
            QueryFailed: it cannot be evaluated over the tables as they are now.
        """


class CancellableChecks(Checks, Protocol):
    """One that ends with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def bisect(self, check: str, every: bool = False, cancelled: Callable[[], bool] | None = None) -> Bisection: ...


@runtime_checkable
class CanReadChecks(Protocol):
    def check(self, typed: str, *, cancelled: Callable[[], bool]) -> Check:
        """By name or dbt's unique id, compiled from the files as they are now.

        Raises:
            NoSuchNode, UsageError, ParseFailed
        """
