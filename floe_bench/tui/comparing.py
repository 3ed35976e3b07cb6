"""What the drawer compares: a snapshot with its parent, counted at once, its rows in pages; it can be given up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.model.snapshot import Diff
from floe_bench.tui.glance import joined
from floe_bench.tui.view import DRAWER, DiffFace, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

DIFF = "diff"
"""Key of the numbered read."""
_SAMPLES = 50


class Comparing:
    """The one writer of ``view.diff``, but for a bench that starts anew."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def begin(self, table: str, to_snapshot: int) -> None:
        self._app.look(diff=DiffFace(table, to_snapshot), tab="diff")
        if self._app.view.single:
            self._app.look(place=DRAWER)
        self._read()

    def more(self) -> None:
        """The next page of samples, if there is one and none is on its way."""
        known = self._app.view.diff
        if known is not None and known.has_more:
            self._read()

    def give_up(self) -> bool:
        """False where nothing is being compared."""
        if self._app.view.diff is None or not self._app.view.diff.pending:
            return False
        self._app.bridge.drop(DIFF)
        self._app.look(diff=None)
        return True

    def take(self, answer: object) -> None:
        known = self._app.view.diff
        if known is None:
            return
        if isinstance(answer, Trouble):
            self._app.look(diff=replace(known, asked_at=None, trouble=answer))
        elif isinstance(answer, Diff):
            found = answer if known.diff is None else joined(known.diff, answer)
            whole = found.left <= 0 or not answer.samples
            self._app.look(diff=replace(known, asked_at=None, diff=found, whole=whole))

    def _read(self) -> None:
        known = self._app.view.diff
        if known is None:
            return
        table, to_snapshot, have = known.table, known.to_snapshot, len(known.diff.samples) if known.diff else 0
        self._app.look(diff=replace(known, asked_at=self._app.now()), progress=None)
        self._app.bridge.inspect(
            DIFF,
            lambda client, cancelled: client.diff(
                table, to_snapshot=to_snapshot, limit=_SAMPLES, offset=have, cancelled=cancelled
            ),
        )
