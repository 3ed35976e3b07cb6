"""Every way to start a run, each with what it would make or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on

from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.plan import Plan
from floe_bench.tui.render.plan import plan_line
from floe_bench.tui.render.text import Line
from floe_bench.tui.screens.sheet import Sheet


class RunMenu(Sheet[Plan | None]):
    """Answers with the plan that was chosen."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        super().__init__(classes="-low")
        self._plans = plans

    def show(self) -> None:
        self.label("Materialize", "letter or enter · esc back")
        self.lines.show([Item(plan.name, plan, still=bool(plan.disabled)) for plan in self._plans])

    def line(self, item: Item, width: int) -> Line:
        return plan_line(item.of, width)

    def on_key(self, event: events.Key) -> None:
        """Letters before the keys of the list: none of them moves in it."""
        plan = next((each for each in self._plans if each.key == event.key), None)
        if plan is not None:
            event.stop()
            event.prevent_default()
            self._choose(plan)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        if message.item is not None and message.how != "shut":
            self._choose(message.item.of)

    def _choose(self, plan: Plan) -> None:
        if plan.disabled:
            self.label(f"{plan.label}: {plan.disabled}", "letter or enter · esc back")
        else:
            self.dismiss(plan)
