"""Two kinds of Iceberg snapshot, built on PyIceberg's private snapshot producer: hence its exact version in pyproject.

Its public ``overwrite`` makes two snapshots, and validates against files that a full replace is about to drop anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyiceberg.manifest import DataFile, DataFileContent, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table.snapshots import Operation, Summary, UpdateMetrics, update_snapshot_summaries
from pyiceberg.table.update.snapshot import _FastAppendFiles, _SnapshotProducer

if TYPE_CHECKING:
    from pyiceberg.table import Transaction
    from pyiceberg.table.snapshots import Snapshot


class ReplaceFiles(_SnapshotProducer["ReplaceFiles"]):
    """One snapshot whose live files are the added ones and no other: no dead manifest, no row-level delete."""

    def __init__(self, transaction: Transaction, files: Sequence[DataFile], properties: Mapping[str, str]) -> None:
        first = transaction.table_metadata.current_snapshot() is None
        super().__init__(
            operation=Operation.APPEND if first else Operation.OVERWRITE,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._added_data_files.extend(files)
        self._live = self._live_entries()

    def _live_entries(self) -> list[ManifestEntry]:
        parent = self._parent()
        if parent is None:
            return []
        manifests = parent.manifests(self._io)
        return [entry for each in manifests for entry in each.fetch_manifest_entry(self._io, discard_deleted=True)]

    def _parent(self) -> Snapshot | None:
        return self._transaction.table_metadata.current_snapshot()

    def _existing_manifests(self) -> list[ManifestFile]:
        return []

    def _build_delete_files_partition_predicate(self) -> None:
        """Nothing is pruned: every file goes."""

    def _deleted_entries(self) -> list[ManifestEntry]:
        columns = {field.field_id for field in self.schema().fields}
        return [
            deleted(entry, by=self._snapshot_id)
            for entry in self._live
            # Delete files would need a manifest of their own kind, a partition by a column that is gone has no type.
            if entry.data_file.content == DataFileContent.DATA and self._sources(entry.data_file) <= columns
        ]

    def _sources(self, file: DataFile) -> set[int]:
        return {field.source_id for field in self.spec(file.spec_id).fields}

    def _summary(self, snapshot_properties: Mapping[str, str] = {}) -> Summary:
        metrics = UpdateMetrics()
        for file in self._added_data_files:
            metrics.add_file(file)
        totals = update_snapshot_summaries(Summary(operation=self._operation, **metrics.to_dict()))
        for entry in self._live:
            metrics.remove_file(entry.data_file)
        # Totals are those of the added files, whatever the parent's summary claims.
        kept = {key: value for key, value in totals.additional_properties.items() if key.startswith("total-")}
        return Summary(operation=self._operation, **{**metrics.to_dict(), **kept, **snapshot_properties})


class AppendFiles(_FastAppendFiles):
    """One snapshot with the added files beside those that are there."""

    def __init__(self, transaction: Transaction, files: Sequence[DataFile], properties: Mapping[str, str]) -> None:
        super().__init__(
            operation=Operation.APPEND,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._added_data_files.extend(files)


def deleted(entry: ManifestEntry, *, by: int) -> ManifestEntry:
    """What the snapshot ``by`` tells of a live entry that it takes away."""
    return ManifestEntry.from_args(
        status=ManifestEntryStatus.DELETED,
        snapshot_id=by,
        sequence_number=entry.sequence_number,
        file_sequence_number=entry.file_sequence_number,
        data_file=entry.data_file,
    )


def stage(producer: ReplaceFiles | AppendFiles) -> int:
    """Put the snapshot into its transaction and return its id.

    Not through ``commit``: the transaction would retry by itself, for a schema and a parent it has not planned for.
    """
    producer._transaction._stage(*producer._commit())
    return producer.snapshot_id


def discard(producer: _SnapshotProducer[Any]) -> None:
    """Delete the manifests of a snapshot that was refused."""
    producer._clean_all_uncommitted()
