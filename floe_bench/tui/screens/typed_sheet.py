"""A sheet with a field above its list: a line is chosen, or something else is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.screens.sheet import Sheet


class ChoiceField(Field):
    """Up and down go into the list at once, so that an enter right behind them is for that."""

    async def _on_key(self, event: events.Key) -> None:
        sheet = self.screen
        if event.key in ("up", "down") and isinstance(sheet, TypedSheet):
            event.stop()
            event.prevent_default()
            sheet.move(1 if event.key == "down" else -1)
        elif event.key == "enter" and isinstance(sheet, TypedSheet) and sheet.focused is sheet.lines:
            event.stop()
            event.prevent_default()
            sheet.lines.action_open("toggle")
        else:
            await super()._on_key(event)


class TypedSheet(Sheet[str | None]):
    """Answers with ``key`` of the line, or with what was typed."""

    PLACEHOLDER: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
    HINT: ClassVar[str] = "enter · esc back"

    def __init__(self, items: Sequence[Item], text: str = "") -> None:
        super().__init__(classes="" if items else "-low")
        self._items, self._text = items, text

    def compose(self) -> ComposeResult:
        field = ChoiceField(self._text, placeholder=self.PLACEHOLDER, compact=True, select_on_focus=False)
        field.cursor_blink = False
        with Vertical(classes="sheet keys"):
            yield field
            yield LineList(self._draw)

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    def on_mount(self) -> None:
        self.call_after_refresh(self.field.focus)  # after the list of every sheet

    def show(self) -> None:
        self.label(self.HEADING, self.HINT)
        self.lines.show(self.found(self._items, self.field.value))

    def found(self, items: Sequence[Item], typed: str) -> Sequence[Item]:
        """Those that are like what was typed."""
        return items

    def move(self, by: int) -> None:
        """Down from the field is the line under the cursor."""
        into = self.focused is self.field and by > 0  # its own word for it comes later
        self.set_focus(self.lines)  # at once
        if not into:
            self.lines.action_move(by)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.show()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.submitted(self.field.value.strip())

    def submitted(self, typed: str) -> None:
        """Nothing typed is the line under the cursor."""
        current = self.lines.current
        self.dismiss(typed or (str(current.key) if current is not None else None))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.item is not None and not message.item.still and message.how != "shut":
            self.chosen(message.item)

    def chosen(self, item: Item) -> None:
        """In the list."""
        self.dismiss(str(item.key))
