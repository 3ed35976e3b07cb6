"""Changes of the table that is looked at: the plan is read, then asked about, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from floe_bench.model.reshape import DropPlan
from floe_bench.tui.inspection import TablePlan
from floe_bench.tui.upkeep_words import CHANGES
from floe_bench.tui.view import Question, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

UPKEEP = "upkeep"
"""Key of the numbered read of a plan."""


class Upkeep:
    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._plan: TablePlan | None = None

    def ask(self, plan: Callable[[BenchClient, str], TablePlan]) -> None:
        table = self._table()
        if table is not None:
            self._app.say("seeing what that would do …")
            self._app.bridge.read(UPKEEP, lambda client: plan(client, table))

    def name(self, kind: str) -> None:
        """A branch or tag at the snapshot that is looked at; one that is chosen from those there are is removed."""
        from floe_bench.tui.screens.table_sheets import RefSheet

        looking = self._app.view.looking
        anatomy = looking.look.anatomy if looking is not None and looking.look is not None else None
        if looking is None or anatomy is None or anatomy.snapshot_id is None:
            self._app.say(f"{kind}: the table was never written", "warn")
            return
        at = anatomy.snapshot_id
        refs = tuple(ref for ref in anatomy.refs if ref.kind == kind and ref.name != "main")

        def named(name: str | None) -> None:
            if name is not None:
                target = None if name.startswith(RefSheet.GONE) else at
                wanted = name.removeprefix(RefSheet.GONE)
                self.ask(lambda client, table: client.maintenance.plan_ref(table, wanted, kind, target))

        self._app.push_screen(RefSheet(kind, at, refs), named)

    def change_property(self, text: str = "") -> None:
        from floe_bench.tui.screens.table_sheets import PropertySheet

        looking = self._app.view.looking
        anatomy = looking.look.anatomy if looking is not None and looking.look is not None else None
        if anatomy is None:
            return
        now = dict(anatomy.properties)

        def typed(answer: str | None) -> None:
            if answer is None:
                return
            key, given, value = answer.partition("=")
            if not given:
                self.change_property(f"{key}={now.get(key, '')}")
            elif value:
                self.ask(lambda client, table: client.maintenance.plan_properties(table, {key: value}))
            else:
                self.ask(lambda client, table: client.maintenance.plan_properties(table, {}, (key,)))

        self._app.push_screen(PropertySheet(now, text), typed)

    def planned(self, answer: object) -> None:
        from floe_bench.tui.screens.table_sheets import DropSheet

        if isinstance(answer, Trouble):
            self._app.say(answer.message + (f" → {answer.remedy}" if answer.remedy else ""), "bad")
        if not isinstance(answer, TablePlan) or self._table() != answer.table:
            return
        change = CHANGES[type(answer)]
        text = change.told(answer)
        if not text:
            self._app.say(f"{change.verb}: there is nothing to do in {answer.table}", "ok")
            return
        self._plan = answer
        if isinstance(answer, DropPlan):
            self._app.look(notice=None)
            self._app.push_screen(DropSheet(answer), lambda typed: self._drop(answer, typed))
            return
        self._app.look(question=Question(change.verb, text, f"{change.verb} it"), notice=None)

    def carry_out(self) -> None:
        plan, self._plan = self._plan, None
        if plan is not None:
            change = CHANGES[type(plan)]
            self._app.say(f"{change.doing} …")
            self._app.bridge.do(change.verb, lambda client: change.done(client, plan))

    def _drop(self, plan: DropPlan, typed: str | None) -> None:
        """What cannot be undone is not done with one key."""
        if typed == plan.table:
            self.carry_out()
        elif typed is not None:
            self._app.say(f"drop: that is not {plan.table}; nothing was dropped", "warn")

    def _table(self) -> str | None:
        looking = self._app.view.looking
        return looking.table if looking is not None else None
