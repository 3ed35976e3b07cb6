"""The time cursor: which moment the whole bench is shown as of, and reading the history that this takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.events import SnapshotsRead
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, reduce
from floe_bench.tui.chosen import current_of
from floe_bench.tui.past.board import board_then
from floe_bench.tui.past.moment import LakeLook, commits_since, meant, moved, newest_first
from floe_bench.tui.render import unit
from floe_bench.tui.screens.moment import TimeSheet
from floe_bench.tui.view import AsOf, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

LAKE = "lake"
"""Key of the numbered read."""
_OFFERED = 300
"""Moments to choose from."""


class TimeCursor:
    """The one writer of ``view.as_of``. Histories are read when somebody first looks back; those of tables that were
    written since, again."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._read: dict[str, int | None] = {}
        """The current snapshot of each table when its history was read."""
        self._reading = False
        self._waiting: list[Callable[[], None]] = []
        """What is done as soon as the history is there, in order: keys are quicker."""

    def forget(self) -> None:
        """Another engine: the bench is as of now."""
        self._read.clear()
        self._waiting.clear()
        self._reading = False
        self._app.bridge.drop(LAKE)
        self._app.look(as_of=None)

    def again(self) -> None:
        """Whatever was read may be old."""
        self._read.clear()
        as_of = self._app.view.as_of
        if as_of is not None:
            self._with_history(lambda: self._show(as_of.at))

    def shown(self, before: BenchState, state: BenchState) -> BenchState:
        """What the bench shows of ``state``: what happens now does not move what is past."""
        as_of = self._app.view.as_of
        if as_of is None:
            return state
        then = self._app.bench_state
        if before.snapshots is not state.snapshots or before.assets is None:  # more is known of what is past
            then = board_then(state, as_of.at)
            self._app.look(as_of=replace(as_of, commits=commits_since(state, as_of.at)))
        return replace(
            state,
            assets=then.assets,
            runs=then.runs,
            nodes=then.nodes,
            tables=then.tables,
            snapshots=then.snapshots,
            steps=(),
        )

    def move(self, by: int) -> None:
        self._with_history(lambda: self._move(by))

    def go(self, at: datetime | None) -> None:
        if at is None or at >= self._app.now():
            self._waiting.clear()
            self._show(None)
        else:
            self._with_history(lambda: self._show(at))

    def choose(self) -> None:
        self._with_history(self._offer)

    def take(self, answer: object) -> None:
        self._reading, waiting, self._waiting = False, self._waiting, []
        self._app.look(notice=None)
        if isinstance(answer, Trouble):
            self._read.clear()
            self._app.say(f"the history could not be read: {answer.message}", "bad")
            return
        if isinstance(answer, LakeLook):
            state = self._app.live
            for table, snapshots in answer.snapshots.items():
                state = reduce(state, SnapshotsRead(table, snapshots))
            self._app.become(state)
        for act in waiting:
            act()

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _move(self, by: int) -> None:
        as_of = self._app.view.as_of
        at = as_of.at if as_of is not None else None
        there = moved(self._app.live, at, by)
        if there == at:
            self._app.say("nothing earlier is known" if by < 0 else "this is now", "warn")
        else:
            self._show(there)

    def _show(self, at: datetime | None) -> None:
        live = self._app.live
        if at is None:
            self._app.show_as_of(None, live)
            return
        self._app.show_as_of(AsOf(at, commits_since(live, at)), board_then(live, at))

    def _offer(self) -> None:
        offered = newest_first(self._app.live, _OFFERED)
        self._app.push_screen(TimeSheet(offered), lambda typed: self._chosen(typed) if typed else None)

    def _chosen(self, typed: str) -> None:
        at = meant(self._app.live, typed, zone=self._app.zone)
        if typed == TimeSheet.NOW:
            self.go(None)
        elif at is None:
            self._app.say(
                f"'{typed}' is no time and no snapshot; write 2026-01-31 14:00, or the start of an id", "warn"
            )
        else:
            self.go(at)

    def _with_history(self, act: Callable[[], None]) -> None:
        """At once where all of it was read."""
        unread = self._unread()
        if not unread and not self._reading:
            act()
            return
        self._waiting.append(act)
        if not unread:
            return
        self._read |= unread
        self._reading = True
        self._app.say(f"reading the history of {unit.plural(len(unread), 'table')} …")
        tables = tuple(unread)
        self._app.bridge.read(LAKE, lambda client: LakeLook(client.past.snapshots(tables)))

    def _unread(self) -> dict[str, int | None]:
        """Tables whose history was not read, or is not the one of now, each with its current snapshot."""
        live = self._app.live
        return {
            name: table.snapshot_id
            for name, table in (live.tables or {}).items()
            if not _reaches_now(live.snapshots.get(name), table.snapshot_id)
            and not (name in self._read and self._read[name] == table.snapshot_id)
        }


def _reaches_now(snapshots: tuple[Snapshot, ...] | None, current: int | None) -> bool:
    if snapshots is None:
        return False
    newest = current_of(snapshots)
    return (newest.snapshot_id if newest is not None else None) == current
