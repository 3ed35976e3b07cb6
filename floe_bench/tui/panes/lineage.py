"""In front of the three panes: what an asset is made from and what is made from it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from floe_bench.model.run import NodeRun
from floe_bench.state import BenchState
from floe_bench.tui.history import running_nodes
from floe_bench.tui.lineage import Lineage, children_of, lineage_of, parents_of
from floe_bench.tui.messages import Asked
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face
from floe_bench.tui.render.asset import asset_detail
from floe_bench.tui.render.lineage import Row, graph_rows, graph_width, lineage_foot, lineage_line
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.view import LINEAGE, Selection, View

_WIDEST = 110


class LineagePane(Pane):
    """The cursor selects, in the other panes too; enter puts the asset under it in the middle."""

    place: ClassVar[str] = LINEAGE
    title: ClassVar[str] = "Lineage"

    def compose(self) -> ComposeResult:
        self._drawn: tuple[object, str | None] = (None, None)
        self._lineage = Lineage("", (), {}, {})
        self._items: list[Item] = []
        self._graph = 2
        self._live: Mapping[str, NodeRun] = {}
        yield from super().compose()

    def sync(self, state: BenchState, view: View) -> None:
        if view.place != LINEAGE:
            return
        before = self._drawn[1]
        super().sync(state, view)
        if view.lineage != before and view.lineage is not None:
            self.lines.put_cursor(view.lineage)

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        if view.lineage is None or view.lineage not in (state.assets or {}):
            return face.empty("This asset is not in the project any more.", ("esc", "back"), width=self.room)
        return None

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        self._live = running_nodes(state)
        wanted = (state.assets, view.lineage)
        if self._drawn[0] is not wanted[0] or self._drawn[1] != wanted[1]:
            self._drawn = wanted
            self._lineage = lineage_of(state.assets or {}, view.lineage or "")
            rows = graph_rows(self._lineage)
            self._graph = graph_width(rows)
            self._items = [Item(row.asset.asset, row) for row in rows]
        return self._items

    def marks(self, state: BenchState, view: View) -> frozenset[Hashable]:
        """What the selected asset reads and what reads it."""
        key, assets = view.selection.asset, state.assets or {}
        return frozenset((*parents_of(assets, key), *children_of(assets, key))) if key else frozenset()

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        row: Row = item.of
        running = row.asset.asset in self._live
        return lineage_line(
            row, min(width, _WIDEST), self._graph, facts(self).then(), focus=self._lineage.focus, running=running
        )

    def about(self, state: BenchState, view: View) -> tuple[Span, ...]:
        return (Span(f"  {clean(view.lineage)}", Tone.TEXT),) if view.lineage else ()

    def foot(self, state: BenchState, view: View) -> str:
        return f"{lineage_foot(self._lineage)} · enter centres · esc back"

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        item = self.lines.current
        return asset_detail(item.of.asset, self.lines.size.width) if item and isinstance(item.of, Row) else ()

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        asset = item.of.asset
        return Selection(assets=(asset.asset,), table=asset.table)

    def opened(self, item: Item, how: str) -> None:
        self.post_message(Asked("dismiss" if how == "shut" else "lineage"))
