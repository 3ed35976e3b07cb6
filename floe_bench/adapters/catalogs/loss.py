"""Which files a table needs and the store has not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.reach import place
from floe_bench.adapters.iceberg.branch import ancestry
from floe_bench.errors import TableError
from floe_bench.model.health import Loss

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile, ManifestFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

_ASKED_FOR = 20
"""So many files that a listing lacks are asked for by name: each is a request."""
_DATA = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a snapshot is made of. ``faulty`` are manifest files that cannot be read; ``unlisted``: not even their list
    can. ``snapshot`` is None for a table that was never written."""

    snapshot: Snapshot | None = None
    manifests: Sequence[ManifestFile] = ()
    files: Sequence[DataFile] = ()
    faulty: frozenset[str] = frozenset()
    unlisted: bool = False


def needs(table: IcebergTable, snapshot: Snapshot | None, manifests: Manifests) -> Needs:
    if snapshot is None:
        return Needs()
    try:
        reads = manifests.of(snapshot, table.io)
    except TableError:
        return Needs(snapshot, unlisted=True)
    return Needs(
        snapshot,
        [read.manifest for read in reads],
        [entry.data_file for read in reads for entry in read.entries],
        frozenset(read.manifest.manifest_path for read in reads if read.fault),
    )


def lacking(table: IcebergTable, wanted: Needs, here: Collection[str]) -> Loss:
    """``here`` are the places that were listed under the table's location."""
    if wanted.snapshot is None:
        return Loss(None)
    snapshot_id, listing = wanted.snapshot.snapshot_id, wanted.snapshot.manifest_list
    if wanted.unlisted or (_is_under(table, listing) and place(listing) not in here):
        files, rows = _by_summary(wanted.snapshot)
        return Loss(snapshot_id, unread=(listing,), unlisted=True, unknown_files=files, unknown_rows=rows)
    unread = [each for each in wanted.manifests if not _is_there(table, each, wanted, here)]
    under = [file for file in wanted.files if _is_under(table, file.file_path)]
    gone = [file for file in under if place(file.file_path) not in here]
    data = [file for file in gone if int(file.content) == _DATA]
    data_under = sum(int(file.content) == _DATA for file in under)
    manifests_under = sum(_is_under(table, each.manifest_path) for each in wanted.manifests)
    return Loss(
        snapshot_id=snapshot_id,
        files=len(wanted.files),
        elsewhere=len(wanted.files) - len(under) + len(wanted.manifests) - manifests_under,
        looked_for=(data_under, len(under) - data_under, manifests_under),
        gone=tuple(file.file_path for file in gone),
        deletes=len(gone) - len(data),
        deleted=sum(file.record_count for file in gone) - sum(file.record_count for file in data),
        rows=sum(file.record_count for file in data),
        unread=tuple(each.manifest_path for each in unread),
        unknown_files=sum((each.added_files_count or 0) + (each.existing_files_count or 0) for each in unread),
        unknown_rows=sum(
            (each.added_rows_count or 0) + (each.existing_rows_count or 0)
            for each in unread
            if int(each.content) == _DATA
        ),
    )


def _is_there(table: IcebergTable, manifest: ManifestFile, wanted: Needs, here: Collection[str]) -> bool:
    """What was read once is remembered, so that it was read does not say that it is there."""
    path = manifest.manifest_path
    return path not in wanted.faulty and (not _is_under(table, path) or place(path) in here)


def _by_summary(snapshot: Snapshot) -> tuple[int, int]:
    """Files and rows."""
    said = snapshot.summary.additional_properties if snapshot.summary else {}
    files, deletes, rows = (int(said.get(f"total-{each}", "0")) for each in ("data-files", "delete-files", "records"))
    return files + deletes, rows


def are_gone(paths: Sequence[str], io: FileIO, pool: Executor) -> bool:
    """Asked for by name, some of them: a listing may lag behind."""
    return not any(pool.map(lambda path: io.new_input(path).exists(), islice(paths, _ASKED_FOR)))


def whole(
    table: IcebergTable, newest: Snapshot | None, manifests: Manifests, here: Collection[str]
) -> tuple[int, tuple[int, ...]]:
    """How many snapshots there are from ``newest`` back, and those whose files are all among what was listed."""
    line = tuple(ancestry(table, newest.snapshot_id if newest else None))
    return len(line), tuple(
        each.snapshot_id for each in line if not lacking(table, needs(table, each, manifests), here).lost
    )


def _is_under(table: IcebergTable, path: str) -> bool:
    return place(path).startswith(f"{place(table.location()).rstrip('/')}/")
