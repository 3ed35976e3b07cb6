"""Picking what replaced whole partitions: only where nobody touched those since.

Source: Iceberg's Java reference, ``CherryPickOperation``. It lets row-level deletes and files of another partitioning
pass; here they are in the way, too, since either may be about rows of what was replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.manifests import UNREADABLE, Manifests, listed, said
from floe_bench.adapters.iceberg.human import partition
from floe_bench.errors import TableError, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

_REPLACES = "replace-partitions"


@dataclass(frozen=True, slots=True)
class Change:
    """Data files that a snapshot itself brought and took away; ``deletes_rows``: it brought row-level deletes, too."""

    added: tuple[DataFile, ...]
    removed: tuple[DataFile, ...] = ()
    deletes_rows: bool = False


def change_of(name: TableName, table: IcebergTable, snapshot: Snapshot) -> Change:
    """Raises TableError where its manifest files do not say."""
    from pyiceberg.manifest import DataFileContent, ManifestEntryStatus

    added, removed, deletes_rows = list["DataFile"](), list["DataFile"](), False
    for manifest in listed(snapshot, table.io):
        if manifest.added_snapshot_id != snapshot.snapshot_id:
            continue
        try:
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=False)
        except UNREADABLE as error:
            path, why = manifest.manifest_path, said(error)
            raise TableError(
                f"what snapshot {snapshot.snapshot_id} of {name} changed is not known: manifest file {path} cannot be "
                f"read: {why.removeprefix(f'{path}: ')}"
            ) from error
        for entry in entries:
            if entry.status == ManifestEntryStatus.EXISTING or entry.snapshot_id != snapshot.snapshot_id:
                continue
            if entry.data_file.content != DataFileContent.DATA:
                deletes_rows = deletes_rows or entry.status == ManifestEntryStatus.ADDED
            else:
                (added if entry.status == ManifestEntryStatus.ADDED else removed).append(entry.data_file)
    return Change(tuple(added), tuple(removed), deletes_rows)


def replaces_partitions(snapshot: Snapshot) -> bool:
    """Iceberg's dynamic overwrite, by its summary.

    Source: Iceberg spec, "Optional Snapshot Summary Fields".
    """
    summary = snapshot.summary
    return (
        summary is not None
        and summary.operation.value == "overwrite"
        and summary.additional_properties.get(_REPLACES, "").lower() == "true"
    )


def live(name: TableName, table: IcebergTable, manifests: Manifests, snapshot: Snapshot | None) -> dict[str, DataFile]:
    """Data and delete files by their paths. Raises TableError."""
    reads = manifests.of(snapshot, table.io) if snapshot is not None else ()
    fault = next((read.fault for read in reads if read.fault), "")
    if fault:
        raise TableError(f"what {name} has is not known: {fault}", remedy=to_type("files", name))
    return {entry.data_file.file_path: entry.data_file for read in reads for entry in read.entries}


def refuse_touched(
    name: TableName,
    table: IcebergTable,
    manifests: Manifests,
    snapshot: Snapshot,
    *,
    change: Change,
    line: Sequence[Snapshot],
    onto: str,
) -> None:
    """``line`` leads from the head of ``onto`` back. Raises UsageError, TableError."""
    remedy, what = to_type("snapshots", name), f"snapshot {snapshot.snapshot_id} of {name}"
    if change.deletes_rows:
        raise UsageError(f"{what} deleted rows of files, too: that is not played again", remedy=remedy)
    parent = next((each for each in line if each.snapshot_id == snapshot.parent_snapshot_id), None)
    if parent is None and snapshot.parent_snapshot_id is not None:
        said = f"{what} replaced partitions as they were at {snapshot.parent_snapshot_id}, which {onto} has not"
        raise UsageError(said, remedy=remedy)
    before = live(name, table, manifests, parent)
    now = live(name, table, manifests, line[0] if line else None)
    gone = sum(file.file_path not in now for file in change.removed)
    if gone:
        said = f"{gone} of the {len(change.removed)} files that {what} replaced are not on {onto} any more"
        raise UsageError(f"{said}: somebody changed those partitions since", remedy=remedy)
    replaced = {_place(file) for file in (*change.added, *change.removed)}
    specs = {spec_id for spec_id, _ in replaced}
    for path, file in now.items():
        if path in before:
            continue
        if _place(file) in replaced:
            told = partition(table.specs()[file.spec_id], table.schema(), file) or "the table"
            raise UsageError(
                f"somebody wrote to {told} on {onto} of {name} since, which {what} replaced", remedy=remedy
            )
        if file.spec_id not in specs:
            said = f"files of another partitioning were written to {onto} of {name} since"
            raise UsageError(f"{said}, which may hold rows of what {what} replaced", remedy=remedy)


def _place(file: DataFile) -> tuple[int, tuple[object, ...]]:
    return file.spec_id, tuple(file.partition[at] for at in range(len(file.partition)))
