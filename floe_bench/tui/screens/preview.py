"""What a run will make and why, and the options it can take, before it starts."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from floe_bench.model.run import RunRequest
from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.plan import Plan
from floe_bench.tui.render.plan import Options, options_lines, planned_line, problem_of, title_of
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet

_HINTS = {"vars": "a YAML mapping, as dbt's --vars takes it", "exclude": "dbt selection that is left out"}


class PreviewScreen(Sheet[RunRequest | None]):
    """Answers with what to submit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "run", show=False),
        Binding("f", "refresh_all", show=False),
        Binding("v", "type('vars')", show=False),
        Binding("e,x", "type('exclude')", show=False),
    ]

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._options = Options(full_refresh=plan.full_refresh, exclude=plan.exclude)
        self._typing = ""

    def below(self) -> list[Widget]:
        field = Field(compact=True)
        field.cursor_blink = False
        return [LineView(), field]

    def show(self) -> None:
        self.label(title_of(self._plan, self._options), "enter run · f v e options · esc back")
        self.lines.show([Item(each.asset.asset, each) for each in self._plan.assets])
        view, field = self.query_one(LineView), self.query_one(Input)
        view.show(options_lines(self._plan, self._options, view.size.width))
        field.display = bool(self._typing)

    def line(self, item: Item, width: int) -> Line:
        return planned_line(item.of, width, facts(self).now(), left_out=item.key in self._options.left_out(self._plan))

    def action_refresh_all(self) -> None:
        self._options = self._options.turned()
        self.show()

    def action_type(self, name: str) -> None:
        self._typing = name
        field = self.query_one(Input)
        field.placeholder = _HINTS[name]
        field.value = getattr(self._options, name)
        field.cursor_position = len(field.value)
        self.show()
        field.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        if self._typing:
            self._options = self._options.with_text(self._typing, message.value)
            self.show()

    @on(Input.Submitted)
    def _done_typing(self) -> None:
        self._typing = ""
        self.lines.focus()
        self.show()

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.how == "toggle":
            self.action_run()

    def action_run(self) -> None:
        if not problem_of(self._plan, self._options):
            options = self._options
            self.dismiss(RunRequest(
                self._plan.select, options.exclude.strip() or None, options.full_refresh, "app",
                options.vars.strip() or None, self._plan.repeats,
            ))  # fmt: skip

    def action_leave(self) -> None:
        """Out of a field first."""
        if self._typing:
            self._done_typing()
        else:
            self.dismiss(None)
