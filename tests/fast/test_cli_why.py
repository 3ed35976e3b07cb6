"""``why``: code, inputs and who wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dbt_project
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine()
    line("run")
    return line


def test_what_is_fresh_has_no_reason(line: CommandLine) -> None:
    found = line("why", "customer_totals", "--json").json
    assert list(found) == ["asset", "status", "reasons", "run_id", "code", "inputs"]
    assert (found["status"], found["reasons"], found["code"]) == ("fresh", [], "")
    assert [each["table"] for each in found["inputs"]] == ["raw.raw_customers", "staging.stg_orders"]
    assert "nothing is newer" in line("why", "customer_totals").out


def test_the_inputs_say_what_was_read_and_who_wrote_since(line: CommandLine) -> None:
    read = line.bench.heads["staging.stg_orders"]
    theirs = line.bench.write_from_outside("staging.stg_orders", [])
    line.bench.read = {"marts/customer_totals": {"staging.stg_orders": read}}
    _, found = line("why", "customer_totals", "--json").json["inputs"]
    assert (found["read"], found["now"]) == (read, theirs)
    assert [(each["snapshot_id"], each["run_id"]) for each in found["newer"]] == [(theirs, None)]
    told = line("why", "customer_totals").out
    assert "staging/stg_orders has a newer snapshot" in told and "spark.app.id local-1, not by us" in told


def test_what_a_statement_of_ones_own_wrote_is_not_somebody_elses(line: CommandLine) -> None:
    read = line.bench.heads["staging.stg_orders"]
    own = line.bench.write_by_typed_sql("staging.stg_orders", [])
    line.bench.read = {"marts/customer_totals": {"staging.stg_orders": read}}
    _, found = line("why", "customer_totals", "--json").json["inputs"]
    assert [(each["snapshot_id"], each["typed"]) for each in found["newer"]] == [(own, True)]
    told = line("why", "customer_totals").out
    assert "by typed SQL, a statement of your own" in told
    assert "somebody else" not in told and "not by us" not in told


def test_an_asset_that_is_not_there_is_named(line: CommandLine) -> None:
    refused = line("why", "nobody")
    assert refused.code == 1 and "there is no asset 'nobody'" in refused.err
