"""Keys with what they do, searchable; enter, or a second click, does what the key does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.render import face
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, wrap
from floe_bench.tui.screens.sheet import Sheet

_LEAST_ROOM = 30
_IDLE, _ASKED = "/ search", "words, or a key"
"""What the empty field says while the list has the keys, and while they go into it."""


class Entry(NamedTuple):
    """One action; ``reason`` says why it is not possible now. ``does`` is False where only the focused list does it."""

    name: str
    key: str
    label: str
    help: str
    group: str = ""
    reason: str = ""
    does: bool = True

    def is_like(self, words: Sequence[str]) -> bool:
        """Every word is in it; a word of one letter means a key."""
        text = f"{self.label} {self.help} {self.group}".casefold()
        return all(
            word in self.key.split() if len(word) == 1 else word.casefold() in f"{self.key} {text}".casefold()
            for word in words
        )


class KeySheet(Sheet[str | None]):
    """Answers with the name of an action that was chosen."""

    KEYS: ClassVar[int] = 17
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "leave", show=False),
        Binding("slash", "search", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, Line] = {}

    def entries(self) -> Sequence[Entry]:
        raise NotImplementedError

    def heading(self) -> str:
        return "Keys"

    def legend(self) -> Sequence[Line]:
        return ()

    def compose(self) -> ComposeResult:
        field = Field(placeholder=_IDLE, compact=True, select_on_focus=False)
        field.cursor_blink = False
        with Vertical(classes="sheet keys"):
            yield field
            yield LineList(self._draw)

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    def on_descendant_focus(self) -> None:
        self.field.placeholder = _ASKED if self.field.has_focus else _IDLE

    def on_mount(self) -> None:
        self.watch(self.app, "bench_state", self._again, init=False)

    def _again(self) -> None:
        if self.children:
            self.show()

    def show(self) -> None:
        every, words = self.entries(), self.field.value.split()
        found = [entry for entry in every if entry.is_like(words)]
        many = f"{len(found)} of {len(every)} · " if words else ""
        self.label(self.heading(), f"{many}/ search · enter does it · esc back")
        items: list[Item] = []
        group = ""
        for entry in found:
            if entry.group != group:
                group = entry.group
                items += [Item(("blank", group), BLANK, still=True)] if items else []
                items.append(Item(("group", group), Line((Span(group, Tone.SOFT, bold=True),)), still=True))
            items += self._items(entry)
        if not words and (legend := self.legend()):
            items.append(Item("blank", BLANK, still=True))
            items += [Item(("legend", index), line, still=index == 0) for index, line in enumerate(legend)]
        if not found:
            items = [
                Item(("none", index), line, still=True)
                for index, line in enumerate(face.empty("No key is like that.", ("esc", "shows them all")))
            ]
        self.lines.show(items)

    def _items(self, entry: Entry) -> list[Item]:
        room = max(self.lines.size.width - GUTTER - self.KEYS - 3, _LEAST_ROOM)
        dead = bool(entry.reason)
        said = [Span(each, Tone.SOFT if dead else Tone.TEXT) for each in wrap(entry.help, room)]
        said += [Span(each, Tone.WARN) for each in wrap(f"not now: {entry.reason}", room)] if dead else []
        key = cell(entry.key, self.KEYS, Tone.FAINT if dead else Tone.LIT, bold=not dead)
        first = Item(("key", entry.name), entry)
        self._first[entry.name] = Line((key, said[0]))
        pad = Span(" " * self.KEYS)
        rest = [Item((entry.name, index), Line((pad, each)), still=True) for index, each in enumerate(said[1:])]
        return [first, *rest]

    def line(self, item: Item, width: int) -> Line:
        return self._first[item.of.name]

    def action_search(self) -> None:
        self.field.focus()

    def action_move(self, by: int) -> None:
        """From the field the arrows go into what was found."""
        self.lines.focus()
        self.lines.action_move(by)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.show()
        self.lines.action_edge(-1)

    @on(Input.Submitted)
    def _done_typing(self) -> None:
        self.lines.focus()

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        entry = message.item.of if message.item is not None else None
        if isinstance(entry, Entry) and entry.does and message.how == "toggle":
            self.dismiss(entry.name)

    def action_leave(self) -> None:
        """What is searched for goes first."""
        if self.field.value:
            self.field.value = ""
            self.lines.focus()
        else:
            self.dismiss(None)
