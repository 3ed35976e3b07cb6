"""What a table could be made of, and what that reads. DuckDB's own parser says both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from floe_bench.adapters.computes.connection import LAKE
from floe_bench.adapters.computes.guard import reading, without_end
from floe_bench.errors import UsageError
from floe_bench.model.saving import Select

_REMEDY = "write one SELECT"
_NOTHING: frozenset[str] = frozenset()


class _Named(NamedTuple):
    """A table as the statement names it. ``then``: as it was."""

    catalog: str
    namespace: str
    name: str
    then: bool

    @property
    def told(self) -> str:
        """The lake's own name goes without saying."""
        return ".".join(part for part in self[:3] if part).removeprefix(f"{LAKE}.")


def select_of(sql: str) -> Select:
    """
    Raises:
        UsageError: no statement, several, or one that no table can be made of.
        WriteRefused: it would write.
        duckdb.Error: it cannot be parsed.
    """
    with duckdb.connect() as blank:
        statement = reading(blank, sql)
        if statement.type == duckdb.StatementType.EXPLAIN:
            raise UsageError("EXPLAIN tells of a statement and finds no rows to keep", remedy=_REMEDY)
        if statement.named_parameters:
            given = ", ".join(f"${each}" for each in sorted(statement.named_parameters))
            raise UsageError(f"a model is given no values: {given}", remedy="write the values out")
        text = without_end(sql).strip()
        _check_makes_a_table(blank, text)
        found = blank.execute("select json_serialize_sql($1)", [text]).fetchone()
    named = set(_named(json.loads(found[0]), _NOTHING)) if found else set()
    then = next((each for each in named if each.then), None)
    if then is not None:
        said = f"it reads {then.told} as it was, and a model reads tables as they are when it runs"
        raise UsageError(said, remedy="leave AT out")
    tables = {each.told for each in named if each.namespace}
    loose = {each.name for each in named if not each.namespace}
    return Select(text, tuple(sorted(tables)), tuple(sorted(loose)))


def _check_makes_a_table(blank: duckdb.DuckDBPyConnection, text: str) -> None:
    try:
        made = blank.extract_statements(f"create table made as (\n{text}\n)")
    except duckdb.ParserException as error:
        raise UsageError("no table can be made of that statement", remedy=_REMEDY) from error
    if len(made) != 1:
        raise UsageError("no table can be made of that statement", remedy=_REMEDY)


def _named(node: object, given: frozenset[str]) -> Iterator[_Named]:
    """``given`` are the names that a WITH around it gives: each to what follows, a recursive one to itself, too."""
    if isinstance(node, list):
        for each in node:
            yield from _named(each, given)
    if not isinstance(node, dict):
        return
    if node.get("type") == "BASE_TABLE":
        found = _Named(node["catalog_name"], node["schema_name"], node["table_name"], node["at_clause"] is not None)
        if found.namespace or found.name.casefold() not in given:
            yield found
    if node.get("type") == "RECURSIVE_CTE_NODE":
        given |= {node["cte_name"].casefold()}
    for each in (node.get("cte_map") or {}).get("map", ()):
        yield from _named(each["value"], given)
        given |= {each["key"].casefold()}
    for key, each in node.items():
        if key != "cte_map":
            yield from _named(each, given)
