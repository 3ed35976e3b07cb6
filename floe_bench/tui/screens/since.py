"""Since when a check fails: what was evaluated as it comes, then what made it fail."""

from __future__ import annotations

from typing import ClassVar

from textual import on

from floe_bench.model.bisection import Culprit
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render.bisection import culprit_line, since_lines, title_of
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet


class SinceScreen(Sheet[Culprit | None]):
    """Answers with the culprit to go to. Leaving it gives up what is not answered yet."""

    HINT: ClassVar[str] = "esc gives it up"

    _put = False

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.app, "view", self.show, init=False)
        self.watch(self.app, "beat", self.show, init=False)

    def show(self) -> None:
        known = facts(self)
        since = known.view.since
        if since is None or not self.is_attached:
            return
        culprits = since.found.culprits if since.found else ()
        go = "enter goes to it · esc back" if culprits else "esc back"
        self.label(title_of(since), self.HINT if since.asked_at else go)
        width = max(self.lines.size.width - 3, 20)
        lines = since_lines(since, width, known.now(), known.zone)
        self.lines.show([Item(place, each) for place, each in enumerate(lines)])
        first = next((place for place, each in enumerate(lines) if isinstance(each, Culprit)), None)
        if first is not None and not self._put:
            self._put = True
            self.lines.put_cursor(first)

    def line(self, item: Item, width: int) -> Line:
        return culprit_line(item.of, facts(self).now(), facts(self).zone)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        """The culprit that the line under the cursor is about."""
        since = facts(self).view.since
        place = message.item.key if message.item is not None else None
        if message.how != "toggle" or not isinstance(place, int) or since is None or since.found is None:
            return
        width = max(self.lines.size.width - 3, 20)
        lines = since_lines(since, width, facts(self).now(), facts(self).zone)[: place + 1]
        about = [each for each in lines if isinstance(each, Culprit)] or list(since.found.culprits[:1])
        if about:
            self.dismiss(about[-1])
