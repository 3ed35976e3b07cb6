"""DuckDB's plan of a statement, an operator a line: its own drawing takes ten, and more columns than a terminal has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import msgspec

from floe_bench.adapters.computes.guard import explained, is_measured

_ROWS = "Estimated Cardinality"
_NAMED = {"Filters": "filters", "Dynamic Filters": "dynamic filters", "Total Files Read": "files", "Top": "first"}
"""Details that say little without what they are."""
Details = Mapping[str, str | list[str]]


class Operator(msgspec.Struct):
    """As ``EXPLAIN (FORMAT JSON)`` writes it."""

    name: str
    children: list[Operator] = []
    extra_info: dict[str, str | list[str]] = {}


class Measured(msgspec.Struct):
    """As ``EXPLAIN (ANALYZE, FORMAT JSON)`` writes it. Times are seconds; the first one has that of the whole."""

    latency: float = 0.0
    operator_name: str = ""
    operator_timing: float = 0.0
    operator_cardinality: int = 0
    children: list[Measured] = []
    extra_info: dict[str, str | list[str]] = {}


def run(cursor: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> None:
    """Execute it. Of an EXPLAIN the cursor has DuckDB's two columns, with our lines in place of its drawing."""
    if statement.type != duckdb.StatementType.EXPLAIN:
        cursor.execute(statement)
        return
    measured, does = is_measured(statement), explained(cursor, statement)
    how = "analyze, format json" if measured else "format json"
    try:
        found = cursor.execute(f"explain ({how}) {does.query}").fetchone()
    except (duckdb.BinderException, duckdb.CatalogException):
        cursor.execute(statement)  # says where it is wrong in the words that were typed
        raise
    assert found is not None
    key, plan = found
    lines = measured_of(plan) if measured else steps_of(plan)
    cursor.execute("select $1 as explain_key, $2 as explain_value", [key, "\n".join(lines)])


def steps_of(plan: str) -> tuple[str, ...]:
    """What is done last comes first, and what feeds it stands below, one step further in."""
    return tuple(_lines(msgspec.json.decode(plan, type=list[Operator]), depth=0))


def measured_of(plan: str) -> tuple[str, ...]:
    """As ``steps_of``, each with the time that it took itself, all threads together, and the rows that it gave."""
    whole = msgspec.json.decode(plan, type=Measured)
    return f"{_took(whole.latency)}  in all", *_measured_lines(whole.children, depth=0)


def _lines(operators: Sequence[Operator], *, depth: int) -> Iterator[str]:
    for each in operators:
        rows = each.extra_info.get(_ROWS, "")
        about = f"~{_counted(int(rows))}" if isinstance(rows, str) and rows.isdecimal() else ""
        yield "  " * depth + _said(each.name.strip(), each.extra_info, about)
        yield from _lines(each.children, depth=depth + 1)


def _measured_lines(operators: Sequence[Measured], *, depth: int) -> Iterator[str]:
    for each in operators:
        name = each.operator_name.strip()
        if name == "EXPLAIN_ANALYZE":
            yield from _measured_lines(each.children, depth=depth)
            continue
        said = _said(name, each.extra_info, _counted(each.operator_cardinality))
        yield f"{_took(each.operator_timing)}  {'  ' * depth}{said}"
        yield from _measured_lines(each.children, depth=depth + 1)


def _said(name: str, details: Details, rows: str) -> str:
    """Which columns a scan reads says little of what a statement does; what a projection computes is all it does."""
    about = {key: value for key, value in details.items() if key != _ROWS}
    if name != "PROJECTION":
        about.pop("Projections", None)
    told = [text for key, value in about.items() if (text := _detail(key, value)) and text != name]
    return "  ".join(filter(None, (name, rows, *told)))


def _counted(rows: int) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _took(seconds: float) -> str:
    return f"{1000 * seconds:>9,.1f} ms"


def _detail(key: str, value: str | list[str]) -> str:
    """On one line, without what its name says already."""
    text = " ".join((value if isinstance(value, str) else ", ".join(value)).split())
    return f"{_NAMED[key]} {text}" if text and key in _NAMED else text
