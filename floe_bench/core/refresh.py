"""Keeping assets and tables true while things happen."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.core.freshness import Evidence, with_status
from floe_bench.core.view import listed, looked_for
from floe_bench.errors import BenchError
from floe_bench.events import (
    AssetsChanged,
    NodeChanged,
    ProblemFound,
    ProblemSolved,
    RunChanged,
    TablesChanged,
    ViewsChanged,
)
from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeStatus
from floe_bench.model.table import Table, TableName
from floe_bench.model.undo import TakenBack
from floe_bench.ports.catalog import CatalogReader

STACK = "stack"
CATALOG = "catalog"
"""What the catalog's problems are about."""

_SETTLE_S = 0.01
"""Events that come together are answered together; those that come during a look, and the rest after it, as well."""
_REST = 3
"""How many times as long as a look took nothing is looked at after it: while a build goes on, most of each processor is
the build's."""
_LONGEST_REST_S = 0.4
_LOOK_S = 0.4
"""How often commits of others are looked for, where something may have happened: they are to show within a second."""


class Refresher:
    """One thread; one refresh at a time. A catalog that is away is said once and asked again."""

    def __init__(
        self,
        boot: Boot,
        board: Board,
        *,
        taken_back: Callable[[], Mapping[str, TakenBack]],
        is_published: Callable[[str], bool],
    ) -> None:
        self._boot, self._board = boot, board
        self._taken_back, self._is_published = taken_back, is_published
        self._wake, self._stop = threading.Event(), threading.Event()
        self._one = threading.Lock()
        self._counted: dict[tuple[str, int], int] = {}
        self._written: deque[TableName] = deque()
        self._judged: tuple[Table, ...] | None = None
        self._view_names: tuple[TableName, ...] = ()
        self._shown: tuple[object, object] = (None, None)
        """The catalog that was told which tables the bench shows, and their assets."""
        self._mine: frozenset[TableName] = frozenset()
        self._threads = (
            threading.Thread(target=self._work, name="refresh", daemon=True),
            threading.Thread(target=self._listen, name="refresh-listen", daemon=True),
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def all_changed(self) -> None:
        self._wake.set()

    def tables_now(self) -> tuple[Table, ...]:
        """Read from the catalog now. Raises what the catalog raises."""
        with self._one:
            return self._told(self._boot.catalog().tables())

    def assets_now(self) -> tuple[Asset, ...]:
        return self._judge(self.tables_now())

    def _told(self, found: tuple[Table, ...]) -> tuple[Table, ...]:
        tables = tuple(self._with_rows(table) for table in found)
        known = self._board.state.tables
        if known is None or tuple(known.values()) != tables:
            self._board.emit(TablesChanged(tables))
        return tables

    def _tell_views(self) -> None:
        found = looked_for(self._boot.catalog())
        if found is not self._view_names:
            self._view_names = found
            self._board.emit(ViewsChanged(listed(found)))

    def _judge(self, found: tuple[Table, ...]) -> tuple[Asset, ...]:
        tables = {table.table: table for table in found}
        orchestrator = self._boot.orchestrator(parsed=False)
        state = self._board.state
        # What a rehearsal made is on branches: it says nothing about the tables before it is published.
        runs = [run for run in state.runs or () if run.rehearsal is None or self._is_published(run.rehearsal)]
        evidence = Evidence(orchestrator.materializations(), tables, runs, state.nodes, self._taken_back())
        assets = with_status(self._boot.assets or (), evidence)
        known = self._board.state.assets
        if known is None or tuple(known.values()) != assets:
            self._board.emit(AssetsChanged(assets))
        return assets

    def _with_rows(self, table: Table) -> Table:
        """Where a writer left row-level deletes the summary does not say how many rows are live: count, once."""
        if table.rows is not None or table.snapshot_id is None:
            return table
        key = (table.table, table.snapshot_id)
        if key not in self._counted:
            self._counted[key] = self._boot.compute().count(TableName.parse(table.table), table.snapshot_id)
        return replace(table, rows=self._counted[key])

    def _listen(self) -> None:
        for event in self._board.events(self._stop.is_set):
            over = isinstance(event, RunChanged) and event.run.status.over
            if over or (
                isinstance(event, NodeChanged)
                and (not event.node.is_check or event.node.status is not NodeStatus.RUNNING)
            ):
                if isinstance(event, NodeChanged) and event.node.status is not NodeStatus.RUNNING:
                    self._note(event.node.asset)
                self._wake.set()

    def _note(self, asset: str | None) -> None:
        """A node that has ended wrote its table, if it wrote any."""
        known = (self._board.state.assets or {}).get(asset or "")
        if known is not None:
            self._written.append(TableName.parse(known.table))

    def _work(self) -> None:
        woken, unread = True, False
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._boot.orchestrator(parsed=False)
                unread = self._look(woken)
                for about in (CATALOG, STACK):
                    if any(each.about == about for each in self._board.state.problems):
                        self._board.emit(ProblemSolved(about))
            except BenchError as error:
                self._judged, unread = None, False
                if not self._stop.is_set() and not self._boot.stopping:
                    self._say(error)
            except Exception:  # a defect of ours: the next look may go well, and without one nothing stays true
                self._judged, unread = None, False
                logging.getLogger(__name__).exception("a refresh failed")
            ended = time.monotonic()
            rested = ended + min(_REST * (ended - began), _LONGEST_REST_S)
            woken = self._wake.wait(0 if unread else _LOOK_S)
            if woken:
                self._stop.wait(max(_SETTLE_S, rested - time.monotonic()))
            self._wake.clear()

    def _look(self, woken: bool) -> bool:
        """Judge assets again where a table is another, or something happened that says more about them.

        True: there are tables that are known by name alone as yet; no asset is judged by one of them.
        """
        with self._one:
            catalog = self._boot.catalog()
            self._show(catalog)
            written = {self._written.popleft() for _ in range(len(self._written))}
            found = catalog.look(written)
            unread = catalog.unread
            tables = self._told(found) if woken or found is not self._judged else None
            many_unread, mine_unread = bool(unread), not self._mine.isdisjoint(unread)
        if tables is not None and not mine_unread:
            self._judge(tables)
            self._judged = found
        self._tell_views()
        return many_unread

    def _show(self, catalog: CatalogReader) -> None:
        """The tables of the bench are before somebody's eyes."""
        assets = self._boot.assets
        if self._shown[0] is not catalog or self._shown[1] is not assets:
            self._shown = (catalog, assets)
            names = tuple(TableName.parse(each.table) for each in assets or ())
            self._mine = frozenset(names)
            catalog.seen(names)

    def _say(self, error: BenchError) -> None:
        known = self._problem()
        since = known.at if known is not None else datetime.now(UTC)
        if known is None or known.message != error.message:
            self._board.emit(ProblemFound(CATALOG, error.message, error.remedy, error.where, since))
        try:
            self._boot.revive()
        except BenchError as failed:  # the daemon is away, or it does not come up: the next look tries again
            if not self._boot.stopping:
                self._board.emit(ProblemFound(STACK, failed.message, failed.remedy, failed.where))

    def _problem(self) -> ProblemFound | None:
        return next((problem for problem in self._board.state.problems if problem.about == CATALOG), None)
