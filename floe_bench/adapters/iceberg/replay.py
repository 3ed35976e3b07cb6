"""A snapshot with the files that another one appended, on top of a branch that has not got them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pyiceberg.manifest import DataFile, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table.snapshots import Operation, Summary, UpdateMetrics, update_snapshot_summaries
from pyiceberg.table.update.snapshot import _SnapshotProducer

if TYPE_CHECKING:
    from pyiceberg.table import Transaction


class ReplayFiles(_SnapshotProducer["ReplayFiles"]):
    """Each file keeps the partitioning that it was written with, whatever the table's is by now. Built on PyIceberg's
    private producer, like ``producer.py``."""

    def __init__(self, transaction: Transaction, files: Sequence[DataFile], properties: Mapping[str, str]) -> None:
        super().__init__(
            operation=Operation.APPEND,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._files = files
        self._parent = transaction.table_metadata.current_snapshot()

    def _existing_manifests(self) -> list[ManifestFile]:
        before = self._parent.manifests(self._io) if self._parent else []
        return [*self._added(), *(each for each in before if each.has_added_files() or each.has_existing_files())]

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
        """Nothing is deleted."""

    def _deleted_entries(self) -> list[ManifestEntry]:
        return []

    def _summary(self, snapshot_properties: Mapping[str, str] = {}) -> Summary:
        metrics = UpdateMetrics()
        for file in self._files:
            metrics.add_file(file)
        return update_snapshot_summaries(
            summary=Summary(operation=self._operation, **metrics.to_dict(), **snapshot_properties),
            previous_summary=self._parent.summary if self._parent else None,
        )
