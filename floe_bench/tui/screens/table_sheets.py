"""What the table screen asks for: the name of a branch or tag, a property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from floe_bench.model.anatomy import Ref
from floe_bench.model.reshape import DropPlan
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean
from floe_bench.tui.screens.typed_sheet import TypedSheet


class RefSheet(TypedSheet):
    """Answers with a name, or with ``GONE`` and one that is to be removed."""

    GONE: ClassVar[str] = "\n"
    PLACEHOLDER: ClassVar[str] = "a name"

    def __init__(self, kind: str, at: int, refs: Sequence[Ref]) -> None:
        super().__init__([Item(f"{self.GONE}{ref.name}", ref) for ref in refs])
        self._kind, self._at = kind, at

    def show(self) -> None:
        super().show()
        removes = " · ↓ enter removes one" if self._items else ""
        self.label(f"{self._kind.capitalize()} at {unit.short_snapshot(self._at)}", f"enter{removes} · esc back")

    def line(self, item: Item, width: int) -> Line:
        return Line((cell(item.of.name, 30), Span(unit.short_snapshot(item.of.snapshot_id), Tone.ID)))

    def submitted(self, typed: str) -> None:
        """Nothing typed is nothing done: a line is chosen in the list."""
        self.dismiss(typed or None)


class PropertySheet(TypedSheet):
    """Answers with KEY=VALUE, KEY= to unset it, or the KEY of one that is to be changed."""

    HEADING: ClassVar[str] = "Property"
    PLACEHOLDER: ClassVar[str] = "key=value; key= takes it away"
    HINT: ClassVar[str] = "enter · ↓ enter takes one into the field · esc back"

    def __init__(self, properties: Mapping[str, str], text: str = "") -> None:
        super().__init__([Item(key, (key, properties[key])) for key in sorted(properties)], text)

    def line(self, item: Item, width: int) -> Line:
        key, value = item.of
        return Line((cell(key, 44), Span(clean(value), Tone.SOFT)))

    def submitted(self, typed: str) -> None:
        self.dismiss(typed or None)


class DropSheet(TypedSheet):
    """Says what is lost. Answers with what was typed, which shall be the table's name."""

    PLACEHOLDER: ClassVar[str] = "type its name, and it is gone for good"
    HINT: ClassVar[str] = "enter · esc keeps it"

    def __init__(self, plan: DropPlan) -> None:
        super().__init__([Item(said, said, still=True) for said in _lost(plan)])
        self._table = plan.table

    def show(self) -> None:
        super().show()
        self.label(f"Drop {self._table}", self.HINT)

    def line(self, item: Item, width: int) -> Line:
        return Line((Span(clean(item.of), Tone.WARN),))

    def submitted(self, typed: str) -> None:
        self.dismiss(typed or None)


def _lost(plan: DropPlan) -> Iterator[str]:
    rows = "" if plan.rows is None else f", {unit.plural(plan.rows, 'row')}"
    yield f"lost for good: {unit.plural(plan.snapshots, 'snapshot')}{rows}, {unit.size(plan.bytes)}"
    if plan.refs:
        yield f"named {', '.join(plan.refs)}"
    if plan.readers:
        yield f"read by {', '.join(plan.readers)}"
