"""What one schema of a table has that another had not: two are picked, and it is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.command import to_type
from floe_bench.tui.messages import Copied
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render.schema_history import change_lines, version_line
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet


class SchemaDiffSheet(Sheet[None]):
    """From the one that was picked to the one under the cursor; at first from the one before the current one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", show=False)]
    HINT: ClassVar[str] = "↑ ↓ to · enter compares from it · tab scrolls · y command · esc back"

    def __init__(self, table: str, schemas: Sequence[SchemaVersion]) -> None:
        super().__init__()
        self._table = table
        self._versions = tuple(sorted(schemas, key=lambda version: version.schema_id, reverse=True))
        self._new = next((each for each in self._versions if each.current), self._versions[0])
        place = self._versions.index(self._new)
        self._old = self._versions[place + 1] if place + 1 < len(self._versions) else self._versions[place - 1]

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield LineList(self._draw, id="versions")
            yield LineList(self._draw, id="change", cursor=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.lines.styles.height = min(len(self._versions), max(self.size.height * 3 // 10, 3))
        self.call_after_refresh(lambda: self.lines.put_cursor(self._new.schema_id))

    @property
    def lines(self) -> LineList:
        return self.query_one("#versions", LineList)

    def show(self) -> None:
        self.label(f"Schemas of {self._table}", self.HINT)
        self.lines.show([Item(each.schema_id, each) for each in self._versions])
        self._compare()

    def line(self, item: Item, width: int) -> Line:
        known = facts(self)
        return version_line(item.of, width, known.now(), known.zone, old=item.of is self._old)

    def _compare(self) -> None:
        change = self.query_one("#change", LineList)
        lines = change_lines(self._old, self._new, max(change.size.width - GUTTER - 1, 20))
        change.show([Item(place, line, still=True) for place, line in enumerate(lines)])

    @on(LineList.Moved, "#versions")
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.item is not None and self.is_attached:
            self._new = message.item.of
            self._compare()

    @on(LineList.Opened, "#versions")
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.item is not None and message.how == "toggle":
            self._old = message.item.of
            self.lines.renew()
            self._compare()

    def action_copy(self) -> None:
        command = to_type("schema", self._table, "--diff", self._old.schema_id, self._new.schema_id)
        self.post_message(Copied(command, "the command that shows this in a shell"))
