"""The metadata files of a table: since when each was its, and where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from floe_bench.model.anatomy import MetadataFile
from floe_bench.tui.messages import Copied
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import unit
from floe_bench.tui.render.metadata_log import location_lines, metadata_line
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet


class MetadataSheet(Sheet[None]):
    """Newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", show=False)]
    HINT: ClassVar[str] = "enter copies where it is · esc back"

    def __init__(self, table: str, log: Sequence[MetadataFile]) -> None:
        super().__init__()
        self._table, self._log = table, tuple(log)

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield LineList(self._draw)
            yield LineView()

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.app, "view", self.show, init=False)

    def show(self) -> None:
        if not self.is_attached:
            return
        looking = facts(self).view.looking
        measured = looking.metadata if looking is not None else None
        if measured is not None and measured.table == self._table:
            self._log = measured.files
        files = unit.plural(len(self._log), "metadata file")
        self.label(f"{files} of {self._table}", self.HINT)
        self.lines.show([Item(place, each) for place, each in reversed(list(enumerate(self._log)))])
        self._locate()

    def line(self, item: Item, width: int) -> Line:
        known = facts(self)
        current = item.key == len(self._log) - 1
        return metadata_line(item.of, width, known.now(), known.zone, current=current)

    @on(LineList.Moved)
    def _locate(self) -> None:
        current = self.lines.current
        if current is not None and self.is_attached:
            width = max(self.query_one(".sheet").content_size.width, 20)
            self.query_one(LineView).show(location_lines(current.of, width))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.how == "toggle":
            self.action_copy()

    def action_copy(self) -> None:
        current = self.lines.current
        if current is not None:
            self.post_message(Copied(current.of.path, "where the metadata file is"))
