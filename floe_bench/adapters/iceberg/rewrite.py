"""A snapshot with the same rows in other files, beside the main line until somebody moves ``main`` to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pyiceberg.manifest import DataFile, DataFileContent, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table.snapshots import Operation, Summary, UpdateMetrics, update_snapshot_summaries
from pyiceberg.table.update.snapshot import _SnapshotProducer

if TYPE_CHECKING:
    from pyiceberg.table import Transaction
    from pyiceberg.table.update import TableUpdate


class RewriteFiles(_SnapshotProducer["RewriteFiles"]):
    """``gone`` are the paths of data files that ``added`` stand for. ``whole``: they are all there are, and row-level
    deletes go with them. Built on PyIceberg's private producer, like ``producer.py``."""

    def __init__(
        self,
        transaction: Transaction,
        gone: frozenset[str],
        added: Sequence[DataFile],
        *,
        whole: bool,
        properties: Mapping[str, str],
    ) -> None:
        super().__init__(
            operation=Operation.REPLACE,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._added_data_files.extend(added)
        self._gone, self._whole = gone, whole
        parent = transaction.table_metadata.current_snapshot()
        self._before = parent.manifests(self._io) if parent else []
        self._live = {
            manifest.manifest_path: manifest.fetch_manifest_entry(self._io, discard_deleted=True)
            for manifest in self._before
        }

    def _existing_manifests(self) -> list[ManifestFile]:
        if self._whole:
            return []
        kept = []
        for manifest in self._before:
            entries = self._live[manifest.manifest_path]
            left = [entry for entry in entries if entry.data_file.file_path not in self._gone]
            if len(left) == len(entries):
                kept.append(manifest)
            elif left:
                kept.append(self._written(manifest, left))
        return kept

    def _written(self, manifest: ManifestFile, entries: Sequence[ManifestEntry]) -> ManifestFile:
        with self.new_manifest_writer(self.spec(manifest.partition_spec_id)) as writer:
            for entry in entries:
                writer.add_entry(self._entry(ManifestEntryStatus.EXISTING, entry, entry.snapshot_id))
        return writer.to_manifest_file()

    def _build_delete_files_partition_predicate(self) -> None:
        """Files are known by their paths."""

    def _deleted_entries(self) -> list[ManifestEntry]:
        return [
            self._entry(ManifestEntryStatus.DELETED, entry, self._snapshot_id)
            for entries in self._live.values()
            for entry in entries
            if entry.data_file.content == DataFileContent.DATA and entry.data_file.file_path in self._gone
        ]

    def _entry(self, status: ManifestEntryStatus, entry: ManifestEntry, snapshot_id: int | None) -> ManifestEntry:
        return ManifestEntry.from_args(
            status=status,
            snapshot_id=snapshot_id,
            sequence_number=entry.sequence_number,
            file_sequence_number=entry.file_sequence_number,
            data_file=entry.data_file,
        )

    def _summary(self, snapshot_properties: Mapping[str, str] = {}) -> Summary:
        changed, totals = UpdateMetrics(), UpdateMetrics()
        for file in self._added_data_files:
            changed.add_file(file)
            totals.add_file(file)
        for entry in (entry for entries in self._live.values() for entry in entries):
            if self._whole or entry.data_file.file_path in self._gone:
                changed.remove_file(entry.data_file)
            else:
                totals.add_file(entry.data_file)
        # Totals are counted, whatever the parent's summary claims.
        counted = update_snapshot_summaries(Summary(operation=Operation.APPEND, **totals.to_dict()))
        kept = {key: value for key, value in counted.additional_properties.items() if key.startswith("total-")}
        return Summary(operation=self._operation, **{**changed.to_dict(), **kept, **snapshot_properties})


def staged(producer: RewriteFiles) -> tuple[TableUpdate, ...]:
    """What adds the snapshot to the table without making it anything's head."""
    updates, _ = producer._commit()
    return updates[:1]
