"""What a rewrite says of the rows that it did not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.mapping import rewritten
from floe_bench.adapters.iceberg.commit import DIGEST
from floe_bench.adapters.iceberg.mark import SAME_AS

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

_MOST = 50


def same_rows(table: IcebergTable, base: Snapshot | None) -> dict[str, str]:
    """For the summary of a replace on top of ``base``: which snapshots read the same, also when they have expired."""
    digest = base.summary.additional_properties.get(DIGEST) if base and base.summary else None
    same = (*([base.snapshot_id] if base else []), *rewritten(table, base))[:_MOST]
    return {SAME_AS: ",".join(map(str, same))} | ({DIGEST: digest} if digest else {})
