"""The SQL that measures one column, in one pass.

No statement has a condition, as in ``profile.py``.
"""

from __future__ import annotations

from functools import reduce

import duckdb

from floe_bench.adapters.computes import profile
from floe_bench.adapters.computes.connection import literal, quoted
from floe_bench.adapters.computes.profile import cut, is_nested, is_number, told
from floe_bench.model.drift import Figures


def figured(cursor: duckdb.DuckDBPyConnection, source: str, path: tuple[str, ...]) -> Figures:
    """Of a column, or of a field of a struct; where that is null, so is what lies in it."""
    column = reduce(lambda of, name: f"struct_extract({of}, {literal(name)})", path[1:], quoted(path[0]))
    described = cursor.execute(f"describe select {column} from {source} s").fetchone()
    kind = str(described[1]) if described else ""
    counted = cursor.execute(f"select count(*) from {source} s").fetchone()
    rows = int(counted[0]) if counted else 0
    exact = rows <= profile.EXACT_ROWS
    asked = _asked(column, kind, exact=exact)
    found = cursor.execute(f"select {', '.join(asked.values())} from {source} s").fetchone() or ()
    values = dict(zip(asked, found, strict=True))
    lower, upper = told(values.get("lower")), told(values.get("upper"))
    return Figures(
        rows=rows,
        nulls=int(values["nulls"]),
        distinct=values.get("distinct"),
        exact=exact,
        lower=lower,
        upper=upper,
        mean=_number(values.get("mean")),
        median=_number(values.get("median")),
        shortest=values.get("shortest"),
        mean_length=_number(values.get("mean_length")),
        longest=values.get("longest"),
    )


def _asked(column: str, kind: str, *, exact: bool) -> dict[str, str]:
    asked = {"nulls": f"count(*) - count({column})"}
    if is_nested(kind):
        return asked
    asked["distinct"] = f"count(distinct {column})" if exact else f"approx_count_distinct({column})"
    asked |= {"lower": cut(f"min({column})", kind), "upper": cut(f"max({column})", kind)}
    if is_number(kind):
        number = f"{column}::double"
        finite = f"case when isfinite({number}) then {number} end"
        median = f"quantile_cont({finite}, 0.5)" if exact else f"approx_quantile({finite}, 0.5)"
        asked |= {"mean": f"avg({finite})", "median": median}
    elif kind == "BOOLEAN":
        asked["mean"] = f"avg({column}::int)"
    elif kind == "VARCHAR":
        length = f"length({column})"
        asked |= {"shortest": f"min({length})", "mean_length": f"avg({length})", "longest": f"max({length})"}
    return asked


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
