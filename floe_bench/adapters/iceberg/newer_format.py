"""Tables of a format that is read here, and not written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.errors import TableError

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from floe_bench.model.table import TableName

_NEWEST = 2


def refuse_newer(name: TableName, table: Table) -> None:
    """PyIceberg writes no manifest file of format version 3, whose rows have ids that must be kept."""
    version = table.metadata.format_version
    if version > _NEWEST:
        raise TableError(
            f"{name} has format version {version}: its snapshots can be read and moved to, and none is written here",
            remedy="write it with an engine that can: floe-bench connect spark",
        )
