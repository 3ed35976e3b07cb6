"""Looking into tables: the catalog as a tree, one table's timeline, and what it is made of."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from floe_bench.state import BenchState
from floe_bench.tui.composed import Composed
from floe_bench.tui.looking import CATALOG
from floe_bench.tui.panes.catalog_tree import CatalogTree
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.table_box import AboutBox, Timeline
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import table_chrome
from floe_bench.tui.table_actions import TABLE_ACTIONS
from floe_bench.tui.view import View


class TableHeader(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        known = facts(self)
        line = table_chrome.header(state, view.looking, self.size.width, known.now(), known.zone)
        self.query_one(LineView).show((line,))


class TableFooter(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        self.query_one(LineView).show((table_chrome.footer(state, view, self.size.width),))


class TableScreen(Composed):
    AUTO_FOCUS: ClassVar[str | None] = "CatalogTree LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(action.keys), f"app.table_act('{action.name}')", action.label, show=False)
            for action in TABLE_ACTIONS
        ),
        Binding("y", "app.table_act('yes')", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield TableHeader()
        with Horizontal(id="tables"):
            yield CatalogTree()
            with Vertical(id="table"):
                yield Timeline()
                yield AboutBox()
        yield TableFooter()

    def on_mount(self) -> None:
        self.watch(self.app, "view", self._arrange, init=False)
        self._arrange()

    def _arrange(self) -> None:
        view = facts(self).view
        if not self.children or view.looking is None:
            return
        in_catalog = view.looking.box == CATALOG
        tree, about = self.query_one(CatalogTree), self.query_one(AboutBox)
        self.set_class(view.narrow, "-narrow")
        # Where there is no room for both, the one that has the keys is shown.
        tree.display = not view.narrow or in_catalog
        self.query_one("#table").display = not view.narrow or not in_catalog
        typed: Widget = tree.field if view.looking.filtering else tree.lines
        wanted = typed if in_catalog else about.lines
        if self.focused is not wanted and self.is_current:
            self.set_focus(wanted)
