"""What DuckDB would do, or did, an operator a line."""

from __future__ import annotations

import re

import duckdb
import pytest

from floe_bench.adapters.computes.guard import reading, writing
from floe_bench.adapters.computes.plan import run

COUNTED = "select n % 3 as third, count(*) from numbers where n >= 10 group by 1"


@pytest.fixture
def numbers() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table numbers as select range as n from range(1000)")
    return connection


def told(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    run(connection, reading(connection, sql))
    assert [each[0] for each in connection.description or ()] == ["explain_key", "explain_value"]
    ((_, plan),) = connection.fetchall()
    return str(plan).splitlines()


def test_what_feeds_an_operator_stands_below_it_one_step_further_in(numbers: duckdb.DuckDBPyConnection) -> None:
    lines = told(numbers, f"explain {COUNTED}")
    assert [len(line) - len(line.lstrip()) for line in lines] == [2 * at for at in range(len(lines))]
    assert re.fullmatch(r" *SEQ_SCAN  ~[\d,]+ rows  .*filters n>=10.*", lines[-1])


def test_what_was_measured_has_the_time_and_the_rows_of_each(numbers: duckdb.DuckDBPyConnection) -> None:
    whole, *lines = told(numbers, f"EXPLAIN /* é */ ANALYZE\n{COUNTED};")
    assert re.fullmatch(r" *[\d,]+\.\d ms  in all", whole)
    assert all(re.match(r" *[\d,]+\.\d ms  +[A-Z_]+  [\d,]+ rows?", line) for line in lines), lines
    assert "TABLE_SCAN  990 rows" in lines[-1] or "SEQ_SCAN  990 rows" in lines[-1]
    assert "EXPLAIN" not in "".join(lines)


def test_what_is_wrong_is_said_in_the_words_that_were_typed(numbers: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.BinderException, match="LINE 1: explain analyze select nope"):
        told(numbers, "explain analyze select nope from numbers")
    with pytest.raises(duckdb.CatalogException, match="LINE 1: explain select 1 from nowhere"):
        told(numbers, "explain select 1 from nowhere")


def test_a_change_is_planned_and_not_made(numbers: duckdb.DuckDBPyConnection) -> None:
    run(numbers, writing(numbers, "explain delete from numbers"))
    assert "DELETE" in str(numbers.fetchall())
    assert numbers.execute("select count(*) from numbers").fetchall() == [(1000,)]
