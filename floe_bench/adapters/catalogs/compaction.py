"""Rewriting small files, and files with row-level deletes, as few that hold the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.head import head_of
from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.same_rows import same_rows
from floe_bench.adapters.iceberg.catalog import came_second
from floe_bench.adapters.iceberg.files import FILE_BYTES, delete_files, write_batches
from floe_bench.adapters.iceberg.newer_format import refuse_newer
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, TableError
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import CompactPlan
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable

    from floe_bench.adapters.iceberg.rewrite import RewriteFiles

MARK = "floe.compacted"
_ATTEMPTS = 8
_FEWEST = 2
"""Small files of one partition that are worth rewriting."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is rewritten of one snapshot, in groups of one partition each. ``deletes`` are paths of delete files."""

    snapshot_id: int
    groups: tuple[tuple[DataFile, ...], ...]
    deletes: frozenset[str]
    data_files: int

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(file.file_path for group in self.groups for file in group)

    @property
    def whole(self) -> bool:
        return bool(self.deletes)


def plan(name: TableName, table: IcebergTable, manifests: Manifests, small_bytes: int) -> CompactPlan:
    """Raises TableError."""
    snapshot = table.metadata.current_snapshot()
    if snapshot is None:
        return CompactPlan(str(name), None, small_bytes, 0)
    scope = _scope(name, table, manifests, small_bytes)
    sizes = [sum(file.file_size_in_bytes for file in group) for group in scope.groups]
    return CompactPlan(
        table=str(name),
        snapshot_id=snapshot.snapshot_id,
        small_bytes=small_bytes,
        data_files=scope.data_files,
        files=len(scope.paths),
        bytes=sum(sizes),
        files_after=sum(max(1, ceil(size / FILE_BYTES)) for size in sizes),
        deletes=len(scope.deletes),
        whole=scope.whole,
    )


def _scope(name: TableName, table: IcebergTable, manifests: Manifests, small_bytes: int) -> _Scope:
    from pyiceberg.manifest import DataFileContent

    refuse_newer(name, table)
    snapshot = table.metadata.current_snapshot()
    if snapshot is None:
        raise CommitConflict(f"{name} has no snapshot any more")
    reads = manifests.of(snapshot, table.io)
    fault = next((read.fault for read in reads if read.fault), "")
    if fault:
        raise TableError(f"{name} cannot be compacted: {fault}", remedy=to_type("files", name))
    files = [entry.data_file for read in reads for entry in read.entries]
    if any(file.content == DataFileContent.EQUALITY_DELETES for file in files):
        raise TableError(f"{name} has equality deletes: compact it with the engine that wrote them")
    data = [file for file in files if file.content == DataFileContent.DATA]
    deletes = frozenset(file.file_path for file in files if file.content != DataFileContent.DATA)
    groups: dict[tuple[int, object], list[DataFile]] = defaultdict(list)
    for file in data:
        if deletes or file.file_size_in_bytes < small_bytes:
            groups[file.spec_id, file.partition].append(file)
    worth = (tuple(group) for group in groups.values() if deletes or len(group) >= _FEWEST)
    return _Scope(snapshot.snapshot_id, tuple(worth), deletes, len(data))


