"""Undo, as a group of verbs."""

from __future__ import annotations

from typing import Protocol

from floe_bench.model.undo import Undo, UndoPlan


class Undoing(Protocol):
    """Tables go back to an earlier snapshot by a commit of their refs; no data is written or deleted."""

    def plan(self, asset: str | None = None, run_id: str | None = None, downstream: bool = False) -> UndoPlan:
        """What an undo of the asset's last materialization, or of a run, would do; changes nothing.

        ``downstream``: also everything that was made from what is taken back.

        Raises:
            NothingToUndo: no snapshot of it is current.
            NoSuchSnapshot: the snapshot before was expired.
        """

    def plan_rollback(self, table: str, snapshot_id: int) -> UndoPlan:
        """What going back to a snapshot of any table's main line would do; a redo brings it forward again.

        Raises NoSuchTable, NoSuchSnapshot, NothingToUndo: it is the current one.
        """

    def plan_redo(self, undo_id: str | None = None) -> UndoPlan:
        """What taking that undo back would do; the newest that can be when None. Raises NothingToUndo."""

    def apply(self, plan: UndoPlan) -> Undo:
        """Carry out what was shown: all of it or nothing.

        Raises:
            CommitConflict: somebody wrote to one of the tables since the plan was made.
            RunActive: a run is just making one of them.
        """

    def history(self, limit: int = 50) -> tuple[Undo, ...]:
        """Newest first."""
