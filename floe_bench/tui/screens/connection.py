"""For which tool the lakehouse's settings are copied."""

from __future__ import annotations

from typing import NamedTuple

from textual import events, on

from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.render.text import Line, Span, Tone, cell
from floe_bench.tui.screens.sheet import Sheet


class Tool(NamedTuple):
    key: str
    tool: str
    title: str
    form: str


TOOLS = (
    Tool("p", "pyiceberg", "PyIceberg", ".pyiceberg.yaml"),
    Tool("d", "duckdb", "DuckDB", "SQL that attaches the catalog"),
    Tool("s", "spark", "Spark", "Python that makes the session"),
    Tool("t", "trino", "Trino", "a file of etc/catalog"),
    Tool("b", "dbt", "dbt", "profiles.yml"),
    Tool("e", "env", "a shell", "lines with export"),
)


class ConnectionSheet(Sheet[Tool | None]):
    """Answers with the tool that was chosen."""

    def __init__(self) -> None:
        super().__init__(classes="-low")

    def show(self) -> None:
        self.label("Copy connection", "letter or enter · secrets are never in it · esc back")
        self.lines.show([Item(tool.tool, tool) for tool in TOOLS])

    def line(self, item: Item, width: int) -> Line:
        tool: Tool = item.of
        key = Span(f" {tool.key} ", Tone.BADGE, bold=True)
        return Line((key, Span(" "), cell(tool.title, 12, bold=True), Span(tool.form, Tone.SOFT)))

    def on_key(self, event: events.Key) -> None:
        """Letters before the keys of the list: none of them moves in it."""
        tool = next((each for each in TOOLS if each.key == event.key), None)
        if tool is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(tool)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.item is not None and message.how != "shut":
            self.dismiss(message.item.of)
