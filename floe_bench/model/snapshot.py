"""Iceberg snapshots, and what lies between two of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from floe_bench.dataclass import dataclass
from floe_bench.model.table import Column


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of one table.

    ``run_id``, ``asset``, ``node_id`` name the Dagster run, the asset key and the dbt node that committed it; all None
    for a commit that is not by us. Record counts are the summary's; None where the writer left them out.
    ``total_records`` does not subtract row-level deletes where the writer did not. ``refs`` are branch and tag names.
    ``unchanged``: a rewrite whose data hash equals its parent's.

    Source: Iceberg spec, "Snapshots", "Optional Snapshot Summary Fields".
    """

    snapshot_id: int
    parent_id: int | None
    committed_at: datetime
    operation: str
    added_records: int | None = None
    deleted_records: int | None = None
    total_records: int | None = None
    run_id: str | None = None
    asset: str | None = None
    refs: tuple[str, ...] = ()
    node_id: str | None = None
    total_bytes: int | None = None
    total_files: int | None = None
    unchanged: bool = False
    code_hash: str | None = None
    """Hash of the compiled SQL that made it."""
    written_by: str = ""
    """The engine's own mark in the summary (``spark.app.id …``) for a commit that is not by us."""
    typed: bool = False
    """A statement of this project's SQL screen wrote it."""
    empty: bool = False
    """Put there by an undo, without files: it stands for "before the first write"."""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """Snapshot that was read to make it, by table name; empty where the writer left it out."""
    live_records: int | None = None
    """Rows, deletes subtracted; None where that would have to be counted."""
    current_at: tuple[datetime, ...] = ()
    """When main came to it, as the table's own log has it, oldest first; empty where the log does not say."""
    same_as: tuple[int, ...] = ()
    """Of a rewrite: earlier snapshots with the very same rows, as its writer marked them."""


ONE_WRITE = timedelta(seconds=2)
"""Some writers replace rows by a delete and an append, one right after the other."""


def is_half(snapshot: Snapshot, following: Snapshot) -> bool:
    """It took away the rows in whose place the one after it put others: nobody was meant to read what lay between."""
    if (snapshot.operation, following.operation) != ("delete", "append"):
        return False
    if snapshot.run_id is not None or following.run_id is not None:
        return snapshot.run_id == following.run_id
    return following.committed_at - snapshot.committed_at <= ONE_WRITE


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """``changed`` pairs are (before, after) of one field id: renamed, retyped, or with another nullability or doc.

    ``moved`` stand elsewhere among the columns beside them, as they are after; the fewest that explain the new order.
    """

    added: tuple[Column, ...] = ()
    removed: tuple[Column, ...] = ()
    changed: tuple[tuple[Column, Column], ...] = ()
    moved: tuple[Column, ...] = ()


def schema_change(old: Sequence[Column], new: Sequence[Column]) -> SchemaChange:
    """Compared by field id."""
    before, after = ({column.field_id: column for column in columns} for columns in (old, new))
    return SchemaChange(
        added=tuple(column for field_id, column in after.items() if field_id not in before),
        removed=tuple(column for field_id, column in before.items() if field_id not in after),
        changed=tuple(
            (column, after[field_id])
            for field_id, column in before.items()
            if field_id in after and column != after[field_id]
        ),
        moved=_moved(old, new),
    )


def _moved(old: Sequence[Column], new: Sequence[Column]) -> tuple[Column, ...]:
    place = {column.field_id: number for number, column in enumerate(old)}
    families: dict[str, list[Column]] = {}
    for column in new:
        if column.field_id in place:
            families.setdefault(column.name.rpartition(".")[0], []).append(column)
    stayed = {
        family[at].field_id
        for family in families.values()
        for at in _longest_rise([place[column.field_id] for column in family])
    }
    return tuple(column for family in families.values() for column in family if column.field_id not in stayed)


