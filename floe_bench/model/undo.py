"""Taking tables back to an earlier snapshot, and bringing them forward again."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.snapshot import SchemaChange, Snapshot


@dataclass(frozen=True, slots=True)
class TableHead:
    """What readers and writers of a table go by. ``snapshot_id`` is main's; None where there is no main.

    ``empty``: the snapshot is, or will be, one without files that stands for "before the first write".

    Source: Iceberg spec, "Table Metadata Fields".
    """

    table_uuid: str
    snapshot_id: int | None
    schema_id: int
    spec_id: int
    sort_order_id: int
    empty: bool = False

    @property
    def reads(self) -> int | None:
        """The snapshot whose rows a reader gets; None where that are none."""
        return None if self.empty else self.snapshot_id


@dataclass(frozen=True, slots=True)
class HeadMove:
    """``before`` is what the table must have now, in all of it; else somebody wrote in between."""

    table: str
    before: TableHead
    after: TableHead

    @property
    def back(self) -> HeadMove:
        return HeadMove(self.table, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """One table of a plan. ``rows_lost`` and ``rows_regained`` are exact, whole rows as a multiset; where the table
    cannot be read as it is they are None, as ``rows_before`` is, and ``fault`` says why.

    ``passed`` are the snapshots between the two heads, newest first: off the main line after an undo, on it again after
    a redo. ``readers`` are assets that read the table and are not in the plan.
    """

    asset: str
    move: HeadMove
    rows_before: int | None
    rows_after: int
    rows_lost: int | None
    rows_regained: int | None
    schema: SchemaChange = field(default_factory=SchemaChange)
    passed: tuple[Snapshot, ...] = ()
    readers: tuple[str, ...] = ()
    fault: str = ""

    @property
    def table(self) -> str:
        return self.move.table

    @property
    def others(self) -> tuple[Snapshot, ...]:
        """What somebody else wrote since. A replace has the rows of the snapshot before it."""
        nobodys = (each for each in self.passed if each.run_id is None and not each.typed)
        return tuple(each for each in nobodys if each.operation != "replace")

    @property
    def typed(self) -> tuple[Snapshot, ...]:
        """What statements of the SQL screen wrote since."""
        return tuple(each for each in self.passed if each.typed)


class UndoKind(StrEnum):
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """Parents before children. ``about`` says in words what is taken back. ``undo_id`` is the undo that a redo undoes.

    ``together``: the catalog moves all tables in one commit; else one after the other, and an interrupted one is
    finished or rolled back at the next start.
    """

    kind: UndoKind
    about: str
    tables: tuple[TakeBack, ...]
    together: bool
    undo_id: str | None = None

    @property
    def others(self) -> tuple[Snapshot, ...]:
        """Commits of somebody else that the tables lose."""
        return () if self.kind is UndoKind.REDO else tuple(each for table in self.tables for each in table.others)

    @property
    def typed(self) -> tuple[Snapshot, ...]:
        """Commits of the SQL screen that the tables lose."""
        return () if self.kind is UndoKind.REDO else tuple(each for table in self.tables for each in table.typed)

    @property
    def moves(self) -> tuple[HeadMove, ...]:
        return tuple(table.move for table in self.tables)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The undo that a table's head is the result of."""

    undo_id: str
    at: datetime
    move: HeadMove


class UndoState(StrEnum):
    UNDOING = "undoing"
    UNDONE = "undone"
    REDOING = "redoing"
    REDONE = "redone"
    DROPPED = "dropped"
    """It was never carried out, or was rolled back."""

    @property
    def over(self) -> bool:
        return self not in (UndoState.UNDOING, UndoState.REDOING)


@dataclass(frozen=True, slots=True)
class Undo:
    """One undo and what became of it. ``told``: the orchestrator knows of the last change. ``note``: how it ended,
    where that is worth a word."""

    undo_id: str
    at: datetime
    plan: UndoPlan
    state: UndoState
    told: bool = False
    note: str = ""

    def now(self, state: UndoState, note: str = "", *, told: bool = False) -> Undo:
        return replace(self, state=state, note=note, told=told)
