"""Which files a table needs, and which lie about."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.mapping import lost_snapshot
from floe_bench.errors import TableError
from floe_bench.model.maintenance import Orphan

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

log = logging.getLogger(__name__)
_HINT = "version-hint.text"
"""Written by some catalogs beside the metadata files, and listed nowhere."""
_METADATA = ".metadata.json"


def reached(
    table: IcebergTable, snapshots: Iterable[Snapshot], manifests: Manifests, *, all_of: bool
) -> dict[str, int]:
    """Files of these snapshots with their sizes, 0 where nothing says it.

    ``all_of``: raises TableError where one of them cannot be read, for then nobody knows what it needs.
    """
    found: dict[str, int] = {}
    if all_of and (lost := lost_snapshot(table)):
        raise _unknown(lost)
    for snapshot in snapshots:
        found.setdefault(snapshot.manifest_list, 0)
        try:
            reads = manifests.of(snapshot, table.io)
        except TableError as error:
            if all_of:
                raise _unknown(error.message) from error
            continue
        for read in reads:
            if read.fault and all_of:
                raise _unknown(read.fault)
            found[read.manifest.manifest_path] = read.manifest.manifest_length
            for entry in read.entries:
                found[entry.data_file.file_path] = entry.data_file.file_size_in_bytes
    return found


def _unknown(fault: str) -> TableError:
    return TableError(f"which files the table needs is not known: {fault}", remedy="floe-bench table TABLE")


def freed(
    table: IcebergTable, going: Sequence[Snapshot], staying: Sequence[Snapshot], manifests: Manifests
) -> dict[str, int]:
    """What only ``going`` need."""
    needed = reached(table, staying, manifests, all_of=True)
    return {path: size for path, size in reached(table, going, manifests, all_of=False).items() if path not in needed}


def needed(table: IcebergTable, manifests: Manifests) -> frozenset[str]:
    """Places of all that the table reaches. To be read before files are listed: whoever commits in between adds to
    what lies there, and not to this. Raises TableError."""
    reaches = reached(table, table.metadata.snapshots, manifests, all_of=True)
    return frozenset(map(place, (*reaches, *_metadata_files(table))))


def strays(reaches: Collection[str], lying: Iterable[Orphan], *, older_than: datetime) -> tuple[list[Orphan], int]:
    """Files under the location that nothing reaches, and how many more are too young to tell."""
    found, young = list[Orphan](), 0
    for each in lying:
        # Metadata files that the log dropped are history, and cost next to nothing.
        if place(each.path) in reaches or each.path.endswith((_HINT, _METADATA)):
            continue
        if each.modified_at < older_than:
            found.append(each)
        else:
            young += 1
    return found, young


def _metadata_files(table: IcebergTable) -> Iterable[str]:
    metadata = table.metadata
    yield table.metadata_location
    yield from (entry.metadata_file for entry in metadata.metadata_log)
    yield from (each.statistics_path for each in (*metadata.statistics, *metadata.partition_statistics))


def sizes_of(paths: Sequence[str], io: FileIO) -> list[int | None]:
    """In bytes, None for a file that is not there. The paths are in one store. Raises TableError: it does not say."""
    from pyarrow.fs import FileType
    from pyiceberg.io.pyarrow import PyArrowFileIO

    if not isinstance(io, PyArrowFileIO):
        raise TableError(f"how large {paths[0]} is cannot be asked here")
    places = [PyArrowFileIO.parse_location(path) for path in paths]
    try:
        found = io.fs_by_scheme(*places[0][:2]).get_file_info([path for *_, path in places])
    except OSError as error:
        raise TableError(f"the object store does not say how large metadata files are: {error}") from error
    return [info.size if info.type == FileType.File else None for info in found]


def lying(table: IcebergTable) -> Iterable[Orphan]:
    """All files under the location. Raises TableError: this store cannot be listed."""
    from pyarrow.fs import FileSelector, FileType
    from pyiceberg.io.pyarrow import PyArrowFileIO

    if not isinstance(table.io, PyArrowFileIO):
        raise TableError(f"the files under {table.location()} cannot be listed here")
    scheme, netloc, path = PyArrowFileIO.parse_location(table.location())
    store = table.io.fs_by_scheme(scheme, netloc)
    prefix = f"{scheme}://" if scheme not in ("", "file") else "file://" if scheme else ""
    for info in store.get_file_info(FileSelector(path, recursive=True, allow_not_found=True)):
        if info.type == FileType.File:
            yield Orphan(f"{prefix}{info.path}", info.size or 0, (info.mtime or datetime.now(UTC)).astimezone(UTC))


def place(path: str) -> str:
    """Writers spell one place in several ways: s3, s3a, s3n."""
    return path.partition("://")[2] or path


def delete(paths: Mapping[str, int], io: FileIO, pool: Executor) -> tuple[int, int]:
    """How many were deleted, and their bytes. One that stays behind costs space and nothing else."""

    def gone(path: str) -> bool:
        try:
            io.delete(path)
        except OSError as error:
            log.warning("left behind %s: %s", path, error)
            return False
        return True

    done = [path for path, was in zip(paths, pool.map(gone, paths), strict=True) if was]
    return len(done), sum(paths[path] for path in done)
