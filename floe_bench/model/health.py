"""How a table is, and what would mend it."""

from __future__ import annotations

from floe_bench.dataclass import dataclass
from floe_bench.model.finding import FindingState
from floe_bench.model.maintenance import OrphanPlan


@dataclass(frozen=True, slots=True)
class Symptom:
    """``fix`` is the command that mends it, ``effect`` what that would change, measured; both empty where it is well,
    ``fix`` also where no command mends it."""

    check: str
    state: FindingState
    detail: str
    fix: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """Of the ``files`` of data and deletes that a snapshot is known to need, what is not in the store: ``gone`` names
    those, of which ``deletes`` hold ``deleted`` row-level deletes, and the others ``rows``.

    ``unread`` are manifest files that are gone or cannot be read, or the list of them (``unlisted``); so many files and
    rows are ``unknown`` for that, by the word of what lists them. ``elsewhere`` lie outside of the table's location and
    were not looked for, manifest files among them; ``looked_for`` counts those that were. ``line`` is how many
    snapshots there are from this one back, and ``whole`` those of them whose files are all there, newest first; both
    only where something is lost.
    """

    snapshot_id: int | None
    files: int = 0
    elsewhere: int = 0
    looked_for: tuple[int, int, int] = (0, 0, 0)
    """Data, delete and manifest files."""
    gone: tuple[str, ...] = ()
    deletes: int = 0
    deleted: int = 0
    rows: int = 0
    unread: tuple[str, ...] = ()
    unlisted: bool = False
    unknown_files: int = 0
    unknown_rows: int = 0
    line: int = 0
    whole: tuple[int, ...] = ()

    @property
    def lost(self) -> bool:
        return bool(self.gone or self.unread)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look at the files under a table's location says. ``orphans`` is text where nobody knows which they are:
    why."""

    orphans: OrphanPlan | str
    loss: Loss


@dataclass(frozen=True, slots=True)
class Health:
    table: str
    symptoms: tuple[Symptom, ...]

    @property
    def state(self) -> FindingState:
        """The worst of all."""
        found = {symptom.state for symptom in self.symptoms}
        return next((each for each in (FindingState.FAIL, FindingState.WARN) if each in found), FindingState.OK)
