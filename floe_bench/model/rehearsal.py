"""A run whose tables are branches, to be published or thrown away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.run import RunRequest
from floe_bench.model.snapshot import Diff
from floe_bench.model.undo import HeadMove


class RehearsalState(StrEnum):
    RUNNING = "running"
    READY = "ready"
    """Its run went well, and nothing was published yet."""
    FAILED = "failed"
    """Its run failed or was cancelled: it can be looked at and thrown away."""
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    DISCARDING = "discarding"
    DISCARDED = "discarded"

    @property
    def over(self) -> bool:
        return self in (RehearsalState.PUBLISHED, RehearsalState.DISCARDED)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One table of a rehearsal. ``asset`` is None for one that is no asset's (stored failures of a test).

    ``base`` is main's snapshot now, ``head`` the branch's; ``behind``: somebody wrote to main since the branch began.
    ``new``: the rehearsal made the table, and to everybody else it reads as empty.
    """

    table: str
    asset: str | None
    base: int | None
    head: int
    behind: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``moves`` are what publishing moves, known once it began. ``note``: how the last verb ended, if worth a word."""

    rehearsal_id: str
    run_id: str
    at: datetime
    request: RunRequest
    state: RehearsalState = RehearsalState.RUNNING
    tables: tuple[Rehearsed, ...] = ()
    moves: tuple[HeadMove, ...] = ()
    note: str = ""

    @property
    def branch(self) -> str:
        """Of each table that it writes."""
        return branch_of(self.rehearsal_id)

    def now(self, state: RehearsalState, note: str = "") -> Rehearsal:
        return replace(self, state=state, note=note)


@dataclass(frozen=True, slots=True)
class RehearsedDiff:
    """What publishing one table would change, against main as it is now."""

    table: Rehearsed
    diff: Diff


def branch_of(rehearsal_id: str) -> str:
    return f"rehearsal_{rehearsal_id}"
