"""Saving a statement as a model of the project: the verbs of the bench, and what they need of compute and orchestrator.

It is the one thing that is written outside of ``.floe-bench``: see docs/decisions/0009.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from floe_bench.model.saving import ModelPlan, SavedModel, Select


class Saving(Protocol):
    """A plan first, which changes nothing; the verb takes it. Raises ParseFailed: the project cannot be read."""

    def folders(self) -> tuple[str, ...]:
        """Folders that a model can be put in, from the dbt folder; the first is the one to take where none is said."""

    def plan_model(self, sql: str, name: str, folder: str = "") -> ModelPlan:
        """Raises WriteRefused, QueryFailed; UsageError: it is not one SELECT that a table can be made of, it names a
        table without its namespace, the name is taken, the folder holds no models, the file is there."""

    def save_model(self, plan: ModelPlan) -> SavedModel:
        """Only where nothing changed since the plan, and only where dbt can read the project with it: otherwise the
        file is taken away again. Raises as ``plan_model``, CommitConflict."""


@runtime_checkable
class CanTakeApart(Protocol):
    """An optional power of a compute."""

    def select_of(self, sql: str) -> Select:
        """Raises QueryFailed, WriteRefused, UsageError."""


class ModelWriter(Protocol):
    """Knows the project's files and names. Raises UsageError."""

    def folders(self) -> tuple[str, ...]: ...

    def plan(self, select: Select, name: str, folder: str) -> ModelPlan: ...

    def write(self, plan: ModelPlan) -> None:
        """The file is new and whole, or nothing happened."""

    def take_back(self, plan: ModelPlan) -> None:
        """Unless somebody changed it since."""

    def asset(self, plan: ModelPlan) -> str:
        """What dbt made of it when the project was read last; empty for nothing."""


@runtime_checkable
class HasModelWriter(Protocol):
    """An optional power of an orchestrator."""

    @property
    def model_writer(self) -> ModelWriter: ...
