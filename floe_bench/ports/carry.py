"""Copying tables from one stack to another: the verbs, and who can copy one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from floe_bench.model.carry import Carriage, Carried
from floe_bench.model.snapshot import Diff
from floe_bench.model.stack import StackOffer
from floe_bench.model.table import TableName


class CarryVerbs(Protocol):
    """Verbs of the bench whose stack the tables come to."""

    def offers(self) -> tuple[StackOffer, ...]:
        """The stacks that the project could be on. Starts nothing."""

    def carry(self, source: str) -> Carriage:
        """Copy every table of the stack ``source`` of this project into this one, and compare all rows.

        The source is started for it, and stopped again. A table that is here already is left as it is. Branches, tags
        and older snapshots stay behind; the source keeps everything.

        How far it is comes as ``CarryProgressed`` events.

        Raises:
            UsageError: ``source`` is this very stack.
            StackUnavailable, StackNotReady: it cannot be started.
            Cancelled: what was carried so far is whole; another time goes on from there.
        """

    def compare(self, source: str, table: str, key: tuple[str, ...] = (), limit: int = 20, offset: int = 0) -> Diff:
        """From the table as it is in the stack ``source`` to the one of that name here; both as they are now.

        Columns are matched by name. Without a ``key`` whole rows are compared as a multiset. The source is started for
        it, and stopped again.

        Raises:
            NoSuchTable, NoSuchSnapshot: one of the two has no such table, or no row was ever written to it.
            UsageError: ``source`` is this very stack, or the key is not in both.
            KeyNotUnique, StackUnavailable, StackNotReady, Cancelled
        """


class CancellableCarrying(CarryVerbs, Protocol):
    """One whose carrying ends soon after ``cancelled`` turned true. That is not on the wire."""

    def carry(self, source: str, cancelled: Callable[[], bool] | None = None) -> Carriage: ...


class Carrier(Protocol):
    """Of one source. Whoever opened it closes it."""

    def tables(self) -> tuple[TableName, ...]:
        """Of the source. Raises CatalogUnreachable, AccessDenied."""

    def carry(self, table: TableName, told: Callable[[int, bool], None], cancelled: Callable[[], bool]) -> Carried:
        """All of the table or nothing. ``told`` hears how many rows were written, or (True) read for the comparison.

        Raises BenchError; Cancelled soon after ``cancelled`` turned true.
        """

    def close(self) -> None: ...
