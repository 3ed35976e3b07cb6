"""Rehearsals: the verbs of the bench, and what they need of a catalog and of an orchestrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from floe_bench.model.rehearsal import Rehearsal, RehearsedDiff
from floe_bench.model.run import RunRequest
from floe_bench.model.table import TableName


class Rehearsing(Protocol):
    """``rehearsal_id`` may be the start of one; empty means the newest that is not over, else the newest."""

    def start(self, request: RunRequest) -> Rehearsal:
        """A run that writes to a branch of each table; its id, at once. Raises NothingSelected, ParseFailed."""

    def status(self, rehearsal_id: str = "") -> Rehearsal:
        """With its tables. Raises NoSuchRehearsal."""

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        """Newest first, without tables."""

    def diff(self, rehearsal_id: str = "", limit: int = 20) -> tuple[RehearsedDiff, ...]:
        """Each table's branch against main as it is now."""

    def publish(self, rehearsal_id: str = "") -> Rehearsal:
        """Main of each table becomes its branch: all of them or none.

        Raises:
            RehearsalRefused: its run failed, goes on, or wrote nothing; it is over.
            CommitConflict: somebody wrote to one of the tables since the rehearsal began.
            RunActive: a run is just making one of them.
        """

    def discard(self, rehearsal_id: str = "") -> Rehearsal:
        """Remove branches, their snapshots, and tables that the rehearsal made. Raises RehearsalRefused."""


@runtime_checkable
class BranchKeeper(Protocol):
    """An optional power of a catalog. Thread-safe."""

    def tables_with(self, branch: str) -> tuple[TableName, ...]:
        """Those that have the branch, and those that a write to it began to make."""

    def remove_branch(self, name: TableName, branch: str) -> None:
        """With the snapshots that no other ref leads to. One that is not there is not an error.

        Raises CommitConflict: somebody wrote to the branch just now.
        """

    def drop_made_for(self, name: TableName, branch: str) -> None:
        """Drop the table, and a namespace that is empty then, if it was made for the branch and never written since."""


@runtime_checkable
class CanRehearse(Protocol):
    """An orchestrator whose runs obey ``RunRequest.rehearsal``."""

    def adopt(self, run_id: str, assets: Sequence[str]) -> None:
        """What that rehearsal's run made of these assets counts as materialized from here on. Raises EngineError."""
