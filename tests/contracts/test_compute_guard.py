"""What may be queried, and how values look."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import duckdb
import pytest

from floe_bench.adapters.computes.guard import reading
from floe_bench.adapters.computes.value import plain
from floe_bench.errors import UsageError, WriteRefused


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "SELECT 1;",
        "-- what\nselect 1 /* end */",
        "with a as (select 1 as n) select * from a",
        "values (1), (2)",
        "from range(3)",
        "(select 1) union all (select 2)",
        "describe select 1",
        "summarize select 1 as a",
        "pragma version",
        "explain select 1",
        "explain analyze select 1",
        "EXPLAIN /* é */ ANALYZE\nselect 'ü'",
    ],
)
def test_reading_is_let_through(sql: str) -> None:
    connection = duckdb.connect()
    assert connection.execute(reading(connection, sql)).fetchall()


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("insert into t values (1)", "INSERT"),
        ("update t set a = 1", "UPDATE"),
        ("delete from t", "DELETE"),
        ("truncate t", "DELETE"),
        ("merge into t using s on t.a = s.a when matched then delete", "MERGE INTO"),
        ("create table t (a int)", "CREATE"),
        ("create temp table t as select 1", "CREATE"),
        ("create or replace view v as select 1", "CREATE"),
        ("create secret s (type s3)", "CREATE"),
        ("alter table t add column b int", "ALTER"),
        ("comment on table t is 'x'", "ALTER"),
        ("drop table t", "DROP"),
        ("copy (select 1) to 'x.csv'", "COPY"),
        ("copy t from 'x.csv'", "COPY"),
        ("export database 'x'", "EXPORT"),
        ("attach 'x.db'", "ATTACH"),
        ("detach lake", "DETACH"),
        ("install httpfs", "LOAD"),
        ("load httpfs", "LOAD"),
        ("set threads = 1", "SET"),
        ("reset threads", "SET"),
        ("use memory", "SET"),
        ("pragma threads = 1", "SET"),
        ("call pragma_version()", "CALL"),
        ("begin", "TRANSACTION"),
        ("vacuum", "VACUUM"),
        ("checkpoint", "CALL"),
        ("prepare p as select 1", "PREPARE"),
        ("explain analyze copy (select 1) to 'x.csv'", "COPY"),
        ("explain insert into t select 1", "INSERT"),
        ("explain analyze create table t as select 1", "CREATE"),
    ],
)
def test_everything_else_is_refused_by_its_kind(sql: str, kind: str) -> None:
    with pytest.raises(WriteRefused, match=f" {kind} statement") as caught:
        reading(duckdb.connect(), sql)
    assert caught.value.remedy


def test_explain_with_options_is_refused() -> None:
    with pytest.raises(WriteRefused, match="EXPLAIN"):
        reading(duckdb.connect(), "explain (analyze, format json) copy (select 1) to 'x.csv'")


@pytest.mark.parametrize("sql", ["", " ;; ", "-- nothing", "select 1; select 2", "select 1; drop table t"])
def test_it_takes_exactly_one_statement(sql: str) -> None:
    with pytest.raises(UsageError) as caught:
        reading(duckdb.connect(), sql)
    assert not isinstance(caught.value, WriteRefused)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("text", "text"),
        (b"\x00\xff", "00ff"),
        (Decimal("1.50"), "1.50"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 1, 1, 12), "2024-01-01T12:00:00"),
        (datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2024-01-01T10:00:00+00:00"),
        (datetime(2024, 1, 1, tzinfo=UTC), "2024-01-01T00:00:00+00:00"),
        (timedelta(days=1), "1 day, 0:00:00"),
        ([1, [Decimal("2")]], [1, ["2"]]),
        ({"a": {"b": date(2024, 1, 1)}}, {"a": {"b": "2024-01-01"}}),
        ({1: "x"}, {"1": "x"}),
    ],
)
def test_values_are_json(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == expected


def test_secrets_are_masked_in_nested_text() -> None:
    found = plain({"k": ["a key-1 b"]}, lambda text: text.replace("key-1", "*****"))
    assert found == {"k": ["a ***** b"]}
