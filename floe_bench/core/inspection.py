"""Looking into one thing: the rows of a snapshot, the code of a node, the rows that fail a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.dataclass import dataclass
from floe_bench.errors import QueryFailed, UsageError
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.code import Code
from floe_bench.model.table import TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute


@dataclass(frozen=True, slots=True)
class Page:
    """Raises UsageError for one that shows nothing."""

    offset: int
    limit: int

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise UsageError(f"a limit of {self.limit} rows shows nothing", remedy="--limit 100")
        if self.offset < 0:
            raise UsageError(f"an offset of {self.offset} is before the first row", remedy="--offset 0")


def preview(
    catalog: CatalogReader,
    compute: Compute,
    table: TableName,
    snapshot_id: int | None,
    *,
    page: Page,
    cancelled: Callable[[], bool],
) -> QueryAnswer:
    """Raises NoSuchTable, NoSuchSnapshot, Cancelled."""
    columns = catalog.columns(table, snapshot_id)
    types = {column.name: column.type for column in columns}
    if snapshot_id is None and catalog.table(table).snapshot_id is None:
        return QueryAnswer(tuple(types), tuple(types.values()), ())
    found = compute.rows(table, snapshot_id, offset=page.offset, limit=page.limit, cancelled=cancelled)
    return replace(
        found, types=tuple(types.get(name, kind) for name, kind in zip(found.columns, found.types, strict=True))
    )


def failing(code: Code, compute: Compute, *, page: Page, cancelled: Callable[[], bool]) -> QueryAnswer:
    """Run what the test ran. Its SQL names tables, not snapshots: rows that were mended since are not found.

    Raises:
        UsageError: it is not a test that finds rows.
        QueryFailed: it was never compiled, or its table is gone.
    """
    if code.kind == "unit_test":
        raise UsageError("a unit test compares rows of its own; its message shows the difference")
    if code.kind != "test":
        raise UsageError(f"{code.node_id} is a {code.kind}, not a test")
    if not code.compiled:
        raise QueryFailed(f"{code.node_id} was not compiled in that run", remedy="floe-bench run")
    return compute.query(code.compiled, limit=page.limit, cancelled=cancelled)


def cleaned_code(code: Code, clean: Callable[[str], str]) -> Code:
    previous = None if code.previous is None else clean(code.previous)
    return replace(code, source=clean(code.source), compiled=clean(code.compiled), previous=previous)
