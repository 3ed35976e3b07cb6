"""From what the database says to the line of the compiled text that it means."""

from __future__ import annotations

import duckdb
import pytest

from floe_bench.model.code import failing_line

CODE = """
with orders as (
    select a, b from t
)

select
    a,
    nope + 1 as n,
    b.missing as m
from orders
"""


def refused(code: str, before: str = "create table made as (") -> str:
    with duckdb.connect() as connection:
        connection.execute("create table t (a integer, b varchar)")
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(f"{before}{code})")
    return f"Runtime Error in model made (models/made.sql)\n  {caught.value}"


@pytest.mark.parametrize(
    "before", ["create table made as (", "create table made as\n\n\n(", "\n\n\n\n\ncreate table x as ("]
)
def test_the_line_is_found_wherever_the_statement_begins(before: str) -> None:
    message = refused(CODE, before)
    assert "LINE" in message
    assert failing_line(CODE, message) == 7


def test_a_line_that_is_quoted_in_part_is_found_too() -> None:
    long = f"select a,\n    nofunc(a) + {' + '.join(['1234567890'] * 12)} as x\nfrom t"
    message = refused(long)
    assert "..." in message
    assert failing_line(long, message) == 2


def test_of_two_equal_lines_the_nearer_one_is_meant() -> None:
    twice = "select a from t\nunion all\nselect nope\nfrom t\nunion all\nselect 1\nunion all\nselect nope\nfrom t"
    assert failing_line(twice, refused(twice, "create table made as\n(")) == 3


def test_a_code_on_one_line_with_the_statement_is_found() -> None:
    assert failing_line("select nope from t", refused("select nope from t")) == 1


def test_without_a_place_the_one_line_that_names_the_thing_is_meant() -> None:
    message = "Binder Error: Cannot extract field 'missing' from expression \"b\" because it is not a struct"
    assert failing_line(CODE, message) == 8


@pytest.mark.parametrize(
    "message", ["", "Constraint Error: it is not so", "Got 7 results, configured to fail", "x 'a' x"]
)
def test_where_nothing_is_named_nothing_is_claimed(message: str) -> None:
    assert failing_line(CODE, message) is None
