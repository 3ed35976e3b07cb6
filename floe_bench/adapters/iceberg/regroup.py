"""A snapshot with the same files, of which other manifest files tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pyiceberg.manifest import ManifestEntry, ManifestFile
from pyiceberg.table.snapshots import Operation, Summary
from pyiceberg.table.update.snapshot import _SnapshotProducer

if TYPE_CHECKING:
    from pyiceberg.table import Transaction

Group = tuple[int, Sequence[ManifestEntry]]
"""The id of a partitioning, and what one manifest file shall tell."""


class RegroupManifests(_SnapshotProducer["RegroupManifests"]):
    """``groups`` become a manifest file each, ``kept`` stay. Built on PyIceberg's private producer, like
    ``producer.py``.

    Source: Iceberg's Java reference, ``BaseRewriteManifests``.
    """

    def __init__(
        self,
        transaction: Transaction,
        groups: Sequence[Group],
        kept: Sequence[ManifestFile],
        properties: Mapping[str, str],
    ) -> None:
        super().__init__(
            operation=Operation.REPLACE,
            transaction=transaction,
            io=transaction._table.io,
            snapshot_properties=dict(properties),
        )
        self._groups, self._kept = groups, kept
        self.written: tuple[ManifestFile, ...] = ()

    def _existing_manifests(self) -> list[ManifestFile]:
        self.written = tuple(self._write())
        return [*self.written, *self._kept]

    def _write(self) -> Iterator[ManifestFile]:
        for spec_id, entries in self._groups:
            with self.new_manifest_writer(self.spec(spec_id)) as writer:
                for entry in entries:
                    writer.existing(entry)
            yield writer.to_manifest_file()

    def _build_delete_files_partition_predicate(self) -> None:
        """Nothing is deleted."""

    def _deleted_entries(self) -> list[ManifestEntry]:
        return []

    def _summary(self, snapshot_properties: Mapping[str, str] = {}) -> Summary:
        parent = self._transaction.table_metadata.current_snapshot()
        said = parent.summary.additional_properties if parent and parent.summary else {}
        totals = {key: value for key, value in said.items() if key.startswith("total-")}
        counted = {
            "manifests-created": str(len(self._groups)),
            "manifests-kept": str(len(self._kept)),
            "entries-processed": str(sum(len(entries) for _, entries in self._groups)),
        }
        return Summary(operation=self._operation, **{**totals, **counted, **snapshot_properties})
