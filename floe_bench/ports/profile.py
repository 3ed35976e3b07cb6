"""Looking at what the rows of a table hold: the verbs of the bench, and what they need of a compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from floe_bench.model.drift import Drift, Figures
from floe_bench.model.profile import Profile
from floe_bench.model.table import TableName


class Profiling(Protocol):
    def table(self, table: str, snapshot_id: int | None = None, columns: tuple[str, ...] = ()) -> Profile:
        """Reads every row; of the named top-level columns, all of them when empty.

        Raises NoSuchTable, NoSuchSnapshot, UsageError: there is no such column.
        """

    def drift(self, table: str, column: str, snapshot_id: int | None = None, limit: int = 20) -> Drift:
        """One top-level column over the last ``limit`` snapshots of the line that ends at ``snapshot_id``, or at main.

        Reads every row of each, the newest first; ``DriftProgressed`` events tell them as they come. What was read once
        is kept, so that asking again is quick. A snapshot that cannot be read says why, and the others go on.

        Raises NoSuchTable, NoSuchSnapshot, UsageError: no snapshot of these has such a column.
        """


class CancellableProfiling(Profiling, Protocol):
    """One whose reads end with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def table(
        self,
        table: str,
        snapshot_id: int | None = None,
        columns: tuple[str, ...] = (),
        cancelled: Callable[[], bool] | None = None,
    ) -> Profile: ...

    def drift(
        self,
        table: str,
        column: str,
        snapshot_id: int | None = None,
        limit: int = 20,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drift: ...


@runtime_checkable
class CanProfile(Protocol):
    """An optional power of a compute."""

    def profile(
        self, table: TableName, snapshot_id: int, columns: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Profile:
        """Raises QueryFailed, Cancelled."""


@runtime_checkable
class CanFigure(Protocol):
    """An optional power of a compute."""

    def figures(
        self, table: TableName, snapshot_id: int, path: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Figures:
        """Of a column, or the field of a struct that ``path`` leads to. In one pass. Raises QueryFailed, Cancelled."""
