"""A snapshot with the files that another one brought, on top of a branch that has not got them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pyiceberg.manifest import DataFile, ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table.snapshots import Operation, Summary, UpdateMetrics, update_snapshot_summaries
from pyiceberg.table.update.snapshot import _SnapshotProducer

from floe_bench.adapters.iceberg.producer import deleted

if TYPE_CHECKING:
    from pyiceberg.table import Transaction


class ReplayFiles(_SnapshotProducer["ReplayFiles"]):
    """Each file keeps the partitioning that it was written with, whatever the table's is by now. ``removed`` are paths
    of data files that are taken away in return. Built on PyIceberg's private producer, like ``producer.py``."""

    def __init__(
        self,
        transaction: Transaction,
        files: Sequence[DataFile],
        removed: Collection[str] = (),
        *,
        properties: Mapping[str, str],
    ) -> None:
        super().__init__(
            operation=Operation.OVERWRITE if removed else Operation.APPEND,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._files = files
        self._removed = frozenset(removed)
        self._parent = transaction.table_metadata.current_snapshot()
        before = self._parent.manifests(self._io) if self._parent else []
        self._before = [each for each in before if each.has_added_files() or each.has_existing_files()]
        self._changed = {each.manifest_path: entries for each in self._before if (entries := self._concerned(each))}

    def _concerned(self, manifest: ManifestFile) -> list[ManifestEntry]:
        """Everything that it tells of, where that is something to be removed."""
        if not self._removed or manifest.content != ManifestContent.DATA:
            return []
        entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
        return entries if any(self._goes(entry) for entry in entries) else []

    def _goes(self, entry: ManifestEntry) -> bool:
        return entry.data_file.file_path in self._removed

    def _existing_manifests(self) -> list[ManifestFile]:
        same = (each for each in self._before if each.manifest_path not in self._changed)
        return [*self._added(), *self._left(), *same]

    def _left(self) -> Iterator[ManifestFile]:
        """What stays of manifest files that tell of something to be removed."""
        for entries in self._changed.values():
            kept = [entry for entry in entries if not self._goes(entry)]
            if kept:
                with self.new_manifest_writer(self.spec(kept[0].data_file.spec_id)) as writer:
                    for entry in kept:
                        writer.existing(entry)
                yield writer.to_manifest_file()

    def _added(self) -> Iterator[ManifestFile]:
        groups = defaultdict[int, list[DataFile]](list)
        for file in self._files:
            groups[file.spec_id].append(file)
        for spec_id, files in groups.items():
            with self.new_manifest_writer(self.spec(spec_id)) as writer:
                for file in files:
                    # Without a number of its own: it gets the new snapshot's, and older deletes do not reach it.
                    writer.add_entry(
                        ManifestEntry.from_args(
                            status=ManifestEntryStatus.ADDED,
                            snapshot_id=self._snapshot_id,
                            sequence_number=None,
                            file_sequence_number=None,
                            data_file=file,
                        )
                    )
            yield writer.to_manifest_file()

    def _build_delete_files_partition_predicate(self) -> None:
        """Nothing is deleted by what it holds."""

    def _deleted_entries(self) -> list[ManifestEntry]:
        return [
            deleted(entry, by=self._snapshot_id)
            for entries in self._changed.values()
            for entry in entries
            if self._goes(entry)
        ]

    def _summary(self, snapshot_properties: Mapping[str, str] = {}) -> Summary:
        metrics = UpdateMetrics()
        for file in self._files:
            metrics.add_file(file)
        for entry in self._deleted_entries():
            metrics.remove_file(entry.data_file)
        return update_snapshot_summaries(
            summary=Summary(operation=self._operation, **metrics.to_dict(), **snapshot_properties),
            previous_summary=self._parent.summary if self._parent else None,
        )
