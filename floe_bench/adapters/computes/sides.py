"""The two sides of a comparison: as little of each snapshot as is enough."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import duckdb

from floe_bench.adapters.computes.change import FILE, Types, in_files, parquet, renamed, source
from floe_bench.adapters.computes.connection import literal
from floe_bench.model.snapshot import Ground
from floe_bench.model.table import TableName

_MOST_FILES = 5000
"""Named in one statement."""
_NESTED = ("STRUCT", "MAP", "UNION")

log = logging.getLogger(__name__)


class Sides:
    """``old`` and ``new`` to select from. ``partial``: only files that differ are in them.

    Rows of a file that both snapshots have are in both, unless row-level deletes say otherwise: then both are whole.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        table: TableName,
        before: int | None,
        after: int,
        ground: Ground | None,
    ) -> None:
        self._cursor = cursor
        self.new, self.old = source(table, after), ""
        self.new_types, self.old_types = types_of(cursor, self.new), dict[str, str]()
        self.partial = False
        if before is None:
            return
        self.old = self.whole_old = source(table, before)
        self.old_types = self.whole_old_types = dict(types_of(cursor, self.old))
        if ground is None:
            return
        if self._may_be_partial(ground):
            self._take_files(table, before, after, ground)
        self.old = renamed(self.old, ground.names) if ground.names else self.old
        self.old_types = {new: self.old_types[old] for new, old in ground.names.items()}

    def _may_be_partial(self, ground: Ground) -> bool:
        """A column of the table's own that is called like DuckDB's would be taken for it."""
        taken = any(name.lower() == FILE for name in (*self.new_types, *self.old_types))
        few = len(ground.added) + len(ground.removed) <= _MOST_FILES
        return ground.shared > 0 and not ground.deletes and few and not taken

    def _take_files(self, table: TableName, before: int, after: int, ground: Ground) -> None:
        new = self._in_files(table, after, self.new_types, ground.added, ground.new_ids)
        old = self._in_files(table, before, self.old_types, ground.removed, ground.old_ids)
        # Files are known by their names in the manifests. Should DuckDB ever call one otherwise, its rows would be
        # missing; so they are counted.
        found = (self._count(new), self._count(old))
        if found == (ground.added_rows, ground.removed_rows):
            self.new, self.old, self.partial = new, old, True
        else:
            log.warning("%s: files hold %s rows, manifests say %s", table, found, ground)

    def _in_files(
        self, table: TableName, snapshot_id: int, types: Types, files: Sequence[str], ids: Mapping[str, int]
    ) -> str:
        """Straight from the files where each has all columns; else DuckDB's Iceberg reader, which opens all footers."""
        if files and self._are_plain(files, types, ids):
            return parquet(files, types, ids)
        return in_files(table, snapshot_id, types, files)

    def _are_plain(self, files: Sequence[str], types: Types, ids: Mapping[str, int]) -> bool:
        """Flat columns, all of them in each file, under their field ids."""
        if types.keys() != ids.keys() or any(kind.endswith("]") or kind.startswith(_NESTED) for kind in types.values()):
            return False
        listed = ", ".join(literal(file) for file in files)
        try:
            found = self._cursor.execute(f"select file_name, field_id from parquet_schema([{listed}])").fetchall()
        except duckdb.Error as error:  # keys for the store are the catalog's to give, file by file
            log.info("%s: read through the catalog only: %s", files[0], error)
            return False
        present = {(str(file), field_id) for file, field_id in found}
        return all((file, field_id) in present for file in files for field_id in ids.values())

    def _count(self, side: str) -> int:
        row = self._cursor.execute(f"select count(*) from {side} s").fetchone()
        return int(row[0]) if row else 0


def types_of(cursor: duckdb.DuckDBPyConnection, side: str) -> Types:
    return {str(row[0]): str(row[1]) for row in cursor.execute(f"describe select * from {side} s").fetchall()}
