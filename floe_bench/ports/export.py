"""Writing rows to a file outside of the lakehouse: the verbs of the bench, and what they need of a compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from floe_bench.model.export import Exported, FileFormat
from floe_bench.model.table import TableName


class Exporting(Protocol):
    """``path`` is absolute, and its ending says the format. The file is there whole, or not at all.

    Raises UsageError: the file exists and ``overwrite`` is not set, its folder does not, or its ending says nothing.
    """

    def table(self, table: str, path: str, snapshot_id: int | None = None, overwrite: bool = False) -> Exported: ...

    def query(self, sql: str, path: str, overwrite: bool = False, at: str = "") -> Exported:
        """``at`` as ``Querying.past`` has it; empty is now. Raises WriteRefused, QueryFailed, NoSuchSnapshot."""


@runtime_checkable
class CanExport(Protocol):
    """An optional power of a compute."""

    def export(
        self,
        what: TableName | str,
        snapshot_id: int | None,
        path: Path,
        *,
        form: FileFormat,
        cancelled: Callable[[], bool],
        past: Mapping[TableName, int] | None = None,
    ) -> int:
        """A table at a snapshot, or what a query finds, into a file that is not there yet; how many rows. The query
        finds it in the ``past``, as ``CanReadThePast`` has it.

        Raises WriteRefused, QueryFailed, Cancelled.
        """
