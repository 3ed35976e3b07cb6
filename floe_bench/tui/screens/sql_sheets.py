"""What the SQL screen asks for: a moment, a statement of the past, a file, what a model is to be called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on

from floe_bench.model.saving import ModelPlan
from floe_bench.tui.asking import History, PastLook
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face
from floe_bench.tui.render.model_file import plan_lines
from floe_bench.tui.render.sql import asked_line, moment_line
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.screens.sheet import Sheet
from floe_bench.tui.screens.typed_sheet import TypedSheet

NOW = "now"


class MomentSheet(TypedSheet):
    """Answers with a snapshot id, what was typed, or ``NOW``."""

    HEADING: ClassVar[str] = "Every table as of"
    PLACEHOLDER: ClassVar[str] = "a time (2026-01-31 14:00), a branch or tag, a snapshot id"
    HINT: ClassVar[str] = "enter · ↓ snapshots · esc back"

    def __init__(self, look: PastLook) -> None:
        now = Item(NOW, Line((Span("now", Tone.LIT), Span("   as every table is", Tone.FAINT))))
        super().__init__([now, *(Item(str(each.snapshot_id), (table, each)) for table, each in look.snapshots)])

    def line(self, item: Item, width: int) -> Line:
        known = facts(self)
        table, snapshot = item.of
        return moment_line(table, snapshot, known.now(), known.zone)


class HistorySheet(TypedSheet):
    """Answers with a statement."""

    HEADING: ClassVar[str] = "Asked before"
    PLACEHOLDER: ClassVar[str] = "words"
    HINT: ClassVar[str] = "enter puts it in the editor · esc back"

    def __init__(self, history: History) -> None:
        super().__init__([Item(each.sql, each) for each in history.asked])

    def found(self, items: Sequence[Item], typed: str) -> Sequence[Item]:
        words = typed.casefold().split()
        like = [each for each in items if all(word in each.of.sql.casefold() for word in words)]
        said = "Nothing was asked like that." if items else "Nothing was asked in this project yet."
        return like or [Item(("face", at), line, still=True) for at, line in enumerate(face.empty(said))]

    def line(self, item: Item, width: int) -> Line:
        known = facts(self)
        return asked_line(item.of, width, known.now(), known.zone)

    def submitted(self, typed: str) -> None:
        """The first that is like it."""
        current = self.lines.current
        self.dismiss(str(current.key) if current is not None else None)


class FileSheet(TypedSheet):
    """Answers with a path."""

    HEADING: ClassVar[str] = "Write all rows to"
    PLACEHOLDER: ClassVar[str] = "rows.csv, .parquet, .json, .jsonl or .md"

    def __init__(self, text: str) -> None:
        super().__init__([], text)


class ModelSheet(TypedSheet):
    """Answers with the name that was typed; ``folder`` is the one under the cursor then."""

    HEADING: ClassVar[str] = "Save as dbt model"
    PLACEHOLDER: ClassVar[str] = "its name: lower-case letters, digits and _"
    HINT: ClassVar[str] = "enter shows the file · ↓ another folder · esc back"

    def __init__(self, folders: Sequence[str], name: str = "") -> None:
        super().__init__([Item(folder, folder) for folder in folders], name)
        self.folder = ""

    def line(self, item: Item, width: int) -> Line:
        return Line((Span("in ", Tone.FAINT), Span(clean(str(item.of)), Tone.TEXT)))

    def submitted(self, typed: str) -> None:
        current = self.lines.current
        if typed and current is not None:
            self.folder = str(current.key)
            self.dismiss(typed)

    def chosen(self, item: Item) -> None:
        self.submitted(self.field.value.strip())


class ModelFileSheet(Sheet[ModelPlan | None]):
    """The file as it will be. Answers with the plan to carry out."""

    def __init__(self, plan: ModelPlan) -> None:
        super().__init__()
        self._plan = plan

    def show(self) -> None:
        self.label(f"New file {self._plan.shown}", "enter writes it · esc back")
        lines = plan_lines(self._plan, max(self.lines.size.width - 2, 1))
        self.lines.show([Item(place, line) for place, line in enumerate(lines)])

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.how == "toggle":
            self.dismiss(self._plan)
