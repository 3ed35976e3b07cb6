"""How tables are called, where a name has a dot or a quote in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_bench.errors import UsageError
from floe_bench.model.table import TableName
from floe_bench.tui.asking import quoted

part = st.text(st.sampled_from("ab_.\"'é \n"), min_size=1) | st.text(min_size=1)


@given(st.lists(part, min_size=2, max_size=4))
def test_a_name_as_text_is_read_as_the_same_name(parts: list[str]) -> None:
    name = TableName(tuple(parts[:-1]), parts[-1])
    assert TableName.parse(str(name)) == name
    assert str(name).startswith(f"{name.place}.")


@pytest.mark.parametrize(
    ("text", "namespace", "name"),
    [
        ("marts.orders", ("marts",), "orders"),
        ("a.b.c", ("a", "b"), "c"),
        ('a."b.c"', ("a",), "b.c"),
        ('"a.b".c', ("a.b",), "c"),
        ('a."say ""so"""', ("a",), 'say "so"'),
        ('a."plain"', ("a",), "plain"),
    ],
)
def test_what_stands_in_quotes_is_one_name(text: str, namespace: tuple[str, ...], name: str) -> None:
    assert TableName.parse(text) == TableName(namespace, name)


def test_names_without_dots_are_written_as_they_are() -> None:
    assert str(TableName(("raw", "eu"), "Orders 2026")) == "raw.eu.Orders 2026"


@pytest.mark.parametrize("text", ["", "orders", "a.", ".a", "a..b", 'a."b', 'a.b"', 'a."b"c', 'a.""', 'a"b.c', "."])
def test_what_is_no_name_is_refused_and_says_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match="is not a table name") as caught:
        TableName.parse(text)
    assert 'namespace."a.b"' in caught.value.remedy


@pytest.mark.parametrize(
    ("table", "sql"),
    [("marts.orders", "marts.orders"), ("a.b.orders", '"a.b".orders'), ('a."b.c"', 'a."b.c"')],
)
def test_duckdb_is_asked_with_the_namespace_as_one_name(table: str, sql: str) -> None:
    assert quoted(table) == sql
