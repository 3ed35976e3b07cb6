"""Finding the snapshot since which a check fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.step import Input


@dataclass(frozen=True, slots=True)
class Check:
    """A dbt test as the project has it now. ``reads`` are table names.

    ``sql`` is dbt's compiled text inside dbt's own frame: its one row is (failures, warns, fails).
    """

    node_id: str
    name: str
    sql: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    table: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Moment:
    """All inputs of a check after one more write: what one run, or one other writer, committed in one go.

    ``snapshots`` is the current one of each table then.
    """

    at: datetime
    commits: tuple[Commit, ...]
    snapshots: Mapping[str, int]


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    """Or warned."""
    UNKNOWN = "unknown"
    """It could not be evaluated: a column that it names was not there yet."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``place`` counts moments from 1, the oldest. ``failures`` is None, and ``message`` says why, when unknown."""

    place: int
    at: datetime
    verdict: Verdict
    failures: int | None = None
    message: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Culprit:
    """A snapshot since which a check fails. ``before`` is what its table had at the moment before.

    ``sql`` and ``previous_sql`` are the compiled text of the node that made it and of the one that made ``before``,
    empty where a run did not compile one. ``reads`` are the inputs of that node, then and the time before.
    """

    table: str
    snapshot: Snapshot
    before: int | None
    sql: str = ""
    previous_sql: str = ""
    previous_run_id: str | None = None
    reads: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """The main line of one input. ``expired``: it had older snapshots, which the table keeps no more."""

    table: str
    snapshots: int
    expired: bool = False


class Outcome(StrEnum):
    FOUND = "found"
    """There is a moment at which it fails, and did not at the one before."""
    PASSES = "passes"
    """It does not fail now."""
    ALWAYS = "always"
    """It fails at the oldest moment that can still be read."""


@dataclass(frozen=True, slots=True)
class Bisection:
    """``moments`` is how many there are, ``evaluations`` those that were looked at, oldest first.

    ``first`` is the place of the first moment at which it fails, ``culprits`` are what was committed then: the one
    that suffices alone to make it fail, or several that do so only together; none where the oldest moment fails.
    ``turns`` are places at which the verdict turned, as far as was looked. ``whole``: every moment was looked at, so
    there are no other turns, and ``first`` may be told of a check that does not fail now.
    """

    check: str
    name: str
    outcome: Outcome
    trails: tuple[Trail, ...]
    moments: int
    evaluations: tuple[Evaluation, ...]
    first: int | None = None
    culprits: tuple[Culprit, ...] = ()
    turns: tuple[int, ...] = field(default=())
    whole: bool = False

    def at(self, place: int) -> Evaluation | None:
        return next((each for each in self.evaluations if each.place == place), None)
