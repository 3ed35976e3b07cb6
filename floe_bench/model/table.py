"""Iceberg tables as the catalog lists them."""

from __future__ import annotations

import re
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.errors import UsageError

_PART = re.compile(r'"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^".]+)')


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table identifier, namespace levels outermost first.

    As text, levels stand between dots; one that has a dot or a quote in it is quoted, as in SQL: ``a."b.c"``.
    """

    namespace: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """``namespace.name``; more dots are deeper namespaces.

        Raises:
            UsageError: no dot, an empty part, or a quote that is not closed.
        """
        parts, at = list[str](), 0
        while (found := _PART.match(text, at)) is not None:
            parts.append(found["plain"] or found["quoted"].replace('""', '"'))
            at = found.end()
            if text[at : at + 1] != ".":
                break
            at += 1
        if len(parts) < 2 or at != len(text) or text.endswith("."):
            raise UsageError(
                f"'{text}' is not a table name",
                remedy='write namespace.table, or namespace."a.b" where a name has a dot; see: floe-bench tables',
            )
        return cls(tuple(parts[:-1]), parts[-1])

    @property
    def parts(self) -> tuple[str, ...]:
        return (*self.namespace, self.name)

    @property
    def place(self) -> str:
        """Its namespace, as text."""
        return ".".join(map(_written, self.namespace))

    def __str__(self) -> str:
        return ".".join(map(_written, self.parts))


def _written(part: str) -> str:
    return '"' + part.replace('"', '""') + '"' if "." in part or '"' in part else part


@dataclass(frozen=True, slots=True)
class Column:
    """``field_id`` is Iceberg's: the same column keeps it over renames. ``type`` is Iceberg's spelling."""

    field_id: int
    name: str
    type: str
    required: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A column, or a field that lies in one: ``path`` leads to it, the column first.

    ``inside`` is "list" or "map", the outermost, where it lies in one: a row has many values of it, or none.
    """

    field_id: int
    path: tuple[str, ...]
    type: str
    inside: str = ""

    @property
    def name(self) -> str:
        """As text: of a column just that, of what lies in it with dots between the names, as in a table's."""
        return self.path[0] if len(self.path) == 1 else ".".join(map(_written, self.path))


@dataclass(frozen=True, slots=True)
class Table:
    """A table now. ``snapshot_id``, ``updated_at`` are None and counts 0 for a table that was never written.

    ``rows`` are live rows, deletes subtracted; None where counting them would mean reading data, and together with no
    snapshot where only the name is known. ``same_as`` are earlier snapshots with the very same rows: the table was only
    rewritten since.
    """

    table: str
    namespace: str
    snapshot_id: int | None
    rows: int | None
    files: int
    bytes: int
    updated_at: datetime | None
    same_as: tuple[int, ...] = ()

    @classmethod
    def unread(cls, name: TableName) -> Table:
        """It was not read yet, or cannot be."""
        return cls(str(name), name.place, None, None, 0, 0, None)

    @property
    def is_read(self) -> bool:
        return self.rows is not None or self.snapshot_id is not None

    def reads_as(self, snapshot_id: int | None) -> bool:
        """Its rows are those of that snapshot."""
        return snapshot_id == self.snapshot_id or snapshot_id in self.same_as
