"""Looking after tables: the verbs of the bench, and what they need of a catalog.

Everything that changes a table has a plan first, which changes nothing, and takes that plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, runtime_checkable

from floe_bench.model.health import Health, Loss, Survey
from floe_bench.model.maintenance import (
    Compacted,
    CompactPlan,
    Deleted,
    Expired,
    ExpirePlan,
    ManifestPlan,
    ManifestsRewritten,
    OrphanPlan,
    PropertyPlan,
    RefPlan,
)
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove


class Maintenance(Protocol):
    """Raises NoSuchTable; verbs that change raise CommitConflict where the table is not as the plan says, and RunActive
    while a run is making the table. What they raise for has not happened."""

    def health(self, table: str, snapshot_id: int | None = None) -> Health:
        """What is wrong with it, with the command that mends each, and what that would change.

        Of an older snapshot only what that snapshot says of itself, and what the store has not of it, without remedies.
        Raises NoSuchSnapshot.
        """

    def plan_ref(
        self, table: str, name: str, kind: str, snapshot_id: int | None = None, max_age_s: int | None = None
    ) -> RefPlan:
        """Make or move a branch or tag; ``snapshot_id`` None removes it. Raises UsageError, NoSuchSnapshot."""

    def set_ref(self, plan: RefPlan) -> RefPlan: ...

    def plan_properties(self, table: str, wanted: Mapping[str, str], unwanted: tuple[str, ...] = ()) -> PropertyPlan:
        """Raises UsageError: a key is reserved by Iceberg, or given twice."""

    def set_properties(self, plan: PropertyPlan) -> PropertyPlan: ...

    def plan_expire(self, table: str, older_than: datetime | None = None, keep: int | None = None) -> ExpirePlan:
        """``None`` is what the table's properties say, else five days and one snapshot of each branch."""

    def expire(self, plan: ExpirePlan) -> Expired:
        """Take the snapshots out of the table, then delete the files that nothing else needs."""

    def plan_compact(self, table: str, small_bytes: int | None = None) -> CompactPlan:
        """``small_bytes`` None: files under 8 MiB are small. Raises TableError: rows that cannot be rewritten here."""

    def compact(self, plan: CompactPlan) -> Compacted:
        """Write small files anew as larger ones, in one snapshot with the same rows, which is proved before it becomes
        the current one. Somebody who writes meanwhile loses nothing."""

    def plan_manifests(self, table: str, target_bytes: int | None = None) -> ManifestPlan:
        """``target_bytes`` None: what the table's properties say, else 8 MiB. Raises TableError: one that cannot be
        read or written here."""

    def rewrite_manifests(self, plan: ManifestPlan) -> ManifestsRewritten:
        """One snapshot with the same files, told of in fewer manifest files; which is proved before it is committed, on
        top of whatever others wrote by then."""

    def plan_orphans(self, table: str, older_than: datetime | None = None) -> OrphanPlan:
        """None: three days. Raises TableError: a manifest file that cannot be read, so that nobody knows."""

    def delete_orphans(self, plan: OrphanPlan) -> Deleted: ...


class Rewrite(Protocol):
    """One compaction under way. What it wrote is deleted at its end unless it ``landed``."""

    def stage(self) -> HeadMove:
        """Write a snapshot beside the main line; the move would make it the current one. Again after a conflict: what
        was written serves once more where the table still has every file that it stands for. Raises CommitConflict."""

    def landed(self, move: HeadMove) -> None: ...


class Maintainer(Protocol):
    """Thread-safe; every method is about one table and raises NoSuchTable, CatalogUnreachable."""

    def ref(self, name: TableName, ref: str) -> tuple[str, str, int | None]:
        """The table's uuid, the ref's kind (empty for none) and its snapshot."""

    def set_ref(self, name: TableName, plan: RefPlan) -> None:
        """Raises CommitConflict."""

    def properties(self, name: TableName) -> tuple[str, Mapping[str, str]]:
        """The table's uuid, and its properties."""

    def set_properties(self, name: TableName, plan: PropertyPlan) -> None:
        """Raises CommitConflict: one of them is not what the plan says."""

    def freed(self, name: TableName, going: Sequence[int]) -> tuple[int, int]:
        """How many files, and bytes, only these snapshots need."""

    def expire(self, name: TableName, plan: ExpirePlan) -> Expired:
        """Raises CommitConflict: a branch or tag points to one of them now."""

    def plan_compact(self, name: TableName, small_bytes: int) -> CompactPlan: ...

    def rewriting(self, name: TableName, small_bytes: int) -> AbstractContextManager[Rewrite]: ...

    def plan_manifests(self, name: TableName, target_bytes: int | None) -> ManifestPlan: ...

    def rewrite_manifests(self, name: TableName, plan: ManifestPlan) -> ManifestsRewritten: ...

    def files_of(self, name: TableName, snapshot_id: int) -> tuple[int, int]:
        """Data and delete files of a snapshot, and their bytes."""

    def orphans(self, name: TableName, older_than: datetime) -> OrphanPlan: ...

    def delete_orphans(self, name: TableName, plan: OrphanPlan) -> Deleted:
        """Each is looked at again first."""

    def survey(self, name: TableName, older_than: datetime) -> Survey:
        """As ``orphans``, and what the current snapshot lacks: looked at twice before that is said, since somebody may
        commit, and expire, meanwhile. Raises TableError: files cannot be listed."""

    def loss(self, name: TableName, snapshot_id: int) -> Loss:
        """What an older snapshot lacks, looked at in the same way. Raises NoSuchSnapshot, TableError."""


@runtime_checkable
class HasMaintainer(Protocol):
    """An optional power of a catalog."""

    @property
    def maintainer(self) -> Maintainer: ...
