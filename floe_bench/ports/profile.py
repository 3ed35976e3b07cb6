"""Looking at what the rows of a table hold: the verb of the bench, and what it needs of a compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from floe_bench.model.profile import Profile
from floe_bench.model.table import TableName


class Profiling(Protocol):
    def table(self, table: str, snapshot_id: int | None = None, columns: tuple[str, ...] = ()) -> Profile:
        """Reads every row; of the named top-level columns, all of them when empty.

        Raises NoSuchTable, NoSuchSnapshot, UsageError: there is no such column.
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


@runtime_checkable
class CanProfile(Protocol):
    """An optional power of a compute."""

    def profile(
        self, table: TableName, snapshot_id: int, columns: tuple[str, ...], *, cancelled: Callable[[], bool]
    ) -> Profile:
        """Raises QueryFailed, Cancelled."""
