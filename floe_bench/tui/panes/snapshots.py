"""The third pane: the Iceberg snapshots of one table, newest first, each with the run that made it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult

from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState
from floe_bench.tui.links import marks
from floe_bench.tui.messages import Asked
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.snapshot import (
    Growth,
    foreign_line,
    growth_of,
    here_line,
    is_ours,
    later_line,
    refs_line,
    snapshot_detail,
    snapshot_line,
    totals_line,
)
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.view import SNAPSHOTS, Selection, View

_LATER = 5
"""How many of those that came later are shown: where one stands is in sight."""


class Later(NamedTuple):
    """A snapshot that came after the moment that is shown."""

    snapshot: Snapshot


class Refs(NamedTuple):
    """A line above the snapshot that they point at; ``growth`` on the first one."""

    names: tuple[str, ...]
    growth: Growth | None


class SnapshotsPane(Pane):
    place: ClassVar[str] = SNAPSHOTS
    title: ClassVar[str] = "Snapshots"
    digit: ClassVar[int] = 3

    def compose(self) -> ComposeResult:
        self._listed: tuple[Snapshot, ...] | None = None
        self._late: tuple[Snapshot, ...] = ()
        self._items: list[Item] = []
        self._current: int | None = None
        self._table: str | None = None
        yield from super().compose()

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        if view.table is None:
            return face.empty("Select an asset to see the snapshots of its table.", width=self.room)
        read = state.snapshots.get(view.table)
        if view.as_of is not None and not read and view.table not in state.later:
            return face.empty("No snapshot of then, or before, is kept.", ("0", "back to now"), width=self.room)
        if view.unread is not None and read is None:
            return face.broken(view.unread, self.room, retry="read again")
        if read is None:
            listed = state.tables is not None and view.table not in state.tables
            if listed and view.reading is None:
                return _never()
            return self.waiting_for(f"reading {view.table}")
        return None if read or view.table in state.later else _never()

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        read, late = state.snapshots.get(view.table or "", ()), state.later.get(view.table or "", ())
        if read is self._listed and late is self._late:
            return self._items
        self._table, self._listed, self._late = view.table, read, late
        on_main = next((each for each in reversed(read) if "main" in each.refs), None)
        self._current = on_main.snapshot_id if on_main else read[-1].snapshot_id if read else None
        self._items = [*_later_items(late), *_items(read)]
        return self._items

    def sync(self, state: BenchState, view: View) -> None:
        super().sync(state, view)
        # What somebody went to from elsewhere.
        chosen = view.selection
        if chosen.origin == SNAPSHOTS and view.place != SNAPSHOTS and chosen.table == view.table:
            self.lines.put_cursor(chosen.snapshot_id)

    def marks(self, state: BenchState, view: View) -> frozenset[Hashable]:
        if view.selection.origin == SNAPSHOTS:
            return frozenset()
        return frozenset(marks(state, view.selection, view.table).snapshots)

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        known = facts(self)
        if isinstance(item.of, Refs):
            return refs_line(item.of.names, width, item.of.growth)
        if isinstance(item.of, int):
            return here_line(item.of)
        if isinstance(item.of, Later):
            return later_line(item.of.snapshot, width, known.now(), known.zone)
        return snapshot_line(item.of, width, known.now(), known.zone, current=item.of.snapshot_id == self._current)

    def about(self, state: BenchState, view: View) -> tuple[Span, ...]:
        return (Span(f"  {clean(view.table)}", Tone.TEXT),) if view.table else ()

    def foot(self, state: BenchState, view: View) -> str:
        if view.unread is not None:
            return "old: could not be read again · r"
        if view.reading is not None and view.reading in state.snapshots:
            return "reading again …"
        read = state.snapshots.get(view.table or "", ())
        late = len(state.later.get(view.table or "", ()))
        return " · ".join(([totals_line(read)] if read else []) + ([f"{unit.count(late)} later"] if late else []))

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        item = self.lines.current
        if item is None or not isinstance(item.of, Snapshot) or view.place != SNAPSHOTS:
            return ()
        return snapshot_detail(item.of, self.lines.size.width)

    def opened(self, item: Item, how: str) -> None:
        if how != "shut":
            self.post_message(Asked("diff" if how == "toggle" else "lineage"))

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        snapshot: Snapshot = item.of
        asset = (snapshot.asset,) if snapshot.asset else ()
        return Selection(SNAPSHOTS, asset, run_id=snapshot.run_id, table=self._table, snapshot_id=snapshot.snapshot_id)


def _never() -> Sequence[Line]:
    return face.empty("This table was never written.", ("m", "materialize it"))


def _later_items(late: tuple[Snapshot, ...]) -> list[Item]:
    """The nearest, dimmed and not to be selected, above the line where one stands."""
    if not late:
        return []
    nearest = [Item(("later", each.snapshot_id), Later(each), still=True) for each in reversed(late[:_LATER])]
    return [*nearest, Item("here", max(len(late) - _LATER, 0), still=True)]


def _items(read: tuple[Snapshot, ...]) -> list[Item]:
    growth: Growth | None = growth_of(read)
    items: list[Item] = []
    for snapshot in reversed(read):
        if snapshot.refs:
            items.append(Item(("refs", snapshot.snapshot_id), Refs(snapshot.refs, growth), still=True))
            growth = None
        items.append(Item(snapshot.snapshot_id, snapshot))
        if not is_ours(snapshot) and snapshot.written_by:
            items.append(Item(("by", snapshot.snapshot_id), foreign_line(snapshot), still=True))
    return items
