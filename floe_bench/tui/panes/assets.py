"""The first pane: what the project can materialize, by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun
from floe_bench.state import BenchState
from floe_bench.tui.history import running_nodes, usual_s
from floe_bench.tui.links import marks
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.asset import asset_detail, asset_line, group_line
from floe_bench.tui.render.text import Line
from floe_bench.tui.view import ASSETS, Selection, Trouble, View

_PROJECT = "dbt project"


class AssetsPane(Pane):
    place: ClassVar[str] = ASSETS
    title: ClassVar[str] = "Assets"
    digit: ClassVar[int] = 1

    def compose(self) -> ComposeResult:
        self._shut: set[str] = set()
        self._listed: tuple[object, frozenset[str]] | None = None
        self._items: list[Item] = []
        self._groups: dict[str, list[Asset]] = {}
        self._counts: dict[str, Counter[AssetStatus]] = {}
        self._live: Mapping[str, NodeRun] = {}
        self._met = False
        yield from super().compose()

    def sync(self, state: BenchState, view: View) -> None:
        super().sync(state, view)
        if state.assets and not self._met:
            self._met = True
            self.lines.put_cursor(next(iter(state.assets)))

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        problem = next((each for each in state.problems if each.about == _PROJECT), None)
        if not state.assets and problem is not None:
            said = Trouble(problem.message, problem.remedy, problem.where)
            return face.broken(said, self.room, retry="read the project again")
        if state.assets is None:
            return face.loading("reading the project")
        if not state.assets:
            return face.empty("No models, seeds or snapshots here.", ("r", "read the project again"), width=self.room)
        return None

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        self._live = running_nodes(state)
        wanted = (state.assets, frozenset(self._shut))
        if self._listed is None or self._listed[0] is not wanted[0] or self._listed[1] != wanted[1]:
            self._listed = wanted
            self._items = self._list(state)
        return self._items

    def _list(self, state: BenchState) -> list[Item]:
        self._groups = {}
        for asset in (state.assets or {}).values():
            self._groups.setdefault(asset.group, []).append(asset)
        self._counts = {group: Counter(each.status for each in members) for group, members in self._groups.items()}
        items: list[Item] = []
        for group, members in self._groups.items():
            items.append(Item(("group", group), group))
            if group not in self._shut:
                items += [Item(asset.asset, asset) for asset in members]
        return items

    def marks(self, state: BenchState, view: View) -> frozenset[Hashable]:
        if view.selection.origin == ASSETS:
            return frozenset()
        found = marks(state, view.selection, view.table).assets
        shut = {asset.group for key in found if (asset := (state.assets or {}).get(key))} & self._shut
        return frozenset(found) | {("group", group) for group in shut}

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        if isinstance(item.of, Asset):
            running = self._live.get(item.of.asset)
            usual = usual_s(state, running.node_id) if running else None
            return asset_line(item.of, width, facts(self).now(), running=running, usual_s=usual)
        return group_line(item.of, self._counts[item.of], shut=item.of in self._shut)

    def foot(self, state: BenchState, view: View) -> str:
        if not state.assets:
            return ""
        return f"{unit.plural(len(state.assets), 'asset')} · by group"

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        item = self.lines.current
        return asset_detail(item.of, self.lines.size.width) if item and isinstance(item.of, Asset) else ()

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        if isinstance(item.of, Asset):
            return Selection(ASSETS, (item.of.asset,), table=item.of.table)
        members = tuple(asset.asset for asset in self._groups.get(item.of, []))
        return Selection(ASSETS, members, group=item.of)

    def opened(self, item: Item, how: str) -> None:
        group = item.of.group if isinstance(item.of, Asset) else item.of
        if isinstance(item.of, Asset) and how != "shut":
            return
        shut = how == "shut" or (how == "toggle" and group not in self._shut)
        (self._shut.add if shut else self._shut.discard)(group)
        if shut:
            self.lines.put_cursor(("group", group))
        known = facts(self)
        self.sync(known.bench_state, known.view)
