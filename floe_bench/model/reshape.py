"""Changing what a table is: its columns, its name, its main line, or that it is there at all."""

from __future__ import annotations

from floe_bench.dataclass import dataclass
from floe_bench.model.table import Column
from floe_bench.model.undo import HeadMove


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """``how`` is add, rename, widen, drop, doc or optional; ``to`` the new name, type or doc. Of a nested column the
    name has dots."""

    how: str
    column: str
    to: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """``changes``, or ``schema_id``: an earlier schema that becomes the current one again. ``from_id`` is the schema of
    now, to which that goes back; ``notes`` say what else is to be known."""

    table: str
    table_uuid: str
    from_id: int
    before: tuple[Column, ...]
    after: tuple[Column, ...]
    changes: tuple[ColumnChange, ...] = ()
    schema_id: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        return self.schema_id == self.from_id


@dataclass(frozen=True, slots=True)
class PartitionField:
    """``told`` reads like ``day(ordered_at)``."""

    field_id: int
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class PartitionChange:
    """``how`` is add, drop or rename. ``field`` is what is added, as ``day(ordered_at)``, else the name of one that
    there is, or what it reads like; ``to`` the new name, empty for Iceberg's own."""

    how: str
    field: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """As ``SchemaPlan``, of how files that are written from now on are laid out. ``old_files`` of the current snapshot
    stay as they were written."""

    table: str
    table_uuid: str
    from_id: int
    before: tuple[PartitionField, ...]
    after: tuple[PartitionField, ...]
    changes: tuple[PartitionChange, ...] = ()
    spec_id: int | None = None
    old_files: int = 0
    notes: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class SortPlan:
    """As ``SchemaPlan``, of the order in which rows are written from now on. ``fields`` as somebody types them; a
    single ``none`` is no order. ``before`` and ``after`` read like ``spend desc nulls last``."""

    table: str
    table_uuid: str
    from_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    fields: tuple[str, ...] = ()
    order_id: int | None = None
    old_files: int = 0
    notes: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class RenamePlan:
    table: str
    table_uuid: str
    to: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropPlan:
    """What is lost for good. ``purge``: the catalog is asked to delete the files as well."""

    table: str
    table_uuid: str
    purge: bool
    snapshots: int
    rows: int | None
    bytes: int
    refs: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    """Assets that read it."""


@dataclass(frozen=True, slots=True)
class PromotePlan:
    """``main`` goes forward to the head of a branch or tag; ``snapshots`` come onto the main line."""

    ref: str
    move: HeadMove
    snapshots: int

    @property
    def table(self) -> str:
        return self.move.table
