"""The catalog: namespaces with their tables and views, and a filter."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from floe_bench.model.table import Table
from floe_bench.model.view import LakeView
from floe_bench.state import BenchState
from floe_bench.tui.looking import CATALOG, Branch, TableView, branches
from floe_bench.tui.messages import Looked
from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.definition import view_line
from floe_bench.tui.render.table import namespace_line, table_line
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.view import View


class CatalogTree(Watcher):
    def compose(self) -> ComposeResult:
        field = Field(placeholder="words", compact=True, select_on_focus=False)
        field.cursor_blink = False
        field.display = False
        yield field
        yield LineList(self._draw)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    def sync(self, state: BenchState, view: View) -> None:
        looking, known = view.looking, len(state.tables or {}) + len(state.views)
        if looking is None:
            return
        self.field.display = looking.filtering or bool(looking.filter)
        items: list[Item] = []
        found = branches(state, looking)
        for branch in found:
            items.append(Item(("namespace", branch.namespace), branch))
            if branch.open:
                items += [Item(_name(each), (branch.namespace, each)) for each in branch.inside]
        if not items:
            items = [Item(("face", n), line, still=True) for n, line in enumerate(self._face(state, looking))]
        self.lines.show(items)
        current = self.lines.current
        if looking.table and (current is None or current.key != looking.table) and not self.lines.has_focus:
            self.lines.put_cursor(looking.table)
        lit = looking.box == CATALOG
        self.set_class(lit, "-lit")
        shown = sum(len(branch.inside) for branch in found)
        many = f"{unit.count(shown)} of " if shown != known else ""
        size = unit.size(sum(table.bytes for branch in found for table in branch.tables))
        views = f", {unit.plural(len(state.views), 'view')}" if state.views else ""
        counted = f"{many}{unit.plural(len(state.tables or {}), 'table')}{views}"
        foot = f"{counted} · {size} · / filter"
        foot = foot if len(foot) <= self.size.width - 4 else f"{counted} · / filter"
        foot = foot if state.tables is not None else "/ filter"
        self.label((Span("Catalog", Tone.LIT if lit else Tone.SOFT, bold=lit),), (Span(foot, Tone.SOFT),))

    def _face(self, state: BenchState, looking: TableView) -> Sequence[Line]:
        if state.tables is None:
            return self.waiting_for("reading what the catalog has")
        if looking.filter:
            return face.empty("No table is like that.", ("esc", "shows them all"))
        return face.empty("The catalog has no tables yet.", ("m", "on the bench makes them"))

    def _draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        if isinstance(item.of, Branch):
            return namespace_line(item.of)
        namespace, inside = item.of
        return table_line(inside, namespace) if isinstance(inside, Table) else view_line(inside, namespace)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.item is None or not self.lines.has_focus or not isinstance(message.item.of, tuple):
            return
        name = _name(message.item.of[1])
        looking = facts(self).view.looking
        if looking is not None and looking.table != name:
            self.post_message(Looked(table=name, snapshot_id=None))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        item, looking = message.item, facts(self).view.looking
        if item is None or looking is None:
            return
        branch = item.of if isinstance(item.of, Branch) else None
        if branch is None:
            if message.how == "shut" and isinstance(item.of, tuple):
                self._set_open(item.of[0], wanted=False)
                self.lines.put_cursor(("namespace", item.of[0]))
            elif message.how != "shut":
                self.post_message(Looked(box="about"))
            return
        wanted = not branch.open if message.how == "toggle" else message.how == "open"
        self._set_open(branch.namespace, wanted=wanted)

    def _set_open(self, namespace: str, *, wanted: bool) -> None:
        looking = facts(self).view.looking
        if looking is not None:
            self.post_message(Looked(open=looking.open | {namespace} if wanted else looking.open - {namespace}))

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        looking = facts(self).view.looking
        if looking is not None and looking.filtering:
            self.post_message(Looked(filter=message.value))

    @on(Input.Submitted)
    def _done(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(Looked(filtering=False))

    def on_key(self, event: events.Key) -> None:
        """Down leaves the filter for what it let through; escape leaves it and takes it away."""
        if not self.field.has_focus or event.key not in ("down", "escape"):
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.field.value = ""
            self.post_message(Looked(filter="", filtering=False))
        else:
            self.post_message(Looked(filtering=False))


def _name(inside: Table | LakeView) -> str:
    return inside.table if isinstance(inside, Table) else inside.view