def _longest_rise(numbers: Sequence[int]) -> Sequence[int]:
    """Places of the most numbers that rise from left to right: what need not have moved."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for at, number in enumerate(numbers):
        size = bisect_left([numbers[end] for end in ends], number)
        before[at] = ends[size - 1] if size else None
        ends[size:] = [at, *ends[size + 1 :]]
    found, at_last = list[int](), ends[-1] if ends else None
    while at_last is not None:
        found.append(at_last)
        at_last = before[at_last]
    return found


def said_of(before: Column, after: Column) -> tuple[str, ...]:
    """What changed of one column, in words."""
    told = []
    if before.name != after.name:
        told.append(f"renamed from {before.name}")
    if before.type != after.type:
        told.append(f"{before.type} → {after.type}")
    if before.required != after.required:
        told.append("made required" if after.required else "made optional")
    if before.doc != after.doc:
        told.append("described" if not before.doc else "described anew" if after.doc else "no longer described")
    return tuple(told)


@dataclass(frozen=True, slots=True)
class RowChange:
    """Exact counts. ``changed`` is 0 unless ``key`` names the columns that pair rows; then a pair counts once.

    ``columns``: in how many changed rows each column differs, those where it is none left out. ``partial``: files that
    both snapshots have were not read. ``not_unique``: the key that the project declares, where it stands for several
    rows of one snapshot, so that whole rows were compared.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    key: tuple[str, ...] = ()
    columns: Mapping[str, int] = field(default_factory=dict)
    partial: bool = False
    not_unique: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.added + self.removed + self.changed


@dataclass(frozen=True, slots=True)
class Ground:
    """What a comparison of two snapshots of one table stands on.

    ``old_ids`` and ``new_ids`` are the field ids of their top-level columns, by name. ``added`` and ``removed`` are the
    data files that only one of the two has, with so many rows and bytes in them; ``shared`` counts those of both.
    ``deletes``: one of the two has row-level deletes, so that files do not say which rows there are.
    """

    old_ids: Mapping[str, int] = field(default_factory=dict)
    new_ids: Mapping[str, int] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    added_rows: int = 0
    removed_rows: int = 0
    added_bytes: int = 0
    removed_bytes: int = 0
    shared: int = 0
    deletes: bool = False

    @property
    def names(self) -> Mapping[str, str]:
        """New name -> old name of each column that both have."""
        old = {field_id: name for name, field_id in self.old_ids.items()}
        return {name: old[field_id] for name, field_id in self.new_ids.items() if field_id in old}

    @property
    def files(self) -> FileChange:
        return FileChange(
            len(self.added), len(self.removed), self.shared, self.added_bytes, self.removed_bytes, deletes=self.deletes
        )


@dataclass(frozen=True, slots=True)
class FileChange:
    """Data files that only one of two snapshots has, and how many both have.

    ``before_bytes`` and ``after_bytes`` are of all of a snapshot's files; None where its writer did not say.
    ``deletes``: one of the two has row-level deletes, which lie in files of their own.
    """

    added: int = 0
    removed: int = 0
    kept: int = 0
    added_bytes: int = 0
    removed_bytes: int = 0
    before_bytes: int | None = None
    after_bytes: int | None = None
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A row that differs. ``change`` is added | removed | changed; ``before`` is None unless changed."""

    change: str
    row: Mapping[str, object]
    before: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """What ``to_snapshot`` has that ``from_snapshot`` had not. ``from_snapshot`` is None before the first write.

    ``from_stack``: the stack that ``from_snapshot`` is in, where it is another one.
    """

    table: str
    from_snapshot: int | None
    to_snapshot: int
    schema: SchemaChange
    rows: RowChange
    samples: tuple[Sample, ...] = field(default=())
    files: FileChange = field(default_factory=FileChange)
    from_stack: str | None = None

    @property
    def left(self) -> int:
        """Rows that differ and are not among the samples."""
        return self.rows.total - len(self.samples)

    @property
    def sample_columns(self) -> tuple[str, ...]:
        """Of the samples: the key first, then what differs in the most rows, then the others as the table has them."""
        names = tuple(dict.fromkeys(name for sample in self.samples for name in sample.row))
        differ = self.rows.columns
        return tuple(sorted(names, key=lambda name: (name not in self.rows.key, -differ.get(name, 0))))
