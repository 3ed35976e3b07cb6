"""A statement's rows in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from floe_bench.adapters.computes.connection import literal
from floe_bench.adapters.computes.value import plain
from floe_bench.model.export import FileFormat

_OPTIONS = {
    FileFormat.CSV: "format csv, header true",
    FileFormat.PARQUET: "format parquet, compression zstd",
    FileFormat.JSON: "format json, array true",
    FileFormat.JSON_LINES: "format json, array false",
}
_BATCH = 1000


def write(cursor: duckdb.DuckDBPyConnection, sql: str, path: Path, form: FileFormat, mask: Callable[[str], str]) -> int:
    """``sql`` is one SELECT, without an end; how many rows."""
    if form is FileFormat.MARKDOWN:
        return _markdown(cursor, sql, path, mask)
    # On a line of its own: the statement may end in a comment.
    found = cursor.execute(f"copy (\n{sql}\n) to {literal(str(path))} ({_OPTIONS[form]})").fetchone()
    return int(found[0]) if found else 0


def _markdown(cursor: duckdb.DuckDBPyConnection, sql: str, path: Path, mask: Callable[[str], str]) -> int:
    """A table as GitHub reads it. Null is an empty cell."""
    rows = 0
    cursor.execute(sql)
    names = [str(column[0]) for column in cursor.description or []]
    with path.open("w", encoding="utf-8") as file:
        file.write(_line(names))
        file.write(_line(["---"] * len(names)))
        while found := cursor.fetchmany(_BATCH):
            rows += len(found)
            file.writelines(_line([_told(value, mask) for value in row]) for row in found)
    return rows


def _told(value: object, mask: Callable[[str], str]) -> str:
    found = plain(value, mask)
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>") for cell in cells)
    return f"| {' | '.join(escaped)} |\n"
