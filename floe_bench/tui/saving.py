"""A statement of the SQL screen becomes a model: what it is to be called, the file as it would be, then a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.model.saving import ModelPlan
from floe_bench.tui.asking import Folders
from floe_bench.tui.view import Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

SAVING = "saving"
"""Key of the numbered reads: the folders there are, then the plan."""


class ModelSaving:
    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._sql, self._name = "", ""

    def begin(self, sql: str) -> None:
        self._sql = sql
        self._app.bridge.read(SAVING, lambda client: Folders(client.saving.folders()))

    def take(self, answer: object) -> None:
        from floe_bench.tui.screens.sql import SqlScreen
        from floe_bench.tui.screens.sql_sheets import ModelFileSheet

        if isinstance(answer, Trouble):
            self._app.say(answer.message + (f" → {answer.remedy}" if answer.remedy else ""), "bad")
        elif not isinstance(self._app.screen, SqlScreen):
            return
        elif isinstance(answer, Folders):
            self._ask_name(answer.found)
        elif isinstance(answer, ModelPlan):
            self._app.look(notice=None)
            self._app.push_screen(ModelFileSheet(answer), self._agreed)

    def _ask_name(self, folders: tuple[str, ...]) -> None:
        from floe_bench.tui.screens.sql_sheets import ModelSheet

        sheet = ModelSheet(folders, self._name)

        def named(name: str | None) -> None:
            if name is not None:
                sql, folder, self._name = self._sql, sheet.folder, name
                self._app.say("seeing what the project would get …")
                self._app.bridge.read(SAVING, lambda client: client.saving.plan_model(sql, name, folder))

        self._app.push_screen(sheet, named)

    def _agreed(self, plan: ModelPlan | None) -> None:
        if plan is not None:
            self._name = ""
            self._app.say(f"writing {plan.shown}, and reading the project with it …")
            self._app.bridge.do("save as model", lambda client: _saved(client, plan))


def _saved(client: BenchClient, plan: ModelPlan) -> str:
    done = client.saving.save_model(plan)
    became = f"asset {done.asset}" if done.asset else "no asset, for dbt leaves it out"
    return f"{done.shown} is {became}; deleting it takes that back"
