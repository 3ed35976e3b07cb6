"""What the table screen asks for before a table is changed: which columns, which name, which branch or snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.model.anatomy import Ref
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Column
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean
from floe_bench.tui.screens.typed_sheet import TypedSheet


class AlterSheet(TypedSheet):
    """Answers with a change as ``model.alteration`` reads it, or with ``COLUMN`` and the name of one that is chosen."""

    COLUMN: ClassVar[str] = "\n"
    HEADING: ClassVar[str] = "Alter"
    PLACEHOLDER: ClassVar[str] = "add note:string · rename a=b · widen a:long · drop a · partition day(a)"
    HINT: ClassVar[str] = "enter shows what it would do · ↓ enter renames one · esc back"
    MORE: ClassVar[tuple[str, ...]] = (
        "also: doc a=text · optional a · unpartition f · rename-partition f=g",
        "sort a desc nulls last, bucket(4, b) · sort none",
        "back to an earlier one: schema ID · spec ID · sort-order ID",
    )

    def __init__(self, columns: Sequence[Column], text: str = "") -> None:
        items = [Item(f"{self.COLUMN}{each.name}", each) for each in columns]
        super().__init__([*items, *(Item(said, said, still=True) for said in self.MORE)], text)

    def line(self, item: Item, width: int) -> Line:
        if item.still:
            return Line((Span(item.of, Tone.FAINT),))
        return Line((cell(item.of.name, 30), Span(clean(item.of.type), Tone.SOFT)))

    def submitted(self, typed: str) -> None:
        """Nothing typed is nothing done: a column is chosen in the list."""
        self.dismiss(typed or None)


class RenameSheet(TypedSheet):
    HEADING: ClassVar[str] = "Rename"
    PLACEHOLDER: ClassVar[str] = "namespace.name"
    HINT: ClassVar[str] = "enter shows who would miss it · esc back"


class PromoteSheet(TypedSheet):
    """Answers with the name of a branch or tag."""

    HEADING: ClassVar[str] = "Move main forward"
    PLACEHOLDER: ClassVar[str] = "branch or tag"
    HINT: ClassVar[str] = "enter · ↓ chooses · esc back"

    def __init__(self, refs: Sequence[Ref]) -> None:
        super().__init__([Item(each.name, each) for each in refs])

    def line(self, item: Item, width: int) -> Line:
        kind, at = cell(item.of.kind, 8, Tone.SOFT), Span(unit.short_snapshot(item.of.snapshot_id), Tone.ID)
        return Line((cell(item.of.name, 30), kind, at))


class OntoSheet(TypedSheet):
    """Answers with the name of a branch."""

    HEADING: ClassVar[str] = "Cherry-pick onto"
    PLACEHOLDER: ClassVar[str] = "branch"
    HINT: ClassVar[str] = "enter · ↓ chooses · esc back"

    def __init__(self, branches: Sequence[tuple[str, int]]) -> None:
        """With how many snapshots each has not got."""
        super().__init__([Item(branch, (branch, count)) for branch, count in branches])

    def line(self, item: Item, width: int) -> Line:
        branch, count = item.of
        told = f"{unit.plural(count, 'snapshot')} that it has not got" if count else "it has every snapshot"
        return Line((cell(branch, 30), Span(told, Tone.FAINT)))


class PickSheet(TypedSheet):
    """Answers with a snapshot, as somebody writes one."""

    PLACEHOLDER: ClassVar[str] = "snapshot id, branch or tag"
    HINT: ClassVar[str] = "enter · ↓ chooses · esc back"

    def __init__(self, snapshots: Sequence[Snapshot], branch: str) -> None:
        super().__init__([Item(str(each.snapshot_id), each) for each in snapshots])
        self._branch = branch

    def show(self) -> None:
        super().show()
        self.label(f"Add to {self._branch} what a snapshot brought", self.HINT)

    def line(self, item: Item, width: int) -> Line:
        snapshot: Snapshot = item.of
        added = "" if snapshot.added_records is None else unit.plural(snapshot.added_records, "row")
        return Line(
            (
                cell(unit.short_snapshot(snapshot.snapshot_id), 8, Tone.ID),
                cell(snapshot.operation, 11, Tone.SOFT),
                cell(added, 14),
                Span(clean(", ".join(snapshot.refs)), Tone.SOFT),
            )
        )
