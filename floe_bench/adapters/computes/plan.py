"""DuckDB's plan of a statement, an operator a line: its own drawing takes ten, and more columns than a terminal has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

_ROWS = "Estimated Cardinality"


class Operator(msgspec.Struct):
    """As ``EXPLAIN (FORMAT JSON)`` writes it."""

    name: str
    children: list[Operator] = []
    extra_info: dict[str, str | list[str]] = {}


def steps_of(plan: str) -> tuple[str, ...]:
    """What is done last comes first, and what feeds it stands below, one step further in."""
    return tuple(_lines(msgspec.json.decode(plan, type=list[Operator]), depth=0))


def _lines(operators: Sequence[Operator], *, depth: int) -> Iterator[str]:
    for each in operators:
        yield "  " * depth + _said(each)
        yield from _lines(each.children, depth=depth + 1)


def _said(operator: Operator) -> str:
    """Which columns a scan reads says little of what a statement does; what a projection computes is all it does."""
    about = dict(operator.extra_info)
    rows = about.pop(_ROWS, "")
    if operator.name.strip() != "PROJECTION":
        about.pop("Projections", None)
    told = [text for key, value in about.items() if (text := _detail(key, value)) and text != operator.name.strip()]
    if isinstance(rows, str) and rows.isdecimal():
        told.append(f"~{int(rows):,} {'row' if rows == '1' else 'rows'}")
    return "  ".join((operator.name.strip(), *told))


def _detail(key: str, value: str | list[str]) -> str:
    """On one line, without what its name says already."""
    text = " ".join((value if isinstance(value, str) else ", ".join(value)).split())
    return f"{key.lower()} {text}" if text and key in ("Filters", "Dynamic Filters") else text
