"""Rehearsals, as the bench offers them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from floe_bench.core.difference import difference
from floe_bench.core.parts import Launching
from floe_bench.core.rehearsal.publishing import moves_of, rehearsed, settled, take_away
from floe_bench.core.rehearsal.record import Records
from floe_bench.core.undo.moving import move_all
from floe_bench.errors import CommitConflict, NoSuchRun, RehearsalRefused, RunActive, StackUnavailable
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.command import to_type
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.model.run import RunRequest, RunStatus
from floe_bench.model.table import TableName
from floe_bench.ports.head import HeadMover
from floe_bench.ports.rehearsal import BranchKeeper, CanRehearse

_never: Callable[[], bool] = lambda: False  # noqa: E731


class LocalRehearsing:
    """Fulfils ``ports.rehearsal.Rehearsing``. ``assets`` are those of now, ``changed`` is called after tables moved."""

    def __init__(
        self, parts: Launching, records: Records, *, assets: Callable[[], Sequence[Asset]], changed: Callable[[], None]
    ) -> None:
        self._parts, self._records = parts, records
        self._assets, self._changed = assets, changed
        self._one = threading.Lock()
        """One rehearsal is published or discarded at a time."""

    def start(self, request: RunRequest) -> Rehearsal:
        self._parts.catch_up()
        orchestrator = self._parts.orchestrator()
        self._keeper()
        if not isinstance(orchestrator, CanRehearse):
            raise StackUnavailable("this orchestrator cannot rehearse", remedy="floe-bench run")
        note = self._left_out(request)
        rehearsal_id = uuid.uuid4().hex[:8]
        wanted = replace(request, rehearsal=rehearsal_id)
        run_id = orchestrator.submit(wanted)
        return self._records.put(Rehearsal(rehearsal_id, run_id, datetime.now(UTC), wanted, note=note))

    def status(self, rehearsal_id: str = "") -> Rehearsal:
        found = self._now(self._records.find(rehearsal_id))
        return found if found.state.over else replace(found, tables=self._tables(found))

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        return tuple(self._now(each) for each in self._records.all())

    def diff(
        self, rehearsal_id: str = "", limit: int = 20, cancelled: Callable[[], bool] = _never
    ) -> tuple[RehearsedDiff, ...]:
        found = self._now(self._records.find(rehearsal_id))
        if found.state.over:
            raise RehearsalRefused(f"rehearsal {found.rehearsal_id} is {found.state}: it has no branches any more")
        keys = {asset.table: asset.unique_key for asset in self._assets()}
        return tuple(
            RehearsedDiff(
                table,
                difference(
                    self._parts.catalog(),
                    self._parts.compute(),
                    TableName.parse(table.table),
                    before=table.base,
                    after=table.head,
                    key=keys.get(table.table, ()),
                    declared=True,
                    limit=limit,
                    cancelled=cancelled,
                ),
            )
            for table in self._tables(found)
        )

    def publish(self, rehearsal_id: str = "") -> Rehearsal:
        self.settle()
        with self._one:
            found = self._now(self._records.find(rehearsal_id))
            if found.state is not RehearsalState.READY:
                raise _refused(found, "published")
            tables = self._tables(found)
            if not tables:
                raise RehearsalRefused(f"rehearsal {found.rehearsal_id} wrote no table", remedy=_DISCARD)
            self._refuse_while_running(tables)
            moves = moves_of(tables, self._mover())
            begun = replace(found, tables=tables, moves=moves).now(RehearsalState.PUBLISHING)
            self._records.put(begun)
            try:
                move_all(moves, self._mover())
            except CommitConflict as error:
                self._records.put(replace(found, moves=()).now(RehearsalState.RUNNING, error.message))
                raise
            finally:
                self._changed()
            return self._concluded(begun)

    def discard(self, rehearsal_id: str = "") -> Rehearsal:
        self.settle()
        with self._one:
            found = self._now(self._records.find(rehearsal_id))
            if found.state not in (RehearsalState.READY, RehearsalState.FAILED):
                raise _refused(found, "discarded")
            return self._discarded(self._records.put(found.now(RehearsalState.DISCARDING)))

    def is_published(self, rehearsal_id: str) -> bool:
        known = (each for each in self._records.all() if each.rehearsal_id == rehearsal_id)
        return any(each.state is RehearsalState.PUBLISHED for each in known)

    def unfinished(self) -> bool:
        return bool(self._records.unsettled())

    def settle(self) -> tuple[str, ...]:
        """Carry through what was interrupted, or change it back; in words."""
        with self._one:
            done = []
            for each in self._records.unsettled():
                if each.state is RehearsalState.DISCARDING:
                    done.append(f"rehearsal {each.rehearsal_id}: {self._discarded(each).note}")
                    continue
                found = settled(each, catalog=self._parts.catalog(), mover=self._mover())
                if found.state is RehearsalState.PUBLISHED:
                    found = self._concluded(each, found.note)
                else:
                    self._records.put(replace(found, moves=()))
                done.append(f"rehearsal {each.rehearsal_id}: {found.note}")
            return tuple(done)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _left_out(self, request: RunRequest) -> str:
        """Which Python assets do not take part, in words. Raises RehearsalRefused: one was asked for by its name."""
        python = [asset.asset for asset in self._assets() if asset.kind == "python"]
        asked = set((request.select or "").split())
        named = next((each for each in python if f"asset:{each}" in asked), None)
        if named is not None:
            raise RehearsalRefused(
                f"{named} is a Python asset: what writes it knows no branch, so it would be written to main",
                remedy="leave it out of --select, and run it once the rehearsal is published",
            )
        return f"left out, since they know no branch: {', '.join(python)}" if python and not asked else ""

    def _concluded(self, begun: Rehearsal, note: str = "") -> Rehearsal:
        """Main has moved: the branches go, and the orchestrator is told. Doing it twice is the same as once, but for
        the orchestrator, which is told twice."""
        take_away(begun.branch, self._keeper(), also_made=False)
        orchestrator = self._parts.orchestrator(parsed=False)
        if isinstance(orchestrator, CanRehearse):
            orchestrator.adopt(begun.run_id, tuple(table.asset for table in begun.tables if table.asset))
        done = self._records.put(begun.now(RehearsalState.PUBLISHED, note))
        self._changed()
        return done

    def _discarded(self, begun: Rehearsal) -> Rehearsal:
        take_away(begun.branch, self._keeper(), also_made=True)
        self._changed()
        return self._records.put(begun.now(RehearsalState.DISCARDED, "its branches are gone"))

    def _now(self, rehearsal: Rehearsal) -> Rehearsal:
        """With the state that its run gives it."""
        if rehearsal.state is not RehearsalState.RUNNING:
            return rehearsal
        try:
            status = self._parts.orchestrator(parsed=False).run(rehearsal.run_id).status
        except NoSuchRun:  # the engine ended before the run began
            return rehearsal.now(RehearsalState.FAILED, rehearsal.note)
        if not status.over:
            return rehearsal
        well = status is RunStatus.SUCCESS
        return rehearsal.now(RehearsalState.READY if well else RehearsalState.FAILED, rehearsal.note)

    def _tables(self, rehearsal: Rehearsal) -> tuple[Rehearsed, ...]:
        """Those of assets first, parents before children."""
        catalog, assets = self._parts.catalog(), self._assets()
        of = {asset.table: (place, asset.asset) for place, asset in enumerate(assets)}
        found = []
        for name in self._keeper().tables_with(rehearsal.branch):
            place, asset = of.get(str(name), (len(of), None))
            each = rehearsed(name, rehearsal.branch, asset, catalog.snapshots(name))
            if each is not None:
                found.append((place, str(name), each))
        return tuple(each for _, _, each in sorted(found, key=lambda found: found[:2]))

    def _refuse_while_running(self, tables: Sequence[Rehearsed]) -> None:
        running = {asset.asset for asset in self._assets() if asset.status is AssetStatus.RUNNING}
        busy = next((table.asset for table in tables if table.asset in running), None)
        if busy is not None:
            raise RunActive(f"a run is just making {busy}", remedy="wait for it, or: floe-bench cancel --all")

    def _mover(self) -> HeadMover:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HeadMover):
            raise StackUnavailable("this stack's catalog cannot publish", remedy="floe-bench doctor")
        return catalog

    def _keeper(self) -> BranchKeeper:
        catalog = self._parts.catalog()
        if not isinstance(catalog, BranchKeeper):
            raise StackUnavailable("this stack's catalog has no branches", remedy="floe-bench run")
        return catalog


_DISCARD = "floe-bench rehearse discard"


def _refused(rehearsal: Rehearsal, verb: str) -> RehearsalRefused:
    named = f"rehearsal {rehearsal.rehearsal_id}"
    if rehearsal.state is RehearsalState.RUNNING:
        return RehearsalRefused(f"{named} still runs", remedy=to_type("cancel", rehearsal.run_id[:8]))
    if rehearsal.state is RehearsalState.FAILED:
        return RehearsalRefused(f"{named} failed: it is not {verb}", remedy=to_type("runs", rehearsal.run_id[:8]))
    return RehearsalRefused(f"{named} is {rehearsal.state}: it cannot be {verb}", remedy="floe-bench rehearse list")
