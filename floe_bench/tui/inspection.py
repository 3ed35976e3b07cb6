"""What a tab of the drawer looks into, and how far that is: one thing at a time, asked for when its tab is shown."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.bisection import Bisection
from floe_bench.model.carry import Carriage
from floe_bench.model.code import Code
from floe_bench.model.drift import Drift
from floe_bench.model.maintenance import CompactPlan, ExpirePlan, ManifestPlan, OrphanPlan, PropertyPlan, RefPlan
from floe_bench.model.picking import PickPlan
from floe_bench.model.query import QueryPage, StatementPlan, Words
from floe_bench.model.rehearsal import Rehearsal, RehearsedDiff
from floe_bench.model.reshape import DropPlan, PartitionPlan, PromotePlan, RenamePlan, SchemaPlan, SortPlan
from floe_bench.model.saving import ModelPlan
from floe_bench.model.stack import StackOffer
from floe_bench.model.undo import UndoPlan
from floe_bench.tui.asking import Folders, History, PastLook
from floe_bench.tui.glance import Compared, Glance
from floe_bench.tui.looking import MetadataLook, TableLook
from floe_bench.tui.past.moment import BoardLook
from floe_bench.tui.services import Connection, ServiceLook

if TYPE_CHECKING:
    from floe_bench.tui.view import Trouble


@dataclass(frozen=True, slots=True)
class RehearsalLook:
    """``begun``: it was started just now."""

    found: Rehearsal
    diffs: tuple[RehearsedDiff, ...] = ()
    begun: bool = False


@dataclass(frozen=True, slots=True)
class RowsOf:
    table: str
    snapshot_id: int


@dataclass(frozen=True, slots=True)
class CodeOf:
    """``as_of`` changes when the answer may have changed."""

    run_id: str | None
    node_id: str
    as_of: Hashable = None


@dataclass(frozen=True, slots=True)
class FailingOf:
    run_id: str
    node_id: str
    as_of: Hashable = None


@dataclass(frozen=True, slots=True)
class LinesOf:
    """The kept log of a run."""

    run_id: str


Want = RowsOf | CodeOf | FailingOf | LinesOf
TablePlan = (
    CompactPlan | DropPlan | ExpirePlan | ManifestPlan | OrphanPlan | PartitionPlan | PickPlan | PromotePlan
    | PropertyPlan | RefPlan | RenamePlan | SchemaPlan | SortPlan
)  # fmt: skip
"""What would be changed of a table."""
Answer = (
    QueryAnswer
    | StatementPlan
    | Code
    | tuple[LogLine, ...]
    | UndoPlan
    | Glance
    | Compared
    | TableLook
    | MetadataLook
    | Drift
    | TablePlan
    | RehearsalLook
    | Bisection
    | ServiceLook
    | Connection
    | tuple[StackOffer, ...]
    | Carriage
    | QueryPage
    | Words
    | PastLook
    | History
    | BoardLook
    | Folders
    | ModelPlan
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """``asked_at`` is None when nothing is being read. ``rows`` are those of all pages so far."""

    want: Want
    asked_at: datetime | None = None
    rows: QueryAnswer | None = None
    code: Code | None = None
    lines: tuple[LogLine, ...] | None = None
    trouble: Trouble | None = None

    @property
    def empty(self) -> bool:
        return self.rows is None and self.code is None and self.lines is None


CODE_FACES = ("compiled", "source", "change")


def face_of(code: Code, wanted: str) -> str:
    """What there is: a source, a seed and a Python asset are never compiled."""
    return "source" if not code.compiled and wanted == "compiled" and code.source else wanted


def next_face(inspection: Inspection | None, shown: str) -> str:
    if inspection is not None and inspection.code is not None:
        shown = face_of(inspection.code, shown)
    return CODE_FACES[(CODE_FACES.index(shown) + 1) % len(CODE_FACES)]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the user wants the drawer's tabs: filters and faces that are kept while the selection moves."""

    errors_only: bool = False
    node_only: bool = False
    search: str = ""
    code: str = "compiled"
    """One of ``CODE_FACES``."""
    check: tuple[str, str] | None = None
    """The check that is open: run id and node id."""
    check_code: bool = False
    row: int | None = None
    """The row that is shown in full."""
