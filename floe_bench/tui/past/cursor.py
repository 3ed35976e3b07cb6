"""The time cursor: which moment the whole bench is shown as of, and reading the history that this takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.events import HistoryRead
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table
from floe_bench.state import BenchState
from floe_bench.tui.chosen import current_of
from floe_bench.tui.memo import same
from floe_bench.tui.past.board import board_then, shown_over
from floe_bench.tui.past.moment import BoardLook, any_before, commits_since, meant, moved, newest_first
from floe_bench.tui.render import unit
from floe_bench.tui.view import AsOf, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

LAKE, BOARD = "lake", "board"
"""Keys of the numbered reads: of the history, and of what it makes of a moment."""
_OFFERED = 300
"""Moments to choose from."""


class TimeCursor:
    """The one writer of ``view.as_of``. Histories are read when somebody first looks back; those of tables that were
    written since, again. What was so at a moment is worked out beside the screen, one moment at a time."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._read: dict[str, int | None] = {}
        """The current snapshot of each table when its history was read."""
        self._reading = False
        self._waiting: list[Callable[[], None]] = []
        """What is done as soon as the history is there, in order: keys are quicker."""
        self._wanted: datetime | None = None
        """Where the last key went: shown as soon as it is worked out."""
        self._number: int | None = None
        """Of what is being worked out; nothing comes of it any more where it is not the latest."""

    def forget(self) -> None:
        """Another engine: the bench is as of now."""
        self._read.clear()
        self._waiting.clear()
        self._reading = False
        self._app.bridge.drop(LAKE)
        self._stay_now()
        self._app.look(as_of=None)

    def again(self) -> None:
        """Whatever was read may be old."""
        self._read.clear()
        at = self._at
        if at is not None:
            self._with_history(lambda: self._show(at))

    def shown(self, before: BenchState, state: BenchState) -> BenchState:
        """What the bench shows of ``state``: what happens now does not move what is past."""
        if self._app.view.as_of is None:
            return state
        if before.snapshots is not state.snapshots or before.assets is None:  # more is known of what is past
            self._work_out()
        return shown_over(state, self._app.bench_state)

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
        if isinstance(answer, HistoryRead):
            self._app.tell(answer)
        for act in waiting:
            act()

    def worked_out(self, answer: object) -> None:
        """Shown also where somebody went on meanwhile: under a key that is held down the bench moves along."""
        self._number = None
        if isinstance(answer, Trouble):
            self._app.say(f"that moment could not be worked out: {answer.message}", "bad")
        if not isinstance(answer, BoardLook) or self._wanted is None:
            return
        self._app.show_as_of(answer.as_of, shown_over(self._app.live, answer.board))
        if answer.as_of.at != self._wanted or answer.known.snapshots is not self._app.live.snapshots:
            self._work_out()

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _move(self, by: int) -> None:
        at = self._at
        there = moved(self._app.live, at, by)
        if there == at:
            self._app.say("nothing earlier is known" if by < 0 else "this is now", "warn")
        else:
            self._show(there)

    def _show(self, at: datetime | None) -> None:
        if at is None:
            self._stay_now()
            self._app.show_as_of(None, self._app.live)
            return
        self._wanted = at
        self._work_out()

    @property
    def _at(self) -> datetime | None:
        """Where the cursor stands, or soon does."""
        as_of = self._app.view.as_of
        return self._wanted or (as_of.at if as_of is not None else None)

    def _work_out(self) -> None:
        at, live = self._at, self._app.live
        bridge = self._app.bridge
        if at is None or (self._number is not None and bridge.is_latest(BOARD, self._number)):
            return
        self._wanted = at
        self._number = bridge.work_out(BOARD, lambda: _board(live, at))

    def _stay_now(self) -> None:
        self._wanted = self._number = None
        self._app.bridge.drop(BOARD)

    def _offer(self) -> None:
        from floe_bench.tui.screens.moment import TimeSheet

        offered = newest_first(self._app.live, _OFFERED)
        self._app.push_screen(TimeSheet(offered), lambda typed: self._chosen(typed) if typed else None)

    def _chosen(self, typed: str) -> None:
        from floe_bench.tui.screens.moment import TimeSheet

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
        self._app.bridge.read(LAKE, lambda client: HistoryRead(client.past.snapshots(tables)))

    def _unread(self) -> dict[str, int | None]:
        """Tables whose history was not read, or is not the one of now, each with its current snapshot."""
        live = self._app.live
        return {
            name: current
            for name, current in _behind(live.tables, live.snapshots).items()
            if not (name in self._read and self._read[name] == current)
        }


def _board(known: BenchState, at: datetime) -> BoardLook:
    as_of = AsOf(at, commits_since(known, at), first=not any_before(known, at))
    return BoardLook(known, as_of, board_then(known, at))


@same
def _behind(tables: Mapping[str, Table] | None, snapshots: Mapping[str, tuple[Snapshot, ...]]) -> dict[str, int | None]:
    """Tables whose history does not end at their current snapshot, with that."""
    return {
        name: table.snapshot_id
        for name, table in (tables or {}).items()
        if not _reaches_now(snapshots.get(name), table.snapshot_id)
    }


def _reaches_now(snapshots: tuple[Snapshot, ...] | None, current: int | None) -> bool:
    if snapshots is None:
        return False
    newest = current_of(snapshots)
    return (newest.snapshot_id if newest is not None else None) == current
