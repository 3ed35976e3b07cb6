"""Saving statements as models of the project of a ``FakeBench``: nothing is written, what was saved is kept."""

from __future__ import annotations

from floe_bench.errors import UsageError
from floe_bench.model.saving import ModelPlan, ModelRead, SavedModel


class FakeSaving:
    """Fills ``ports.saving.Saving`` for one folder of models."""

    FOLDERS = ("models", "models/marts")

    def __init__(self, tables: dict[str, str] | None = None) -> None:
        """``tables`` -> what dbt calls them."""
        self._tables = tables or {}
        self.planned: list[tuple[str, str, str]] = []
        self.saved: list[ModelPlan] = []

    def folders(self) -> tuple[str, ...]:
        return self.FOLDERS

    def plan_model(self, sql: str, name: str, folder: str = "") -> ModelPlan:
        self.planned.append((sql, name, folder))
        folder = folder or self.FOLDERS[0]
        if folder not in self.FOLDERS:
            raise UsageError(f"'{folder}' is no folder of models; there are {', '.join(self.FOLDERS)}")
        shown = f"{folder}/{name}.sql"
        if any(each.shown == shown for each in self.saved):
            raise UsageError(f"/shop/{shown} is there already, and stays as it is", remedy="choose another name")
        reads = tuple(ModelRead(table, word) for table, word in self._tables.items() if table in sql)
        head = "".join(f"-- depends_on: {{{{ {each.word} }}}}\n" for each in reads if each.word)
        notes = tuple(f"dbt does not know {each.table}" for each in reads if not each.word)
        return ModelPlan(name, folder, f"/shop/{shown}", shown, sql, f"{head}\n{sql}\n", reads, notes)

    def save_model(self, plan: ModelPlan) -> SavedModel:
        self.saved.append(plan)
        return SavedModel(plan.path, plan.shown, f"shop/{plan.name}")
