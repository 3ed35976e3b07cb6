"""What the user looks at: selection, tab, question. Frozen, assigned only by the app, beside the bench state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.events import CarryProgressed, ComparisonProgressed
from floe_bench.model.bisection import Bisection, Evaluation
from floe_bench.model.drift import Reading
from floe_bench.model.snapshot import Diff
from floe_bench.tui.asking import SqlView
from floe_bench.tui.glance import StepView
from floe_bench.tui.inspection import Drawing, Inspection
from floe_bench.tui.looking import TableView
from floe_bench.tui.services import StackView

ASSETS, RUNS, SNAPSHOTS, DRAWER = "assets", "runs", "snapshots", "drawer"
PLACES = (ASSETS, RUNS, SNAPSHOTS, DRAWER)
LINEAGE = "lineage"
"""A place too, in front of the three panes while somebody is there."""
GROUPINGS = ("group", "namespace", "flat")
Shares = tuple[int, int, int, int]
"""Widths of the three panes in relation to each other, and the height of the drawer in percent."""
SHARES_DEFAULT: Shares = (22, 26, 27, 34)


class Link(StrEnum):
    """How the screen stands with its engine."""

    CONNECTING = "connecting"
    LIVE = "live"
    BROKEN = "broken"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as a person reads it."""

    message: str
    remedy: str = ""
    where: str = ""
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class Lost:
    """The engine went away while the bench was whole: what is shown is what was known at ``since``.

    ``doing`` is what a new one is at, empty while nothing is tried.
    """

    since: datetime
    attempts: int = 0
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The line that was selected last, and in which pane. ``assets`` are several only for a group of them."""

    origin: str = ASSETS
    assets: tuple[str, ...] = ()
    group: str | None = None
    run_id: str | None = None
    node_id: str | None = None
    table: str | None = None
    snapshot_id: int | None = None

    @property
    def asset(self) -> str | None:
        return self.assets[0] if len(self.assets) == 1 and self.group is None else None


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that the whole bench is shown as of; so many ``commits`` came since. ``first``: none is earlier."""

    at: datetime
    commits: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Asked once; the key of ``action`` again, or y, says yes. ``subject`` is what it is about (a run id)."""

    action: str
    text: str
    yes: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the user. ``tone``: soft, ok, warn or bad."""

    text: str
    tone: str = "soft"


@dataclass(frozen=True, slots=True)
class DiffFace:
    """A diff that was asked for. ``asked_at`` is None when nothing is being read.

    ``diff`` has the samples of all pages so far; ``whole``: there are no more to be had.
    """

    table: str
    to_snapshot: int
    asked_at: datetime | None = None
    diff: Diff | None = None
    whole: bool = False
    trouble: Trouble | None = None

    @property
    def pending(self) -> bool:
        return self.diff is None and self.trouble is None

    @property
    def has_more(self) -> bool:
        """Samples that nobody asked for yet."""
        return self.diff is not None and self.asked_at is None and not self.whole and self.trouble is None


@dataclass(frozen=True, slots=True)
class Since:
    """A check that is asked over past snapshots, since ``asked_at``; ``evaluations`` as they came."""

    check: str
    name: str
    asked_at: datetime | None
    evaluations: tuple[Evaluation, ...] = ()
    moments: int = 0
    found: Bisection | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class DriftFace:
    """A column that is followed over the last ``limit`` snapshots up to ``snapshot_id``, or to now.

    ``readings`` are those that came so far, oldest first, of so many ``snapshots``; ``older`` ones there are besides.
    ``asked_at`` is None when nothing is being read.
    """

    table: str
    column: str
    snapshot_id: int | None
    limit: int
    asked_at: datetime | None = None
    readings: tuple[Reading, ...] = ()
    snapshots: int = 0
    older: int = 0
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class View:
    link: Link = Link.CONNECTING
    trouble: Trouble | None = None
    lost: Lost | None = None
    as_of: AsOf | None = None
    """Where the time cursor stands; None is now."""
    place: str = ASSETS
    selection: Selection = Selection()
    table: str | None = None
    """Whose snapshots the third pane shows."""
    reading: str | None = None
    """The table whose snapshots are being read."""
    unread: Trouble | None = None
    """Why they could not be read."""
    tab: str = "log"
    diff: DiffFace | None = None
    progress: ComparisonProgressed | None = None
    """Of the comparison that told last how far it is."""
    carrying: CarryProgressed | None = None
    """The table of another stack that is on its way."""
    inspection: Inspection | None = None
    """What the shown tab of the drawer looks into."""
    stepping: StepView | None = None
    """The stepped run that is looked at; None on the bench."""
    looking: TableView | None = None
    """The table that is looked into; None on the bench."""
    tending: StackView | None = None
    """The services that are looked at; None on the bench."""
    asking: SqlView | None = None
    """What is asked on the SQL screen; None before it was ever open."""
    drawing: Drawing = field(default_factory=Drawing)
    since: Since | None = None
    """The check whose past is being looked at."""
    drift: DriftFace | None = None
    """The column that is followed over snapshots, on the table screen."""
    question: Question | None = None
    notice: Notice | None = None
    narrow: bool = False
    zoomed: bool = False
    grouping: str = GROUPINGS[0]
    filter: str = ""
    filtering: bool = False
    """Keys go into the filter."""
    lineage: str | None = None
    """The asset whose lineage is, or was last, shown."""
    shares: Shares = SHARES_DEFAULT
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of the user's own, by the name of the action."""

    @property
    def single(self) -> bool:
        """One pane at a time."""
        return self.narrow or self.zoomed


def percent_of(view: View, table: str, to_snapshot: int) -> float | None:
    """How far the comparison is; None where it did not tell."""
    told = view.progress
    return told.percent if told is not None and (told.table, told.to_snapshot) == (table, to_snapshot) else None
