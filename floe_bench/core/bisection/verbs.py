"""Bisecting, as the bench offers it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from floe_bench.core.bisection.cause import culprits, explained
from floe_bench.core.bisection.moment import moments
from floe_bench.core.bisection.search import Search
from floe_bench.core.pairing import paired
from floe_bench.core.parts import Parts
from floe_bench.core.undo.extent import main_line
from floe_bench.errors import EngineError, NoSuchSnapshot, QueryFailed, StackUnavailable
from floe_bench.events import CheckEvaluated, Event
from floe_bench.model.asset import Asset
from floe_bench.model.bisection import Bisection, Check, Culprit, Evaluation, Moment, Outcome, Trail, Verdict
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.ports.check import CanReadChecks
from floe_bench.ports.compute import CanReadThePast

_never: Callable[[], bool] = lambda: False  # noqa: E731
Cancelled = Callable[[], bool]
Lines = Mapping[str, tuple[Snapshot, ...]]


class LocalChecks:
    """Fulfils ``ports.check.Checks``. ``clean`` takes secrets out of texts; ``typed`` are the snapshots that statements
    of the SQL screen wrote."""

    def __init__(
        self,
        parts: Parts,
        *,
        assets: Callable[[], Sequence[Asset]],
        emit: Callable[[Event], object],
        clean: Callable[[str], str],
        typed: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        self._parts, self._assets, self._emit, self._clean, self._typed = parts, assets, emit, clean, typed
        self._compiling = threading.Lock()

    def bisect(self, check: str, every: bool = False, cancelled: Cancelled = _never) -> Bisection:
        found = self._check(check, cancelled)
        lines = self._lines(found)
        line = moments(lines)
        if not line:
            never = next((table for table, snapshots in lines.items() if not snapshots), found.reads[0])
            raise NoSuchSnapshot(f"{never} was never written: there is no moment to look at", remedy="floe-bench run")
        search = Search(len(line), lambda index: self._told(found, line, index, cancelled))
        newest = search.at(len(line) - 1)
        if newest.verdict is Verdict.UNKNOWN:
            raise QueryFailed(f"{found.name} cannot be evaluated over the tables as they are now: {newest.message}")
        first = search.every() if every else search.halving()
        fails = newest.verdict is Verdict.FAILED
        answer = Bisection(
            check=found.node_id,
            name=found.name,
            outcome=Outcome.PASSES if not fails else Outcome.FOUND if first else Outcome.ALWAYS,
            trails=tuple(_trail(table, snapshots) for table, snapshots in lines.items()),
            moments=len(line),
            evaluations=search.evaluations,
            first=None if first is None else first + 1,
            turns=search.turns,
            whole=len(search.evaluations) == len(line),
        )
        return replace(answer, culprits=self._culprits(found, line, first, lines, cancelled)) if first else answer

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _check(self, typed: str, cancelled: Cancelled) -> Check:
        orchestrator = self._parts.orchestrator()
        if not isinstance(orchestrator, CanReadChecks):
            raise EngineError("this orchestrator cannot say what its checks are", remedy="floe-bench doctor")
        with self._compiling:
            return orchestrator.check(typed, cancelled=cancelled)

    def _lines(self, check: Check) -> Lines:
        """The main line of each input, oldest first, each snapshot with what made it."""
        catalog, assets = self._parts.catalog(), self._assets()
        links, typed = self._parts.orchestrator().snapshot_links(), self._typed()
        found = {}
        for table in check.reads:
            snapshots = catalog.snapshots(TableName.parse(table))
            found[table] = main_line(paired(snapshots, table=table, assets=assets, links=links, typed=typed))[::-1]
        return found

    def _told(self, check: Check, line: Sequence[Moment], index: int, cancelled: Cancelled) -> Evaluation:
        blank = Evaluation(index + 1, line[index].at, Verdict.UNKNOWN)
        evaluation = self._evaluated(check, line[index].snapshots, blank, cancelled)
        self._emit(CheckEvaluated(check.node_id, evaluation, len(line)))
        return evaluation

    def _evaluated(
        self, check: Check, snapshots: Mapping[str, int], blank: Evaluation, cancelled: Cancelled
    ) -> Evaluation:
        compute = self._parts.compute()
        if not isinstance(compute, CanReadThePast):
            raise StackUnavailable("this stack's compute cannot read tables as they were", remedy="floe-bench doctor")
        pinned = {TableName.parse(table): snapshot_id for table, snapshot_id in snapshots.items()}
        begun = time.monotonic()
        try:
            answer = compute.query_at(check.sql, pinned, limit=1, cancelled=cancelled)
        except QueryFailed as error:
            return replace(blank, message=self._clean(error.message))
        failures, warns, fails = answer.rows[0]
        verdict = Verdict.FAILED if warns or fails else Verdict.PASSED
        return replace(blank, verdict=verdict, failures=int(str(failures or 0)), duration_s=time.monotonic() - begun)

    def _culprits(
        self, check: Check, line: Sequence[Moment], first: int, lines: Lines, cancelled: Cancelled
    ) -> tuple[Culprit, ...]:
        def fails(snapshots: Mapping[str, int]) -> bool:
            blank = Evaluation(first + 1, line[first].at, Verdict.UNKNOWN)
            return self._evaluated(check, snapshots, blank, cancelled).verdict is Verdict.FAILED

        known = {table: {each.snapshot_id: each for each in snapshots} for table, snapshots in lines.items()}
        orchestrator = self._parts.orchestrator()
        found = (
            explained(commit, before, known[commit.table], orchestrator)
            for commit, before in culprits(line[first - 1], line[first], fails)
        )
        return tuple(
            replace(each, sql=self._clean(each.sql), previous_sql=self._clean(each.previous_sql)) for each in found
        )


def _trail(table: str, line: Sequence[Snapshot]) -> Trail:
    return Trail(table, len(line), expired=bool(line) and line[0].parent_id is not None)
