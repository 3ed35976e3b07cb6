"""Changing what a table is: the verbs of the bench, and what they need of a catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from floe_bench.model.reshape import (
    ColumnChange,
    DropPlan,
    PartitionChange,
    PartitionField,
    PartitionPlan,
    PromotePlan,
    RenamePlan,
    SchemaPlan,
    SortPlan,
)
from floe_bench.model.table import Column, TableName


class Reshaping(Protocol):
    """A plan first, which changes nothing; the verb takes it. Raises NoSuchTable; verbs that change raise
    CommitConflict where the table is not as the plan says, and RunActive while a run is making it."""

    def plan_schema(
        self, table: str, changes: tuple[ColumnChange, ...] = (), schema_id: int | None = None
    ) -> SchemaPlan:
        """Raises UsageError: a change that readers or writers could not live with, or no such column or schema."""

    def change_schema(self, plan: SchemaPlan) -> SchemaPlan: ...

    def plan_partitioning(
        self, table: str, changes: tuple[PartitionChange, ...] = (), spec_id: int | None = None
    ) -> PartitionPlan:
        """Raises UsageError: no such column, field or partitioning, or a transform that the column's type has not."""

    def change_partitioning(self, plan: PartitionPlan) -> PartitionPlan: ...

    def plan_sorting(self, table: str, fields: tuple[str, ...] = (), order_id: int | None = None) -> SortPlan:
        """Raises UsageError: no such column or order, or a transform that the column's type has not."""

    def change_sorting(self, plan: SortPlan) -> SortPlan: ...

    def plan_rename(self, table: str, to: str) -> RenamePlan:
        """Raises UsageError: there is such a table."""

    def rename(self, plan: RenamePlan) -> RenamePlan: ...

    def plan_drop(self, table: str, purge: bool = False) -> DropPlan: ...

    def drop(self, plan: DropPlan) -> DropPlan: ...

    def plan_promote(self, table: str, ref: str) -> PromotePlan:
        """Raises NoSuchSnapshot, UsageError: main is not an ancestor of the ref, so that it cannot go forward to it."""

    def promote(self, plan: PromotePlan) -> PromotePlan: ...


class Reshaper(Protocol):
    """Thread-safe; raises NoSuchTable, CatalogUnreachable."""

    def schema(self, name: TableName) -> tuple[str, int, tuple[Column, ...]]:
        """The table's uuid, the id of its current schema, and its columns, nested ones too."""

    def plan_schema(
        self, name: TableName, changes: Sequence[ColumnChange], schema_id: int | None
    ) -> tuple[Column, ...]:
        """The columns as they would be. Raises UsageError."""

    def change_schema(self, name: TableName, plan: SchemaPlan) -> None:
        """Raises CommitConflict."""

    def partitioning(self, name: TableName) -> tuple[str, int, tuple[PartitionField, ...]]:
        """The table's uuid, the id of its current partitioning, and its fields."""

    def plan_partitioning(
        self, name: TableName, changes: Sequence[PartitionChange], spec_id: int | None
    ) -> tuple[tuple[PartitionField, ...], int]:
        """The fields as they would be, and how many data files of now are laid out otherwise. Raises UsageError."""

    def change_partitioning(self, name: TableName, plan: PartitionPlan) -> None:
        """Raises CommitConflict."""

    def sorting(self, name: TableName) -> tuple[str, int, tuple[str, ...]]:
        """The table's uuid, the id of its current sort order, and its fields."""

    def plan_sorting(self, name: TableName, fields: Sequence[str], order_id: int | None) -> tuple[tuple[str, ...], int]:
        """The fields as they would be, and how many data files there are now. Raises UsageError."""

    def change_sorting(self, name: TableName, plan: SortPlan) -> None:
        """Raises CommitConflict."""

    def uuid(self, name: TableName) -> str: ...

    def rename(self, name: TableName, to: TableName) -> None: ...

    def drop(self, name: TableName, *, purge: bool) -> None:
        """Raises TableError: the catalog does not purge."""


@runtime_checkable
class HasReshaper(Protocol):
    """An optional power of a catalog."""

    @property
    def reshaper(self) -> Reshaper: ...
