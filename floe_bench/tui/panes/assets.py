"""The first pane: what the project can materialize, by group, narrowed to what the filter lets through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun
from floe_bench.state import BenchState
from floe_bench.tui.failure import failure_of_asset, told
from floe_bench.tui.filter import FIELDS, kept, namespace_of, parse_filter
from floe_bench.tui.history import running_nodes, usual_s
from floe_bench.tui.lineage import children_of, parents_of
from floe_bench.tui.links import marks
from floe_bench.tui.messages import Asked, Filtered
from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.asset import DOWNSTREAM, UPSTREAM, Columns, asset_detail, asset_line, columns_for, group_line
from floe_bench.tui.render.text import Line, Span, Tone, clean, cut
from floe_bench.tui.view import ASSETS, GROUPINGS, Selection, Trouble, View

_PROJECT = "dbt project"


class AssetsPane(Pane):
    place: ClassVar[str] = ASSETS
    title: ClassVar[str] = "Assets"
    digit: ClassVar[int] = 1

    def compose(self) -> ComposeResult:
        self._shut: set[str] = set()
        self._listed: tuple[object, ...] = ()
        self._items: list[Item] = []
        self._groups: dict[str, list[Asset]] = {}
        self._counts: dict[str, Counter[AssetStatus]] = {}
        self._live: Mapping[str, NodeRun] = {}
        self._columns: dict[int, Columns] = {}
        self._near: tuple[object, str | None] = (None, None)
        self._signs: Mapping[str, str] = {}
        self._met = False
        self._filtered = ""
        self._came_from: str | None = None
        field = Field(compact=True, placeholder="words, " + " ".join(f"{field}:" for field in FIELDS))
        field.cursor_blink = False
        yield field
        yield from super().compose()

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    def focused_by(self, view: View) -> Widget:
        return self.field if view.filtering else self.lines

    def sync(self, state: BenchState, view: View) -> None:
        self._find_neighbours(state, view)
        self.field.display = view.filtering
        if not view.filtering and self.field.value != view.filter:
            self.field.value = view.filter
        changed, self._filtered = view.filter != self._filtered, view.filter
        super().sync(state, view)
        if changed and self._met:
            self._land()
        if not view.filtering:
            self._came_from = view.selection.asset or self._came_from
        if state.assets is None:
            self._met = False  # another engine tells them anew
        elif state.assets and not self._met:
            self._met = True
            wanted = view.selection.asset
            self.lines.put_cursor(wanted if wanted in state.assets else self._first())
        elif view.selection.origin == ASSETS and view.place != ASSETS and view.selection.asset is not None:
            self.lines.put_cursor(view.selection.asset)

    def _first(self) -> Hashable:
        """The first that can be materialized: at the start the next key may say so."""
        assets = [item.of for item in self._items if isinstance(item.of, Asset)]
        return next((each for each in assets if each.status is not AssetStatus.EXTERNAL), assets[0]).asset

    def _land(self) -> None:
        """After another filter: on what was selected before anybody typed, else on the first asset that is left."""
        assets = [item.key for item in self._items if isinstance(item.of, Asset)]
        if assets:
            self.lines.put_cursor(self._came_from if self._came_from in assets else assets[0])

    def _find_neighbours(self, state: BenchState, view: View) -> None:
        """What the selected asset reads and what reads it, when that may have changed."""
        wanted = (state.assets, view.selection.asset)
        if self._near[0] is wanted[0] and self._near[1] == wanted[1]:
            return
        self._near = wanted
        assets, key = state.assets or {}, view.selection.asset or ""
        self._signs = {
            **dict.fromkeys(parents_of(assets, key), UPSTREAM),
            **dict.fromkeys(children_of(assets, key), DOWNSTREAM),
        }

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        problem = next((each for each in state.problems if each.about == _PROJECT), None)
        if not state.assets and problem is not None:
            said = Trouble(problem.message, problem.remedy, problem.where)
            return face.broken(said, self.room, retry="read the project again")
        if state.assets is None:
            return self.waiting_for("reading the project")
        if not state.assets:
            return face.empty("No models, seeds or snapshots here.", ("r", "read the project again"), width=self.room)
        if view.filter and not kept(state.assets.values(), view.filter, running=self._live):
            return face.empty(f"No asset is like {view.filter}", ("esc", "clear the filter"), width=self.room)
        return None

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        self._live = running_nodes(state)
        running = frozenset(self._live) if view.filter else frozenset()
        wanted = (frozenset(self._shut), view.grouping, view.filter, running)
        if not self._listed or self._listed[0] is not state.assets or self._listed[1:] != wanted:
            self._listed = (state.assets, *wanted)
            self._columns = {}
            self._items = self._list(state, view)
        return self._items

    def _list(self, state: BenchState, view: View) -> list[Item]:
        self._groups = {}
        shown = kept((state.assets or {}).values(), view.filter, running=self._live)
        if view.grouping == "flat":
            self._counts = {}
            return [Item(asset.asset, asset) for asset in sorted(shown, key=lambda each: each.asset)]
        for asset in shown:
            self._groups.setdefault(_home(asset, view.grouping), []).append(asset)
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
        if view.grouping == "flat":
            return frozenset(marks(state, view.selection, view.table).assets)
        found = marks(state, view.selection, view.table).assets
        shut = {_home(asset, view.grouping) for key in found if (asset := (state.assets or {}).get(key))} & self._shut
        return frozenset(found) | {("group", group) for group in shut}

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        if isinstance(item.of, Asset):
            running = self._live.get(item.of.asset)
            usual = usual_s(state, running.node_id) if running else None
            columns = self._columns.get(width)
            if columns is None:
                assets = (each.of for each in self._items if isinstance(each.of, Asset))
                columns = self._columns[width] = columns_for(assets, width)
            return asset_line(
                item.of, width, facts(self).then(), columns=columns, near=self._signs.get(item.of.asset, ""),
                running=running, usual_s=usual,
            )  # fmt: skip
        return group_line(item.of, self._counts[item.of], shut=item.of in self._shut)

    def foot(self, state: BenchState, view: View) -> str:
        if not state.assets:
            return ""
        by = "in one list" if view.grouping == "flat" else f"by {view.grouping}"
        if not view.filter:
            return f"{unit.plural(len(state.assets), 'asset')} · {by}"
        problem = parse_filter(view.filter).problem
        shown = sum(isinstance(each.of, Asset) for each in self._items) if not self._shut else self._shown(state, view)
        return problem or f"{unit.count(shown)} of {unit.plural(len(state.assets), 'asset')} · esc clears"

    def _shown(self, state: BenchState, view: View) -> int:
        return len(kept((state.assets or {}).values(), view.filter, running=self._live))

    def about(self, state: BenchState, view: View) -> tuple[Span, ...]:
        if not view.filter or view.filtering:
            return ()
        return (Span(f"  /{cut(clean(view.filter), max(self.size.width - 18, 4))}", Tone.WARN),)

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        item = self.lines.current
        if item is None or not isinstance(item.of, Asset):
            return ()
        asset: Asset = item.of
        found = failure_of_asset(state, asset.asset) if asset.status is AssetStatus.FAILED else None
        if found is None or found[1].is_check:
            return asset_detail(asset, self.lines.size.width)
        run_id, node = found
        return asset_detail(asset, self.lines.size.width, failed=told(node.message) or "it failed", failed_run=run_id)

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        if isinstance(item.of, Asset):
            return Selection(ASSETS, (item.of.asset,), table=item.of.table)
        members = tuple(asset.asset for asset in self._groups.get(item.of, []))
        return Selection(ASSETS, members, group=item.of)

    def opened(self, item: Item, how: str) -> None:
        known = facts(self)
        if isinstance(item.of, Asset) and (how != "shut" or known.view.grouping == "flat"):
            if how != "shut":
                self.post_message(Asked("lineage"))
            return
        group = _home(item.of, known.view.grouping) if isinstance(item.of, Asset) else item.of
        shut = how == "shut" or (how == "toggle" and group not in self._shut)
        (self._shut.add if shut else self._shut.discard)(group)
        if shut:
            self.lines.put_cursor(("group", group))
        self.sync(known.bench_state, known.view)

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if facts(self).view.filtering:
            self.post_message(Filtered(message.value))

    @on(Input.Submitted)
    def _done(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(Filtered(message.value, done=True))

    def on_key(self, event: events.Key) -> None:
        """Down leaves the filter for what it let through; escape leaves it and takes it away."""
        if not self.field.has_focus or event.key not in ("down", "up", "escape"):
            return
        event.stop()
        event.prevent_default()
        self.post_message(Filtered("" if event.key == "escape" else self.field.value, done=True))


def _home(asset: Asset, grouping: str) -> str:
    return namespace_of(asset) if grouping == GROUPINGS[1] else asset.group
