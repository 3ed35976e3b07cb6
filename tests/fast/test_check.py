"""A dbt test in the frame that says what its failures mean."""

from __future__ import annotations

import sqlite3

import pytest

from floe_bench.adapters.orchestrators.dagster.check import framed


@pytest.mark.parametrize(
    ("config", "bad", "answer"),
    [
        ({}, 0, (0, 0, 0)),
        ({}, 1, (1, 1, 1)),
        ({"severity": "warn"}, 1, (1, 1, 0)),
        ({"error_if": "> 2", "warn_if": "> 0"}, 2, (2, 1, 0)),
        ({"fail_calc": "sum(n)", "error_if": "> 5"}, 3, (6, 1, 1)),
        ({"limit": 1}, 3, (1, 1, 1)),
    ],
)
def test_severity_thresholds_and_limit_mean_what_they_mean_to_dbt(
    config: dict[str, object], bad: int, answer: tuple[int, int, int]
) -> None:
    compiled = "select n from (select 1 as n union select 2 union select 3) where n <= " + str(bad) + " -- the end"
    with sqlite3.connect(":memory:") as database:
        assert database.execute(framed(compiled, config)).fetchone() == answer
