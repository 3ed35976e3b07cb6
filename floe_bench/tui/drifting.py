"""Following a column over snapshots: read as they come, given up as soon as nobody looks any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.events import DriftProgressed
from floe_bench.model.drift import Drift, Reading, marked
from floe_bench.tui.looking import look_in_view
from floe_bench.tui.view import DriftFace, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

DRIFT = "drift"
"""Key of the numbered read."""
_SNAPSHOTS, _MORE = 20, 3
"""How many at first, and how many times as many then."""


class Drifting:
    """The one writer of ``view.drift``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def choose(self) -> None:
        from floe_bench.tui.screens.drift import ColumnSheet

        look = look_in_view(self._app.bench_state, self._app.view.looking)
        if look is None or look.anatomy is None:
            return
        now = look.anatomy.schema
        known = {column.field_id for column in now.columns}
        gone = {
            column.field_id: column
            for version in look.schemas
            for column in version.columns
            if column.field_id not in known
        }
        inside = {each.field_id: of.inside(each) for of in (*look.schemas, now) for each in of.columns}
        sheet = ColumnSheet(now.columns, tuple(gone.values()), inside)
        self._app.push_screen(sheet, lambda column: self._begin(column) if column is not None else None)

    def more(self) -> None:
        known = self._app.view.drift
        if known is not None and known.asked_at is None and known.older:
            self._read(replace(known, limit=known.limit * _MORE, trouble=None))

    def told(self, event: DriftProgressed) -> None:
        known = self._app.view.drift
        if known is None or known.asked_at is None or (known.table, known.column) != (event.table, event.column):
            return
        others = (each for each in known.readings if each.snapshot_id != event.reading.snapshot_id)
        readings = marked(sorted([*others, event.reading], key=lambda each: each.committed_at))
        self._app.look(drift=replace(known, readings=readings, snapshots=event.snapshots))

    def take(self, answer: object) -> None:
        known = self._app.view.drift
        if known is not None and isinstance(answer, Drift):
            found = replace(known, readings=answer.readings, snapshots=len(answer.readings), older=answer.older)
            self._app.look(drift=replace(found, asked_at=None))
        elif known is not None and isinstance(answer, Trouble):
            self._app.look(drift=replace(known, asked_at=None, trouble=answer))

    def _begin(self, column: str) -> None:
        from floe_bench.tui.screens.drift import DriftSheet

        looking = self._app.view.looking
        if looking is not None and looking.table is not None:
            self._read(DriftFace(looking.table, column, looking.snapshot_id, _SNAPSHOTS))
            self._app.push_screen(DriftSheet(), self._left)

    def _read(self, face: DriftFace) -> None:
        table, column, at, limit = face.table, face.column, face.snapshot_id, face.limit
        self._app.look(drift=replace(face, asked_at=self._app.now()), notice=None)
        self._app.bridge.inspect(
            DRIFT, lambda client, cancelled: client.profile.drift(table, column, at, limit, cancelled=cancelled)
        )

    def _left(self, reading: Reading | None) -> None:
        known = self._app.view.drift
        self._app.bridge.drop(DRIFT)
        self._app.look(drift=None)
        looking = self._app.view.looking
        if reading is not None and known is not None and looking is not None and looking.table == known.table:
            self._app.explorer.go(reading.snapshot_id)
