"""What DuckDB says of a statement, as an error of ours."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from floe_bench.errors import QueryFailed, WriteRefused

_REMEDIES: dict[type[duckdb.Error], str] = {
    duckdb.CatalogException: "floe-bench tables",
    duckdb.OutOfMemoryException: "select fewer columns or rows",
}


def failed(error: duckdb.Error, hide: Callable[[str], str]) -> QueryFailed | WriteRefused:
    said = hide(str(error).strip())
    if "read-only mode" in said:
        return WriteRefused(
            f"queries here only read: {said}", remedy="change data in a dbt model, then: floe-bench run"
        )
    return QueryFailed(said, remedy=_REMEDIES.get(type(error), ""))
