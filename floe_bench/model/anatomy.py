"""What a table is made of: schemas, layout, refs, manifest files and data files, as its metadata has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.table import Column


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """``columns`` are all of them, nested ones after what they lie in, with dots in their names.

    ``snapshot_id`` and ``since`` are of the first kept snapshot that was written with it; None where none was.
    """

    schema_id: int
    columns: tuple[Column, ...]
    current: bool = False
    snapshot_id: int | None = None
    since: datetime | None = None

    @property
    def top(self) -> tuple[Column, ...]:
        """Those that lie in no other."""
        outer = tuple(f"{column.name}." for column in self.columns if column.type in ("struct", "map", "list"))
        return tuple(column for column in self.columns if not column.name.startswith(outer))

    def inside(self, column: Column) -> str:
        """ "list" or "map", the outermost, where it lies in one; empty otherwise."""
        within = (each for each in self.columns if column.name.startswith(f"{each.name}."))
        return next((each.type for each in within if each.type in ("list", "map")), "")


@dataclass(frozen=True, slots=True)
class Spec:
    """A partitioning, or a sort order. ``fields`` read like ``day(ordered_at)``; empty for none."""

    spec_id: int
    fields: tuple[str, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """``kind`` is branch or tag. ``max_age_s`` None: it is kept for good."""

    name: str
    kind: str
    snapshot_id: int
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class MetadataFile:
    """``since`` is when it became the table's. ``bytes`` is None where nobody looked; ``gone``: it is not there."""

    path: str
    since: datetime
    bytes: int | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the files of one snapshot. ``records`` are those in data files, deleted ones included.

    ``deleted_records`` are what position deletes name, ``equality_deletes`` the rows of equality delete files, each of
    which may delete any number of rows.
    """

    data_files: int = 0
    delete_files: int = 0
    manifests: int = 0
    records: int = 0
    deleted_records: int = 0
    equality_deletes: int = 0
    bytes: int = 0
    delete_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A table as of one snapshot; ``snapshot_id`` None for one that was never written.

    ``rows`` are live rows, counted by reading where there are row-level deletes; None where that failed, and
    where there are ``faults``, which say what could not be read.

    Source: Iceberg spec, "Table Metadata Fields".
    """

    table: str
    table_uuid: str
    format_version: int
    location: str
    metadata_location: str
    snapshot_id: int | None
    committed_at: datetime | None
    current: bool
    rows: int | None
    totals: Totals
    schema: SchemaVersion
    schemas: int
    spec: Spec
    specs: tuple[Spec, ...]
    sort_order: Spec
    sort_orders: tuple[Spec, ...] = ()
    """That one, and those it had before."""
    refs: tuple[Ref, ...] = ()
    snapshots: int = 0
    oldest_at: datetime | None = None
    metadata_files: int = 0
    """Earlier metadata files that the table still lists, and the current one."""
    metadata_log: tuple[MetadataFile, ...] = ()
    """Those files, oldest first, the current one last."""
    properties: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class Content(StrEnum):
    DATA = "data"
    POSITION_DELETES = "position deletes"
    EQUALITY_DELETES = "equality deletes"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one column in one file. ``lower`` and ``upper`` are as a person writes the value, None where the file does not
    say; long text is cut by the writer, so they enclose the values and need not be among them."""

    column: str
    nulls: int | None = None
    lower: str | None = None
    upper: str | None = None


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A data file or a file of deletes. ``partition`` reads like ``day=2026-01-31/region=eu``; empty without one."""

    path: str
    content: Content
    format: str
    partition: str
    spec_id: int
    records: int
    bytes: int
    added_by: int | None
    bounds: tuple[Bounds, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """``content`` is data or deletes. ``files`` and ``records`` are live ones."""

    path: str
    content: str
    spec_id: int
    bytes: int
    files: int
    records: int
    added_by: int | None


@dataclass(frozen=True, slots=True)
class Partition:
    """``records`` are those in data files, deleted ones included."""

    partition: str
    spec_id: int
    data_files: int = 0
    delete_files: int = 0
    records: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FilePage:
    """``files`` are a page of all; manifests and partitions are complete, the largest partition first.

    ``faults`` says what could not be read; it is missing from everything else.
    """

    table: str
    snapshot_id: int | None
    totals: Totals
    manifests: tuple[Manifest, ...] = ()
    partitions: tuple[Partition, ...] = ()
    files: tuple[LakeFile, ...] = ()
    offset: int = 0
    faults: tuple[str, ...] = ()