class Compaction:
    """Fulfils ``ports.maintenance.Rewrite``. Call inside ``translated``."""

    def __init__(
        self, name: TableName, load: Callable[[TableName], IcebergTable], manifests: Manifests, small_bytes: int
    ) -> None:
        self._name, self._load, self._manifests, self._small_bytes = name, load, manifests, small_bytes
        self._scope: _Scope | None = None
        self._files: list[DataFile] = []
        self._fit: object = None
        self._staged: RewriteFiles | None = None
        self._landed = False

    def stage(self) -> HeadMove:
        table = self._drop_staged(self._load(self._name))
        scope = _scope(self._name, table, self._manifests, self._small_bytes)
        metadata = table.metadata
        fit = (metadata.table_uuid, metadata.schema().as_struct(), metadata.spec())
        if not self._serves_again(scope, table) or fit != self._fit:
            delete_files(self._files, table.io)
            self._files, self._scope, self._fit = [], scope, fit
            tasks = {task.file.file_path: task for task in table.scan().plan_files()}
            for group in scope.groups:
                rows = _live_rows(table, [tasks[file.file_path] for file in group])
                self._files += write_batches(rows, metadata=metadata, io=table.io)
        assert self._scope is not None
        self._staged = self._commit_beside(table, self._scope)
        before = head_of(table)
        return HeadMove(str(self._name), before, replace(before, snapshot_id=self._staged.snapshot_id))

    def landed(self, move: HeadMove) -> None:
        self._landed = True

    def close(self) -> None:
        if not self._landed:
            table = self._drop_staged(self._load(self._name))
            delete_files(self._files, table.io)

    def _serves_again(self, now: _Scope, table: IcebergTable) -> bool:
        """The table still has all that was read, and nobody deleted rows of it since."""
        then = self._scope
        if then is None or then.deletes != now.deletes:
            return False
        if then.whole:
            return then.paths == now.paths
        live = {
            entry.data_file.file_path
            for snapshot in (table.metadata.current_snapshot(),)
            if snapshot is not None
            for read in self._manifests.of(snapshot, table.io)
            for entry in read.entries
        }
        return then.paths <= live

    def _commit_beside(self, table: IcebergTable, scope: _Scope) -> RewriteFiles:
        from pyiceberg.exceptions import BadRequestError, CommitFailedException

        from floe_bench.adapters.iceberg.producer import discard
        from floe_bench.adapters.iceberg.rewrite import RewriteFiles, staged

        transaction = Steady(table)
        marks = {MARK: f"{len(scope.paths)} files", **same_rows(table, table.metadata.current_snapshot())}
        producer = RewriteFiles(transaction, scope.paths, self._files, whole=scope.whole, properties=marks)
        transaction._stage(staged(producer))
        try:
            transaction.commit_transaction()
        except (CommitFailedException, BadRequestError) as error:
            discard(producer)
            if isinstance(error, BadRequestError) and not came_second(error):
                raise
            raise CommitConflict(f"somebody else wrote to {self._name} in between") from error
        return producer

    def _drop_staged(self, table: IcebergTable) -> IcebergTable:
        """Take back the snapshot that did not become the current one, and its manifest files."""
        from pyiceberg.exceptions import CommitFailedException

        from floe_bench.adapters.iceberg.producer import discard

        producer, self._staged = self._staged, None
        if producer is None:
            return table
        if table.snapshot_by_id(producer.snapshot_id) is None:
            # Somebody expired it: its files may be gone as well.
            self._scope, self._files = None, []
            return table
        for _ in range(_ATTEMPTS):
            try:
                _expire(table, producer.snapshot_id)
            except CommitFailedException:
                table = self._load(self._name)
            else:
                discard(producer)
                return self._load(self._name)
        # It stays in the table's list, and so do its files, until it expires.
        self._scope, self._files = None, []
        return table


def _expire(table: IcebergTable, snapshot_id: int) -> None:
    from pyiceberg.table.update.snapshot import ExpireSnapshots

    with Steady(table) as transaction:
        transaction._stage(*ExpireSnapshots(transaction).by_id(snapshot_id)._commit())


def _live_rows(table: IcebergTable, tasks: Sequence[FileScanTask]) -> Iterator[pa.RecordBatch]:
    """Row-level deletes subtracted, in the types of the table's schema of now."""
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow

    schema = table.metadata.schema()
    target = schema_to_pyarrow(schema, include_field_ids=False)
    scan = ArrowScan(table.metadata, table.io, schema, AlwaysTrue())
    for batch in scan.to_record_batches(tasks):
        if batch.num_rows:
            yield from _in_types(batch, target)


def _in_types(batch: pa.RecordBatch, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    yield from pa.Table.from_batches([batch]).cast(target).to_batches()
