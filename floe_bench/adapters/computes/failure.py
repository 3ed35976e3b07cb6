"""What DuckDB says of a statement, as an error of ours."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb

from floe_bench.errors import QueryFailed, WriteRefused

_REMEDIES: dict[type[duckdb.Error], str] = {
    duckdb.CatalogException: "floe-bench tables",
    duckdb.OutOfMemoryException: "select fewer columns or rows",
}
_EARLIER = "an earlier snapshot may be whole: floe-bench snapshots TABLE"
_KNOWN: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"reading '(?P<it>[^']+)'.*HTTP 404"),
        "a file that the table needs is not in the object store: {it}",
        _EARLIER,
    ),
    (
        re.compile("Content-Length from server mismatches requested range"),
        "a file of the table is not as long as the table's metadata says: it was cut short, or written over",
        _EARLIER,
    ),
    (
        re.compile(r"No magic bytes found at end of file '(?P<it>[^']+)'"),
        "a file of the table is no Parquet file: {it}",
        _EARLIER,
    ),
    (
        re.compile(r"Column with name (?P<it>.+) already exists!"),
        "the table has two columns whose names differ in case only, or not at all: {it}; DuckDB cannot read it",
        "rename one of them with another engine",
    ),
    (
        re.compile(r"(?P<it>Incorrect Avro container file magic number|Cannot read (?:file|bytes)\b[^:]*)"),
        "a manifest file or list of the table is no Avro file, or was cut short: {it}",
        "see which: floe-bench table TABLE",
    ),
    (
        re.compile(r"File format '(?P<it>\w+)' not supported"),
        "files of the table are of format {it}, and DuckDB reads Parquet only",
        "read it with another engine: floe-bench connect spark",
    ),
    (
        re.compile("SELECT list is empty after resolving"),
        "there is no column to select: the table has none",
        "floe-bench schema TABLE",
    ),
    (
        re.compile("unordered_map::at"),
        "DuckDB cannot filter a table that was once partitioned by a column that is gone",
        "leave the condition out, or query an earlier snapshot: --at",
    ),
)
"""Where DuckDB's own words say little of the table, or point elsewhere.

Source: DuckDB 1.5.5 and its iceberg extension, on tables that were damaged by hand.
"""


def failed(error: duckdb.Error, hide: Callable[[str], str]) -> QueryFailed | WriteRefused:
    said = hide(str(error).strip())
    if "read-only mode" in said:
        return WriteRefused(
            f"queries here only read: {said}", remedy="change data in a dbt model, then: floe-bench run"
        )
    return known(said) or QueryFailed(said, remedy=_REMEDIES.get(type(error), ""))


def known(said: str) -> QueryFailed | None:
    """Also of what a process said last."""
    for pattern, words, remedy in _KNOWN:
        if found := pattern.search(said):
            return QueryFailed(words.format(**found.groupdict()), remedy=remedy)
    return None
