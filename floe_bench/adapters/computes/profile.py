"""The SQL that profiles columns: one pass for all of them, then one for the shape of each.

No statement has a condition: DuckDB cannot filter a table that was once partitioned by a column that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from floe_bench.adapters.computes.connection import quoted
from floe_bench.adapters.computes.value import plain
from floe_bench.model.profile import ColumnProfile, TopValue

BINS, TOP = 10, 5
EXACT_ROWS = 1_000_000
"""Beyond, distinct values are estimated: counting them would hold them all."""
_LONGEST = 200
_ONE_VALUE = -1
_NESTED = ("STRUCT", "MAP", "UNION")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_TIMES = ("DATE", "TIMESTAMP")


def is_nested(kind: str) -> bool:
    return kind.startswith(_NESTED) or kind.endswith("]")


def measured(
    cursor: duckdb.DuckDBPyConnection, source: str, types: Mapping[str, str]
) -> tuple[int, list[ColumnProfile]]:
    """Nulls, distinct values and bounds of each column, in one pass."""
    found = cursor.execute(f"select count(*) from {source} s").fetchone()
    rows = int(found[0]) if found else 0
    exact = rows <= EXACT_ROWS
    asked: list[str] = []
    for name, kind in types.items():
        column = quoted(name)
        asked.append(f"count(*) - count({column})")
        if not is_nested(kind):
            distinct = f"count(distinct {column})" if exact else f"approx_count_distinct({column})"
            asked += [distinct, cut(f"min({column})", kind), cut(f"max({column})", kind)]
    values = iter(cursor.execute(f"select {', '.join(asked)} from {source} s").fetchone() or ())
    columns = []
    for name, kind in types.items():
        each = ColumnProfile(name, kind, int(next(values)))
        if not is_nested(kind):
            distinct, lower, upper = (next(values) for _ in range(3))
            each = replace(each, distinct=int(distinct), exact=exact, lower=told(lower), upper=told(upper))
        columns.append(each)
    return rows, columns


def shaped(cursor: duckdb.DuckDBPyConnection, source: str, each: ColumnProfile) -> ColumnProfile:
    """With its histogram, or its most frequent values."""
    if is_nested(each.type) or each.lower is None:
        return each
    number = _number(quoted(each.column), each.type)
    if number:
        return replace(each, bins=_bins(cursor, source, number))
    column = quoted(each.column)
    top = cursor.execute(
        f"select {cut(column, each.type)}, count(*) from {source} s"
        f" group by {column} order by {column} is null, 2 desc, 1 limit {TOP}"
    ).fetchall()
    return replace(each, top=tuple(TopValue(told(value) or "", int(rows)) for value, rows in top if value is not None))


def _bins(cursor: duckdb.DuckDBPyConnection, source: str, number: str) -> tuple[int, ...]:
    """NaN and the infinities are in none of them."""
    found = cursor.execute(
        f"with v as (select {number} as x from {source} s),"
        " e as (select min(x) filter (isfinite(x)) as lo, max(x) filter (isfinite(x)) as hi from v)"
        f" select case when isfinite(x) then case when hi > lo"
        f" then least(floor((x - lo) / (hi - lo) * {BINS}), {BINS - 1})::int else {_ONE_VALUE} end end, count(*)"
        " from v, e group by 1"
    ).fetchall()
    counts = {place: int(rows) for place, rows in found if place is not None}
    if _ONE_VALUE in counts:
        return (counts[_ONE_VALUE],)
    return tuple(counts.get(place, 0) for place in range(BINS)) if counts else ()


def is_number(kind: str) -> bool:
    return kind.startswith(_NUMBERS) and not is_nested(kind)


def _number(column: str, kind: str) -> str:
    """An expression of type double; empty for what has no width."""
    if is_number(kind):
        return f"{column}::double"
    return f"epoch({column})::double" if kind.startswith(_TIMES) else ""


def cut(value: str, kind: str) -> str:
    return f"left({value}, {_LONGEST})" if kind == "VARCHAR" else value


def told(value: object) -> str | None:
    """As query answers have it: instants in UTC, bytes as hexadecimal digits."""
    found = plain(value)
    return None if found is None else str(found).lower() if isinstance(found, bool) else str(found)
