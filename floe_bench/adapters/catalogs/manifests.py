"""The files of a snapshot, from its manifest files, each of which is read once."""

from __future__ import annotations

import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_bench.errors import TableError

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import ManifestEntry, ManifestFile
    from pyiceberg.table.snapshots import Snapshot

_KEPT_ENTRIES = 200_000
UNREADABLE = (
    OSError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, SystemError, struct.error,
    zlib.error,
)  # fmt: skip
"""What PyIceberg's reader raises for a file that is gone, was cut short, or is no Avro."""


def said(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def listed(snapshot: Snapshot, io: FileIO) -> list[ManifestFile]:
    """Raises TableError."""
    try:
        return snapshot.manifests(io)
    except UNREADABLE as error:
        raise TableError(
            f"the manifest list of snapshot {snapshot.snapshot_id} cannot be read: {said(error)}",
            remedy="floe-bench doctor",
        ) from error


@dataclass(frozen=True, slots=True)
class ManifestRead:
    """``entries`` are the live ones; ``fault`` says why there are none."""

    manifest: ManifestFile
    entries: tuple[ManifestEntry, ...] = ()
    fault: str = ""


class Manifests:
    """A manifest file never changes and its name is never used twice, so what it says is kept. Thread-safe."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[ManifestEntry, ...]] = OrderedDict()
        self._size = 0

    def of(self, snapshot: Snapshot, io: FileIO) -> tuple[ManifestRead, ...]:
        """Raises TableError where the manifest list itself cannot be read."""
        return self.read(listed(snapshot, io), io)

    def read(self, manifests: Iterable[ManifestFile], io: FileIO) -> tuple[ManifestRead, ...]:
        one: Callable[[ManifestFile], ManifestRead] = lambda manifest: self._one(manifest, io)  # noqa: E731
        return tuple(self._pool.map(one, manifests))

    def _one(self, manifest: ManifestFile, io: FileIO) -> ManifestRead:
        path = manifest.manifest_path
        with self._lock:
            known = self._kept.get(path)
            if known is not None:
                self._kept.move_to_end(path)
                return ManifestRead(manifest, known)
        try:
            entries = tuple(manifest.fetch_manifest_entry(io, discard_deleted=True))
        except UNREADABLE as error:
            why = said(error).removeprefix(f"{path}: ")
            return ManifestRead(manifest, fault=f"manifest file {path} cannot be read: {why}")
        self._keep(path, entries)
        return ManifestRead(manifest, entries)

    def _keep(self, path: str, entries: tuple[ManifestEntry, ...]) -> None:
        with self._lock:
            self._kept[path] = entries
            self._size += len(entries)
            while self._size > _KEPT_ENTRIES and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone)
