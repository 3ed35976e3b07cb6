"""What lies between a table of another stack and the one of the same name here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from floe_bench.dataclass import dataclass
from floe_bench.errors import NoSuchSnapshot, StackUnavailable
from floe_bench.model.export import FileFormat
from floe_bench.model.snapshot import Diff, FileChange, SchemaChange, Snapshot
from floe_bench.model.table import Column, TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import CanCompareFile, Compute
from floe_bench.ports.export import CanExport


@dataclass(frozen=True, slots=True)
class Shore:
    """One of the two stacks."""

    stack: str
    catalog: CatalogReader
    compute: Compute

    def current(self, table: TableName) -> Snapshot:
        """Raises NoSuchTable; NoSuchSnapshot where it was never written."""
        snapshots = self.catalog.snapshots(table)
        if not snapshots:
            raise NoSuchSnapshot(f"{table} of {self.stack} was never written: it has no snapshot")
        return next((each for each in reversed(snapshots) if "main" in each.refs), snapshots[-1])


def difference_across(
    there: Shore,
    here: Shore,
    table: TableName,
    *,
    key: tuple[str, ...],
    limit: int,
    offset: int,
    folder: Path,
    cancelled: Callable[[], bool],
) -> Diff:
    """From the current snapshot ``there`` to the current one ``here``; columns are matched by name.

    The rows of ``there`` lie in ``folder`` meanwhile: no engine need reach the stores of both.

    Raises:
        NoSuchTable, NoSuchSnapshot, UsageError, KeyNotUnique, Cancelled
        StackUnavailable: the compute cannot do it.
    """
    if not isinstance(there.compute, CanExport) or not isinstance(here.compute, CanCompareFile):
        raise StackUnavailable("this compute does not compare two stacks")
    before, after = there.current(table), here.current(table)
    with tempfile.TemporaryDirectory(prefix="compared-", dir=folder) as room:
        file = Path(room) / "there.parquet"
        there.compute.export(table, before.snapshot_id, file, form=FileFormat.PARQUET, cancelled=cancelled)
        rows, samples = here.compute.row_change_from(
            file, table, after.snapshot_id, key=key, limit=limit, offset=offset, cancelled=cancelled
        )
    columns = there.catalog.columns(table, before.snapshot_id), here.catalog.columns(table, after.snapshot_id)
    files = FileChange(
        after.total_files or 0,
        before.total_files or 0,
        0,
        after.total_bytes or 0,
        before.total_bytes or 0,
        before.total_bytes,
        after.total_bytes,
    )
    return Diff(str(table), before.snapshot_id, after.snapshot_id, by_name(*columns), rows, samples, files, there.stack)


def by_name(old: tuple[Column, ...], new: tuple[Column, ...]) -> SchemaChange:
    """Field ids of two catalogs have nothing to do with each other."""
    before, after = {each.name: each for each in old}, {each.name: each for each in new}
    both = [(before[name], after[name]) for name in after if name in before]
    return SchemaChange(
        tuple(each for name, each in after.items() if name not in before),
        tuple(each for name, each in before.items() if name not in after),
        tuple(pair for pair in both if (pair[0].type, pair[0].required) != (pair[1].type, pair[1].required)),
    )
