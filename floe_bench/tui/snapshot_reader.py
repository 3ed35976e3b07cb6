"""Reads the snapshots of the shown table: late, and again when somebody may have written."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from floe_bench.events import SnapshotsRead
from floe_bench.tui.later import later
from floe_bench.tui.links import written_as_of
from floe_bench.tui.view import Link, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

SNAPSHOTS_OF = "snapshots "
"""Keys of the numbered reads begin with it; the table follows."""
_SETTLE_S = 0.08


class SnapshotReader:
    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._as_of: dict[str, Hashable] = {}
        self.waits = False
        """A read is about to begin."""

    def forget(self) -> None:
        """Whatever was read may be old."""
        self._as_of.clear()

    def follow(self) -> None:
        """The cursor may pass over many tables; only where it rests is read."""
        table, state = self._app.view.table, self._app.live
        if table is None or not self._reachable():
            return
        if state.booted is None or not state.booted.ok:
            return
        if state.tables is not None and table not in state.tables:
            return
        if self._as_of.get(table) != written_as_of(state, table) and not self.waits:
            self.waits = True
            later(self._app, _SETTLE_S, self._read)

    def take(self, key: str, answer: object) -> None:
        table, view = key.removeprefix(SNAPSHOTS_OF), self._app.view
        if view.reading == table:
            self._app.look(reading=None)
        if isinstance(answer, SnapshotsRead):
            self._app.tell(answer)
        elif isinstance(answer, Trouble) and table == view.table:
            self._app.look(unread=answer)

    def _read(self) -> None:
        self.waits = False
        table = self._app.view.table
        if table is None or not self._reachable():
            return
        self._as_of[table] = written_as_of(self._app.live, table)
        self._app.look(reading=table, unread=None)
        self._app.bridge.read(SNAPSHOTS_OF + table, lambda client: SnapshotsRead(table, tuple(client.snapshots(table))))

    def _reachable(self) -> bool:
        return self._app.view.link is Link.LIVE and self._app.view.lost is None
