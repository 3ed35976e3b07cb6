"""From what the database says to the line of the compiled text that it means."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_bench.model.code import failing_line, source_line

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


# ── from the compiled line to the line of the file ───────────────────────────────────────────────────────────────────

SOURCE = """\

{{ config(materialized='table') }}
with orders as (
    select * from {{ ref('stg_orders') }}
),
kept as (
    {% for column in ['a', 'b'] %}
    select {{ column }} as c from orders
    {% endfor %}
)
select
    c,
    no_such_column,
    {{ euros('c') }} as eur
from kept
"""
COMPILED = """\

with orders as (
    select * from "w"."staging"."stg_orders"
),
kept as (

    select a as c from orders

    select b as c from orders

)
select
    c,
    no_such_column,
    round(c / 100, 2) as eur
from kept"""


def mapped(text: str) -> int | None:
    """The line of the source that the one line of the compiled text with ``text`` in it was."""
    lines = COMPILED.strip("\n").split("\n")
    return source_line(SOURCE, COMPILED.strip("\n"), next(n for n, line in enumerate(lines, 1) if text in line))


@pytest.mark.parametrize(("text", "line"), [("no_such_column", 13), ("from kept", 15), ("with orders", 3)])
def test_a_line_that_stands_once_in_both_is_the_same_line(text: str, line: int) -> None:
    assert mapped(text) == line


@pytest.mark.parametrize(("text", "line"), [('"stg_orders"', 4), ("round(c", 14)])
def test_a_line_that_an_expression_changed_is_counted_between_its_neighbours(text: str, line: int) -> None:
    assert mapped(text) == line


@pytest.mark.parametrize("text", ["select a as c", "select b as c"])
def test_what_a_block_made_is_no_line_of_the_file(text: str) -> None:
    assert mapped(text) is None


def test_a_first_line_that_jinja_changed_is_counted_from_the_head_of_the_file() -> None:
    assert source_line("\n\nselect * from {{ ref('x') }}\nwhere abc", 'select * from "x"\nwhere abc', 1) == 3


_WORDS = st.sampled_from(["select a", "from orders", "where x = 1", ")", "", "group by all", "limit 10"])
_PART = st.one_of(
    st.tuples(st.just("plain"), _WORDS, _WORDS),
    st.tuples(st.just("expression"), st.sampled_from(["{{ ref('x') }}", "a {{ m() }} b"]), _WORDS),
    st.tuples(st.just("many"), st.just("{{ many() }}"), _WORDS),
    st.tuples(st.just("block"), st.just("{% if x %}"), _WORDS),
    st.tuples(st.just("comment"), st.just("{# gone"), _WORDS),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PART, min_size=1, max_size=12))
def test_a_line_is_the_right_one_or_none(parts: list[tuple[str, str, str]]) -> None:
    """What Jinja makes of each part is known, and so is the line that each compiled line came from."""
    source: list[str] = []
    compiled: list[tuple[str, int | None]] = []
    for kind, text, word in parts:
        here = len(source) + 1
        if kind == "plain":
            source.append(word)
            compiled.append((word, here))
        elif kind == "expression":
            source.append(text)
            compiled.append((f"made {word}", here))
        elif kind == "many":
            source.append(text)
            compiled += [(f"one {word}", here), (f"two {word}", here)]
        elif kind == "block":
            source += [text, word, "{% endif %}"]
            compiled += [("", None), ("", None)]
        else:
            source += [text, word, "#}"]
            compiled.append(("", None))
    text = "\n".join(line for line, _ in compiled)
    head = len(text) - len(text.lstrip("\n"))
    trimmed = text.strip("\n")
    truths = [truth for _, truth in compiled][head : head + len(trimmed.split("\n"))]
    for number, truth in enumerate(truths, 1):
        found = source_line("\n".join(source), trimmed, number)
        assert found is None or truth is None or found == truth, (source, trimmed, number)
        if found is not None and truth is None:
            assert source[found - 1].strip() == trimmed.split("\n")[number - 1].strip()
