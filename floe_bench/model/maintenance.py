"""Looking after a table: what would be changed, and what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class RefPlan:
    """A branch or tag that is made, moved or removed. ``before`` None: it is not there; ``after`` None: it goes.

    ``kind`` is branch or tag. ``max_age_s`` None: it is kept for good.
    """

    table: str
    table_uuid: str
    name: str
    kind: str
    before: int | None
    after: int | None
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class PropertyPlan:
    """Table properties that change, by key. A key that is missing before is new, one that is missing after goes."""

    table: str
    table_uuid: str
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        return dict(self.before) == dict(self.after)


@dataclass(frozen=True, slots=True)
class ExpirePlan:
    """``going`` are snapshot ids, oldest first; ``held`` says of older ones why they stay all the same.

    ``files`` and ``bytes`` are those that only ``going`` need, metadata files included.
    """

    table: str
    table_uuid: str
    older_than: datetime
    keep: int
    going: tuple[int, ...]
    staying: int
    held: Mapping[int, str] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Expired:
    """``files`` were deleted. ``left`` could not be; nothing reads them any more."""

    table: str
    snapshots: int
    files: int
    bytes: int
    left: int = 0


@dataclass(frozen=True, slots=True)
class CompactPlan:
    """``files`` and ``bytes`` would be read and written anew, as about ``files_after``.

    ``whole``: there are row-level deletes, so that every file is rewritten without what was deleted; ``deletes`` are
    their files.
    """

    table: str
    snapshot_id: int | None
    small_bytes: int
    data_files: int
    files: int = 0
    bytes: int = 0
    files_after: int = 0
    deletes: int = 0
    whole: bool = False

    @property
    def idle(self) -> bool:
        """There is nothing to do."""
        return self.files == 0


@dataclass(frozen=True, slots=True)
class Compacted:
    """``rows`` were compared, each with all its columns, and are the same in both snapshots."""

    table: str
    from_snapshot: int
    to_snapshot: int
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    rows: int
    attempts: int


@dataclass(frozen=True, slots=True)
class ManifestPlan:
    """``rewritten`` of the ``manifests`` that the current snapshot has would be written anew, so that about ``after``
    are left; ``files`` are the data files that they tell of, ``bytes`` their own size. The others stay: large ones, and
    those of row-level deletes."""

    table: str
    table_uuid: str
    snapshot_id: int | None
    target_bytes: int
    manifests: int
    rewritten: int = 0
    after: int = 0
    files: int = 0
    bytes: int = 0

    @property
    def idle(self) -> bool:
        """There is nothing to do."""
        return self.rewritten == 0


@dataclass(frozen=True, slots=True)
class ManifestsRewritten:
    """What the new manifest files tell of ``files``, with ``rows`` in them, was read again and is the same."""

    table: str
    from_snapshot: int
    to_snapshot: int
    before: int
    after: int
    files: int
    rows: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Orphan:
    path: str
    bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class OrphanPlan:
    """Files under a table's location that no snapshot and no metadata file reaches. ``young`` were passed over: they
    are newer than ``older_than``, and somebody may be about to commit them."""

    table: str
    table_uuid: str
    older_than: datetime
    orphans: tuple[Orphan, ...] = ()
    young: int = 0

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.orphans)


@dataclass(frozen=True, slots=True)
class Deleted:
    """``left`` could not be deleted, or is reached again."""

    table: str
    files: int
    bytes: int
    left: int = 0
