"""Cherry-picking a snapshot: the verbs of the bench, and what they need of a catalog."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.table import TableName


class Picking(Protocol):
    """A plan first, which changes nothing; the verb takes it. Raises NoSuchTable, NoSuchSnapshot."""

    def plan_pick(self, table: str, snapshot_id: int, onto: str = "main") -> PickPlan:
        """Raises UsageError: the branch has that snapshot already, or it did something that cannot be done again."""

    def pick(self, plan: PickPlan) -> Picked:
        """On top of what the branch has by then, whoever wrote it. What it raises for has not happened, CommitUnknown
        left out. Raises CommitConflict, RunActive; UsageError where the branch has it by then."""


class Picker(Protocol):
    """Thread-safe; raises NoSuchTable, CatalogUnreachable, and what ``Picking`` does."""

    def plan(self, name: TableName, snapshot_id: int, onto: str) -> PickPlan: ...

    def pick(self, name: TableName, plan: PickPlan) -> Picked: ...


@runtime_checkable
class HasPicker(Protocol):
    """An optional power of a catalog."""

    @property
    def picker(self) -> Picker: ...
