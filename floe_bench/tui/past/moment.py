"""The moments that the time cursor stops at: every commit and every end of a run, in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime, tzinfo
from heapq import nlargest
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from floe_bench.dataclass import dataclass
from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.past import moment_of, one_like
from floe_bench.model.run import Run
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState
from floe_bench.tui.memo import same

if TYPE_CHECKING:
    from floe_bench.tui.view import AsOf


@dataclass(frozen=True, slots=True)
class BoardLook:
    """The bench at a moment, worked out from what was ``known``."""

    known: BenchState
    as_of: AsOf
    board: BenchState


@dataclass(frozen=True, slots=True)
class Moment:
    """A commit to ``table``, or the end of ``run``."""

    at: datetime
    table: str = ""
    snapshot: Snapshot | None = None
    run: Run | None = None


def newest_first(state: BenchState, most: int) -> tuple[Moment, ...]:
    """What happened, to choose from."""
    commits = ((each.committed_at, table, each) for table, every in state.snapshots.items() for each in every)
    newest = [Moment(*each) for each in nlargest(most, commits, key=itemgetter(0))]
    ends = [Moment(run.ended_at, run=run) for run in state.runs or () if run.ended_at is not None]
    return tuple(nlargest(most, [*newest, *ends], key=attrgetter("at")))


def moments(state: BenchState) -> tuple[datetime, ...]:
    """Oldest first. What was undone, or brought back, is one too."""
    return _moments(state.snapshots, state.runs)


@same
def _moments(snapshots: Mapping[str, tuple[Snapshot, ...]], runs: tuple[Run, ...] | None) -> tuple[datetime, ...]:
    every = [each for found in snapshots.values() for each in found]
    told = {at for each in every for at in (each.committed_at, *each.current_at)}
    return tuple(sorted(told | {run.ended_at for run in runs or () if run.ended_at is not None}))


def moved(state: BenchState, at: datetime | None, by: int) -> datetime | None:
    """The moment before or after; None is now. It stops at the oldest.

    Now is the newest moment: nothing has happened since.
    """
    known = moments(state)
    if by > 0:
        later = known[bisect_right(known, at) :] if at is not None else ()
        return later[0] if len(later) > 1 else None
    earlier = known[: bisect_left(known, at)] if at is not None else known[:-1]
    return earlier[-1] if earlier else at


def commits_since(state: BenchState, at: datetime) -> int:
    return sum(each.committed_at > at for found in state.snapshots.values() for each in found)


def any_before(state: BenchState, at: datetime) -> bool:
    """Something happened earlier."""
    if any(run.ended_at is not None and run.ended_at < at for run in state.runs or ()):
        return True
    every = (each for found in state.snapshots.values() for each in found)
    return any(each.committed_at < at or any(became < at for became in each.current_at) for each in every)


def moment_typed(as_of: AsOf | None, zone: tzinfo | None) -> str:
    """As ``--at`` takes it; empty for now."""
    if as_of is None:
        return ""
    exact = as_of.at.microsecond % 1000
    return as_of.at.astimezone(zone).isoformat(" ", "microseconds" if exact else "milliseconds")


def meant(state: BenchState, typed: str, *, zone: tzinfo | None) -> datetime | None:
    """A time, or the time of a snapshot by its id or the unique start of one; None where nothing is like it.

    A branch or tag is no moment: it is of one table, and it may have been moved since.
    """
    at = moment_of(typed, zone)
    if at is not None or not typed.rstrip("…").isdecimal():
        return at
    try:
        return one_like(state.snapshots, typed)[1].committed_at
    except NoSuchSnapshot:
        return None
