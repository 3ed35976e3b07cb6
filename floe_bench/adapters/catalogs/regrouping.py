"""Fewer manifest files that tell of the same data files, those of one partition side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.landing import Attempt, land
from floe_bench.adapters.catalogs.manifests import ManifestRead, Manifests
from floe_bench.adapters.catalogs.same_rows import same_rows
from floe_bench.adapters.iceberg.newer_format import refuse_newer
from floe_bench.adapters.iceberg.producer import discard
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, TableError, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import ManifestPlan, ManifestsRewritten
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.manifest import ManifestEntry, ManifestFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

    from floe_bench.adapters.iceberg.regroup import Group, RegroupManifests

_TARGET = "commit.manifest.target-size-bytes"
_TARGET_BYTES = 8 * 1024 * 1024
"""Iceberg's default. Source: Iceberg documentation, "Write properties"."""
_FULL = 0.75
"""Of the target: a manifest file of that size stays as it is."""


@dataclass(frozen=True, slots=True)
class _Scope:
    snapshot: Snapshot | None
    target_bytes: int
    replaced: tuple[ManifestRead, ...] = ()
    kept: tuple[ManifestFile, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def entries(self) -> Iterator[ManifestEntry]:
        return (entry for _, entries in self.groups for entry in entries)


def plan(name: TableName, table: IcebergTable, manifests: Manifests, target_bytes: int | None) -> ManifestPlan:
    """Raises TableError."""
    scope = _scope(name, table, manifests, target_bytes)
    return ManifestPlan(
        table=str(name),
        table_uuid=str(table.metadata.table_uuid),
        snapshot_id=scope.snapshot.snapshot_id if scope.snapshot else None,
        target_bytes=scope.target_bytes,
        manifests=len(scope.replaced) + len(scope.kept),
        rewritten=len(scope.replaced),
        after=len(scope.groups) + len(scope.kept),
        files=sum(1 for _ in scope.entries),
        bytes=sum(read.manifest.manifest_length for read in scope.replaced),
    )


def regroup(
    name: TableName, load: Callable[[TableName], IcebergTable], manifests: Manifests, wanted: ManifestPlan
) -> ManifestsRewritten:
    def prepare(table: IcebergTable) -> Attempt[tuple[_Scope, RegroupManifests]]:
        if str(table.metadata.table_uuid) != wanted.table_uuid:
            raise CommitConflict(f"{name} was dropped and made anew in between")
        scope = _scope(name, table, manifests, wanted.target_bytes)
        if scope.snapshot is None or not scope.replaced:
            raise UsageError(f"{name} has no manifest files to rewrite", remedy=to_type("files", name))
        return _attempt(name, table, scope)

    (scope, producer), attempts = land(name, load, prepare)
    assert scope.snapshot is not None
    return ManifestsRewritten(
        table=str(name),
        from_snapshot=scope.snapshot.snapshot_id,
        to_snapshot=producer.snapshot_id,
        before=len(scope.replaced) + len(scope.kept),
        after=len(producer.written) + len(scope.kept),
        files=sum(1 for _ in scope.entries),
        rows=sum(entry.data_file.record_count for entry in scope.entries),
        attempts=attempts,
    )


def _scope(name: TableName, table: IcebergTable, manifests: Manifests, target_bytes: int | None) -> _Scope:
    target = target_bytes or _number(table.metadata.properties.get(_TARGET, "")) or _TARGET_BYTES
    refuse_newer(name, table)
    snapshot = table.metadata.current_snapshot()
    if snapshot is None:
        return _Scope(None, target)
    reads = manifests.of(snapshot, table.io)
    fault = next((read.fault for read in reads if read.fault), "")
    if fault:
        raise TableError(f"manifest files of {name} cannot be rewritten: {fault}", remedy=to_type("files", name))
    loose, kept = defaultdict[int, list[ManifestRead]](list), list[ManifestRead]()
    for read in reads:
        if _is_loose(table, read.manifest, target):
            loose[read.manifest.partition_spec_id].append(read)
        else:
            kept.append(read)
    replaced, groups = list[ManifestRead](), list["Group"]()
    for spec_id, some in loose.items():
        found = _grouped(some, target)
        if len(found) < len(some):
            replaced, groups = [*replaced, *some], [*groups, *((spec_id, each) for each in found)]
        else:
            kept += some
    return _Scope(snapshot, target, tuple(replaced), tuple(read.manifest for read in kept), tuple(groups))


def _is_loose(table: IcebergTable, manifest: ManifestFile, target: int) -> bool:
    """Those of delete files stay, as in Iceberg's own; so do those partitioned by a column that the table lost."""
    from pyiceberg.manifest import ManifestContent

    if manifest.content != ManifestContent.DATA or manifest.manifest_length >= _FULL * target:
        return False
    columns = {field.field_id for field in table.schema().fields}
    return all(field.source_id in columns for field in table.specs()[manifest.partition_spec_id].fields)


def _grouped(reads: Sequence[ManifestRead], target: int) -> list[tuple[ManifestEntry, ...]]:
    """Sorted by partition: who looks for one opens few of them."""
    entries = sorted((entry for read in reads for entry in read.entries), key=_place)
    size = sum(read.manifest.manifest_length for read in reads)
    most = ceil(len(entries) / max(1, ceil(size / target))) or 1
    return [tuple(entries[at : at + most]) for at in range(0, len(entries), most)]


def _place(entry: ManifestEntry) -> tuple[object, ...]:
    file = entry.data_file
    values = (file.partition[at] for at in range(len(file.partition)))
    return (*((value is not None, value) for value in values), file.file_path)


def _attempt(name: TableName, table: IcebergTable, scope: _Scope) -> Attempt[tuple[_Scope, RegroupManifests]]:
    from floe_bench.adapters.iceberg.regroup import RegroupManifests

    transaction = Steady(table)
    marks = same_rows(table, scope.snapshot) | {"manifests-replaced": str(len(scope.replaced))}
    producer = RegroupManifests(transaction, scope.groups, scope.kept, marks)
    with ExitStack() as written:
        written.callback(discard, producer)
        transaction._stage(*producer._commit())
        _prove(name, table, scope, producer)
        written.pop_all()
    snapshot_id = producer.snapshot_id
    return Attempt((scope, producer), transaction, lambda now: now.snapshot_by_id(snapshot_id) is not None, producer)


def _prove(name: TableName, table: IcebergTable, scope: _Scope, producer: RegroupManifests) -> None:
    """What was written is read again: it must tell of the same files, and the same of each. Raises TableError."""
    before = Counter(_told(entry) for read in scope.replaced for entry in read.entries)
    after = Counter(_told(entry) for each in producer.written for entry in each.fetch_manifest_entry(table.io))
    if before != after:
        lost, new = (before - after).total(), (after - before).total()
        raise TableError(f"manifest files of {name} were not rewritten: {lost} files would be missing and {new} new")


def _told(entry: ManifestEntry) -> tuple[object, ...]:
    file = entry.data_file
    said = tuple(_plain(file[at]) for at in range(len(file)))
    return file.spec_id, entry.snapshot_id, entry.sequence_number, *said


def _plain(value: object) -> str:
    """PyIceberg reads maps only when they are asked for; one that is empty may as well be missing."""
    return repr(sorted(value.items()) if isinstance(value, Mapping) else value) if value else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
