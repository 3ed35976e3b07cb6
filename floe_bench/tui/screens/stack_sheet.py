"""Which stack to go to, and whether the tables come along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events, on

from floe_bench.model.stack import StackOffer
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.render.service import HERE, offer_line
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet

_HINT = "enter switches · c switches, tables come along · esc back"


class Choice(NamedTuple):
    """``left`` is the stack that was left, as it is called among the offers."""

    stack: str
    left: str
    carry: bool


class StackSheet(Sheet[Choice | None]):
    def __init__(self, offers: Sequence[StackOffer], here: str) -> None:
        super().__init__(classes="-low")
        self._offers = offers
        self._here = next((each.stack for each in offers if each.stack.rpartition("/")[2] == here), here)

    def show(self) -> None:
        self.label("Switch stack", _HINT)
        self.lines.show([Item(each.stack, each, still=bool(self._dead(each))) for each in self._offers])

    def line(self, item: Item, width: int) -> Line:
        return offer_line(item.of, self._dead(item.of))

    def _dead(self, offer: StackOffer) -> str:
        return HERE if offer.stack == self._here else offer.reason

    def on_key(self, event: events.Key) -> None:
        if event.key == "c":
            event.stop()
            event.prevent_default()
            self._choose(self.lines.current, carry=True)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.how != "shut":
            self._choose(message.item, carry=False)

    def _choose(self, item: Item | None, *, carry: bool) -> None:
        if item is not None and not self._dead(item.of):
            self.dismiss(Choice(item.of.stack, self._here, carry))
