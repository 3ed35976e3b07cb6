"""Saving a statement as a model of the project, as the bench offers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.core.parts import Launching
from floe_bench.core.view import view_names
from floe_bench.errors import BenchError, CommitConflict, ParseFailed, StackUnavailable, UsageError
from floe_bench.model.saving import ModelPlan, SavedModel, Select
from floe_bench.ports.saving import CanTakeApart, HasModelWriter, ModelWriter


class LocalSaving:
    """Fulfils ``ports.saving.Saving``. ``changed`` is called when the project has an asset more."""

    def __init__(self, parts: Launching, *, changed: Callable[[], None]) -> None:
        self._parts, self._changed = parts, changed

    def folders(self) -> tuple[str, ...]:
        return self._writer().folders()

    def plan_model(self, sql: str, name: str, folder: str = "") -> ModelPlan:
        self._parts.catch_up()
        select = self._select(sql)
        if select.loose:
            raise UsageError(
                f"a model does not find {', '.join(select.loose)}: dbt looks elsewhere for a name without a namespace",
                remedy="write namespace.table",
            )
        plan = self._writer().plan(select, name, folder)
        catalog = self._parts.catalog()
        kinds = (("table", catalog.names()), ("view", view_names(catalog)))
        for kind, there in ((kind, each) for kind, names in kinds for each in names):
            if there.name.casefold() == name.casefold():
                said = f"there is a {kind} {there}, which that model might replace"
                raise UsageError(said, remedy="choose another name")
        if select.fault:
            plan = replace(plan, notes=(*plan.notes, f"it does not run over the tables of now: {select.fault}"))
        return plan

    def save_model(self, plan: ModelPlan) -> SavedModel:
        if self.plan_model(plan.sql, plan.name, plan.folder) != plan:
            raise CommitConflict("the project changed since that was planned", remedy="look at the plan again")
        writer = self._writer()
        writer.write(plan)
        try:
            self._parts.catch_up()
            return SavedModel(plan.path, plan.shown, self._writer().asset(plan))
        except ParseFailed as error:
            writer.take_back(plan)
            self._parts.catch_up()
            raise UsageError(
                f"dbt cannot read the project with it, so {plan.shown} was taken away again: {error.message}"
            ) from error
        except BenchError:
            writer.take_back(plan)
            raise
        finally:
            self._changed()

    def _select(self, sql: str) -> Select:
        compute = self._parts.compute()
        if not isinstance(compute, CanTakeApart):
            raise StackUnavailable("this stack's compute does not say what a statement reads")
        return compute.select_of(sql)

    def _writer(self) -> ModelWriter:
        """Only of a project that can be read: its names are not known otherwise."""
        orchestrator = self._parts.orchestrator()
        if not isinstance(orchestrator, HasModelWriter):
            raise StackUnavailable("this project's models cannot be written from here")
        return orchestrator.model_writer
