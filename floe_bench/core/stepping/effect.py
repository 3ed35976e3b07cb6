"""What a node did to its table, counted as soon as it has run."""

from __future__ import annotations

import logging
from collections.abc import Callable

from floe_bench.core.difference import difference
from floe_bench.errors import BenchError
from floe_bench.model.step import Effect
from floe_bench.model.table import TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute, Told

log = logging.getLogger(__name__)


def counted(
    catalog: CatalogReader,
    compute: Compute,
    table: TableName,
    *,
    before: int | None,
    after: int,
    key: tuple[str, ...],
    cancelled: Callable[[], bool],
    told: Told,
) -> Effect:
    """Without rows where it was given up or cannot be done: what is committed is so all the same."""
    try:
        found = difference(
            catalog, compute, table,
            before=before, after=after, key=key, declared=True, limit=0, cancelled=cancelled, told=told,
        )  # fmt: skip
    except BenchError as error:
        log.warning("%s: what a node changed was not counted: %s", table, error.message)
        return Effect(before, after, None)
    schema = found.schema
    changes = len(schema.added) + len(schema.removed) + len(schema.changed)
    return Effect(found.from_snapshot, found.to_snapshot, found.rows, changes)
