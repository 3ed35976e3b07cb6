"""Where statements are typed, with the words that the one under the cursor may become."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import TextArea

from floe_bench.state import BenchState
from floe_bench.tui.asking import EDITOR, RESULTS
from floe_bench.tui.completion import Candidate, candidates
from floe_bench.tui.messages import Queried
from floe_bench.tui.panes.at_once import done_at_once
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render.sql import candidate_line
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.view import View


class Editor(TextArea):
    """Plain text. Tab takes the word that is offered; where none is, it goes to the results."""

    def __init__(self, complete: Callable[[], bool]) -> None:
        super().__init__(soft_wrap=True, compact=True)
        self.cursor_blink = False
        self._complete = complete

    def on_focus(self) -> None:
        self.post_message(Queried(box=EDITOR))

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            if not self._complete():
                self.post_message(Queried(box=RESULTS))
        elif not await done_at_once(self, event):
            await super()._on_key(event)


class EditorBox(Watcher):
    def __init__(self) -> None:
        super().__init__()
        self._offered: tuple[Candidate, ...] = ()

    def compose(self) -> ComposeResult:
        yield Editor(self.complete)
        yield LineView()

    @property
    def editor(self) -> Editor:
        return self.query_one(Editor)

    @property
    def statement(self) -> str:
        return self.editor.selected_text or self.editor.text

    def put(self, text: str) -> None:
        """In the place of all that is typed; the editor's own undo brings that back."""
        self.editor.select_all()
        self.editor.replace(text, *self.editor.selection)
        self.editor.move_cursor(self.editor.document.end)

    def complete(self) -> bool:
        """Take the first word that is offered; whether there is one."""
        self._offer()  # what was typed right before may not have been looked at yet
        if not self._offered:
            return False
        first, (row, column) = self._offered[0], self.editor.cursor_location
        self.editor.replace(first.text, (row, column - first.typed), (row, column))
        return True

    def sync(self, state: BenchState, view: View) -> None:
        if view.asking is None:
            return
        lit = view.asking.box == EDITOR
        self.set_class(lit, "-lit")
        self.label(
            (Span("Query", Tone.LIT if lit else Tone.SOFT, bold=lit),), (Span("^j run · tab completes", Tone.SOFT),)
        )
        self._offer()

    @on(TextArea.Changed)
    def _changed_text(self, message: TextArea.Changed) -> None:
        message.stop()
        self.post_message(Queried(text=self.editor.text))
        self._offer()

    @on(TextArea.SelectionChanged)
    def _moved(self, message: TextArea.SelectionChanged) -> None:
        message.stop()
        self._offer()

    def _offer(self) -> None:
        asking = facts(self).view.asking
        if asking is None:
            return
        editor = self.editor
        self._offered = ()
        if editor.selection.is_empty:
            before = editor.get_text_range((editor.cursor_location[0], 0), editor.cursor_location)
            self._offered = candidates(before, editor.text, asking.words)
        lines: tuple[Line, ...] = (candidate_line(self._offered, self.size.width - 2),)
        self.query_one(LineView).show(lines)
