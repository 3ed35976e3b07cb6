"""Which files a table needs and the store has not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from itertools import islice
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.reach import place
from floe_bench.errors import TableError
from floe_bench.model.health import Loss

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

_ASKED_FOR = 20
"""So many files that a listing lacks are asked for by name: each is a request."""
_DATA = 0


def files_of(table: IcebergTable, snapshot: Snapshot | None, manifests: Manifests) -> Sequence[DataFile]:
    """Of data and of deletes. Raises TableError."""
    if snapshot is None:
        return ()
    reads = manifests.of(snapshot, table.io)
    if faults := [read.fault for read in reads if read.fault]:
        raise TableError(faults[0])
    return [entry.data_file for read in reads for entry in read.entries]


def lacking(table: IcebergTable, files: Sequence[DataFile], here: Collection[str]) -> Loss:
    """``files`` are those of the current snapshot, ``here`` the places that were listed under the table's location."""
    under = [file for file in files if _is_under(table, file)]
    gone = [file for file in under if place(file.file_path) not in here]
    data = [file for file in gone if int(file.content) == _DATA]
    return Loss(
        snapshot_id=table.metadata.current_snapshot_id,
        files=len(files),
        elsewhere=len(files) - len(under),
        gone=tuple(file.file_path for file in gone),
        deletes=len(gone) - len(data),
        rows=sum(file.record_count for file in data),
    )


def are_gone(paths: Sequence[str], io: FileIO, pool: Executor) -> bool:
    """Asked for by name, some of them: a listing may lag behind."""
    return not any(pool.map(lambda path: io.new_input(path).exists(), islice(paths, _ASKED_FOR)))


def whole(table: IcebergTable, manifests: Manifests, here: Collection[str]) -> tuple[int, tuple[int, ...]]:
    """How many snapshots the main line has, and those whose files are all among what was listed, newest first."""
    line = tuple(_main_line(table))
    return len(line), tuple(each.snapshot_id for each in line if _is_whole(table, each, manifests, here))


def _is_whole(table: IcebergTable, snapshot: Snapshot, manifests: Manifests, here: Collection[str]) -> bool:
    try:
        files = files_of(table, snapshot, manifests)
    except TableError:
        return False
    return all(place(file.file_path) in here for file in files)


def _main_line(table: IcebergTable) -> Iterator[Snapshot]:
    """From the current snapshot back."""
    snapshot = table.metadata.current_snapshot()
    while snapshot is not None:
        yield snapshot
        parent = snapshot.parent_snapshot_id
        snapshot = None if parent is None else table.metadata.snapshot_by_id(parent)


def _is_under(table: IcebergTable, file: DataFile) -> bool:
    return place(file.file_path).startswith(f"{place(table.location()).rstrip('/')}/")
