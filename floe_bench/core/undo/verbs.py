"""Undo, as the bench offers it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from floe_bench.core.pairing import paired
from floe_bench.core.parts import Parts
from floe_bench.core.undo.extent import Cut, back_to, last_materialization, main_line, of_run, with_downstream
from floe_bench.core.undo.moving import carry_out, settle
from floe_bench.core.undo.plan import redo_plan, undo_plan
from floe_bench.core.undo.record import Records
from floe_bench.errors import BenchError, NoSuchTable, NothingToUndo, RunActive, StackUnavailable, UsageError
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove, TakenBack, Undo, UndoKind, UndoPlan, UndoState
from floe_bench.ports.head import HeadMover

_never: Callable[[], bool] = lambda: False  # noqa: E731


class UndoVerbs:
    """Fulfils ``ports.undo.Undoing``. ``assets`` are those of now, ``changed`` is called after tables moved; ``typed``
    are snapshots that statements of the SQL screen wrote."""

    def __init__(
        self,
        parts: Parts,
        records: Records,
        *,
        assets: Callable[[], Sequence[Asset]],
        changed: Callable[[], None],
        typed: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        self._parts, self._records = parts, records
        self._assets, self._changed, self._typed = assets, changed, typed
        self._one = threading.Lock()
        """One undo at a time; a plan may be made meanwhile."""

    def plan(
        self,
        asset: str | None = None,
        run_id: str | None = None,
        downstream: bool = False,
        cancelled: Callable[[], bool] = _never,
    ) -> UndoPlan:
        if (asset is None) == (run_id is None):
            raise UsageError("an undo is of an asset or of a run", remedy="floe-bench undo --help")
        self.settle()
        assets, line = self._assets(), self._line()
        if asset is not None:
            of = _found(asset, assets)
            cuts = last_materialization(of, line)
            about = f"the last materialization of {of.asset} (run {(_maker(cuts[of.asset]) or '')[:8]})"
        else:
            whole = self._parts.orchestrator(parsed=False).run(run_id or "").run_id
            cuts = of_run(whole, assets, line)
            about = f"run {whole[:8]}"
        if downstream:
            cuts, about = with_downstream(cuts, assets, line), f"{about} and everything made from it"
        return undo_plan(
            tuple(cuts.values()),
            about,
            assets=assets,
            catalog=self._parts.catalog(),
            mover=self._mover(),
            compute=self._parts.compute(),
            cancelled=cancelled,
        )

    def plan_rollback(self, table: str, snapshot_id: int, cancelled: Callable[[], bool] = _never) -> UndoPlan:
        self.settle()
        name, assets = TableName.parse(table), self._assets()
        self._parts.catalog().columns(name, snapshot_id)  # raises NoSuchTable, NoSuchSnapshot
        asset = next((each for each in assets if each.table == table), _nobodys(table))
        return undo_plan(
            (back_to(asset, snapshot_id, self._line()),),
            f"everything in {table} after snapshot {snapshot_id}",
            assets=assets,
            catalog=self._parts.catalog(),
            mover=self._mover(),
            compute=self._parts.compute(),
            cancelled=cancelled,
        )

    def plan_redo(self, undo_id: str | None = None, cancelled: Callable[[], bool] = _never) -> UndoPlan:
        self.settle()
        undo = self._records.find(undo_id)
        catalog, compute = self._parts.catalog(), self._parts.compute()
        return redo_plan(undo, catalog=catalog, mover=self._mover(), compute=compute, cancelled=cancelled)

    def apply(self, plan: UndoPlan) -> Undo:
        with self._one:
            self._refuse_while_running(plan)
            if plan.kind is UndoKind.UNDO:
                undo = Undo(uuid.uuid4().hex[:8], datetime.now(UTC), plan, UndoState.UNDOING)
            else:
                undo = self._records.find(plan.undo_id).now(UndoState.REDOING)
            try:
                done = carry_out(undo, plan.moves, records=self._records, mover=self._mover())
            finally:
                self._changed()
            return self._told(done)

    def history(self, limit: int = 50) -> tuple[Undo, ...]:
        return self._records.all()[:limit]

    def taken_back(self) -> Mapping[str, TakenBack]:
        return self._records.taken_back()

    def in_force(self) -> tuple[Undo, ...]:
        """Those that a redo may bring back."""
        return tuple(undo for undo in self._records.all() if undo.state not in (UndoState.REDONE, UndoState.DROPPED))

    def unfinished(self) -> bool:
        return bool(self._records.unsettled())

    def settle(self) -> tuple[str, ...]:
        """Finish or roll back what was interrupted, and tell the orchestrator what it was not told; in words."""
        with self._one:
            done = []
            for undo in self._records.unsettled():
                if not undo.state.over:
                    undo = settle(undo, records=self._records, mover=self._mover(), catalog=self._parts.catalog())
                    done.append(f"{undo.plan.about}: {undo.note}")
                if not undo.told:
                    self._told(undo)
            return tuple(done)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _mover(self) -> HeadMover:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HeadMover):
            raise StackUnavailable("this stack's catalog cannot move a table back", remedy="floe-bench doctor")
        return catalog

    def _line(self) -> Callable[[Asset], tuple[Snapshot, ...]]:
        """Each table is read once, and a table that is not there has no snapshots."""
        catalog, known = self._parts.catalog(), dict[str, tuple[Snapshot, ...]]()
        links, assets = self._parts.orchestrator(parsed=False).snapshot_links(), self._assets()
        typed = self._typed()

        def line(asset: Asset) -> tuple[Snapshot, ...]:
            if asset.table not in known:
                try:
                    found = catalog.snapshots(TableName.parse(asset.table))
                except NoSuchTable:
                    found = ()
                told = paired(found, table=asset.table, assets=assets, links=links, typed=typed)
                known[asset.table] = main_line(told)
            return known[asset.table]

        return line

    def _refuse_while_running(self, plan: UndoPlan) -> None:
        """A node that reads or writes the table right now would go on from what is being taken away."""
        running = {asset.asset for asset in self._assets() if asset.status is AssetStatus.RUNNING}
        busy = next((table.asset for table in plan.tables if table.asset in running), None)
        if busy is not None:
            raise RunActive(f"a run is just making {busy}", remedy="wait for it, or: floe-bench cancel --all")

    def _told(self, undo: Undo) -> Undo:
        """The orchestrator, of every table. An undo that it cannot be told of has happened all the same."""
        try:
            orchestrator = self._parts.orchestrator(parsed=False)
            ours = {asset.asset for asset in self._assets()}
            for table in (table for table in undo.plan.tables if table.asset in ours):
                orchestrator.observe(table.asset, *_words(undo, table.move))
        except BenchError as error:
            logging.getLogger(__name__).warning("undo %s is not in the event log yet: %s", undo.undo_id, error)
            return undo
        return self._records.put(undo.now(undo.state, undo.note, told=True))


def _found(typed: str, assets: Sequence[Asset]) -> Asset:
    """By key, name or table. Raises NothingToUndo."""
    found = [each for each in assets if typed in (each.asset, each.table, each.asset.rpartition("/")[2])]
    if len(found) != 1:
        fault = f"'{typed}' fits {len(found)} assets" if found else f"there is no asset '{typed}'"
        raise NothingToUndo(fault, remedy="floe-bench assets")
    if found[0].status is AssetStatus.EXTERNAL:
        raise NothingToUndo(f"{found[0].asset} is a source: it is made outside of this project")
    return found[0]


def _nobodys(table: str) -> Asset:
    """A table that no asset of the project makes."""
    return Asset(asset=table, kind="source", group="", table=table, status=AssetStatus.EXTERNAL)


def _maker(cut: Cut) -> str | None:
    return next((snapshot.run_id for snapshot in cut.passed if snapshot.run_id), None)


def _words(undo: Undo, move: HeadMove) -> tuple[str, dict[str, str]]:
    move = move if undo.state is UndoState.UNDONE else move.back
    to = "before its first write: the table is empty" if move.after.reads is None else ""
    verb = "taken back to" if undo.state is UndoState.UNDONE else "brought forward to"
    said = f"{verb} {to or f'snapshot {move.after.reads}'} by {undo.plan.kind} {undo.undo_id}: {undo.plan.about}"
    return said, {
        "floe/undo_id": undo.undo_id,
        "floe/undo_state": str(undo.state),
        "floe/reason": undo.plan.about,
        "iceberg/table": move.table,
        "iceberg/snapshot_id": str(move.after.reads or ""),
        "iceberg/snapshot_id_before": str(move.before.reads or ""),
    }
