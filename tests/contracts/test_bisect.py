"""Bisecting on the real engine, dbt and DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log2
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.types import StringType

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import Cancelled, NoSuchNode, QueryFailed, UsageError
from floe_bench.events import CheckEvaluated
from floe_bench.model.bisection import Bisection, Outcome, Verdict
from tests.contracts.test_undo import stack_of
from tests.contracts.workbench import Workbench, eventually, opened, shop

MODEL, SEED = "models/staging/stg_orders.sql", "seeds/raw_orders.csv"
GOOD = "select order_id, customer_id, amount from {{ ref('raw_orders') }}\n"
TWICE = "with x as (from {{ ref('raw_orders') }}) select * from x union all (select * from x limit 1)\n"
HEAD = "order_id,customer_id,amount\n"
UNIQUE = "unique_stg_orders_order_id"
KNOWN = "relationships_stg_orders_customer_id__customer_id__ref_raw_customers_"
STAGED, CUSTOMERS = "staging.stg_orders", "shop.raw_customers"
SCHEMA = """\
sources:
  - name: outside
    schema: outside
    tables: [{name: steady}, {name: wavy}, {name: young}, {name: few}, {name: parts}, {name: mine}]
models:
  - name: stg_orders
    columns:
      - {name: order_id, data_tests: [unique]}
      - name: customer_id
        data_tests: [{relationships: {arguments: {to: ref('raw_customers'), field: customer_id}}}]
unit_tests:
  - name: adds_up
    model: customer_totals
    given: [{input: ref('raw_customers'), rows: []}, {input: ref('stg_orders'), rows: []}]
    expect: {rows: []}
"""
TESTS = {
    f"tests/{name}_is_positive.sql": f"select * from {{{{ source('outside', '{name}') }}}} where n < 0\n"
    for name in ("steady", "wavy", "parts", "mine")
}
TESTS["tests/young_has_a_label.sql"] = "select * from {{ source('outside', 'young') }} where label is null\n"
TESTS["tests/few_are_negative.sql"] = (
    "{{ config(severity='warn', warn_if='> 1') }}\nselect * from {{ source('outside', 'few') }} where n < 0\n"
)
TESTS["tests/reads_nothing.sql"] = "select 1 as n where false\n"
TESTS["tests/is_slow.sql"] = (
    "select count(*) as n from {{ source('outside', 'steady') }}, range(100000000) a, range(100000000) b having n < 0\n"
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    root = shop(tmp_path_factory.mktemp("bisect") / "shop", **{"models/schema.yml": SCHEMA, **TESTS})
    with opened(root) as bench:
        yield bench


@pytest.fixture(scope="module")
def runs(bench: Workbench) -> list[str]:
    """Four: good, good, one order twice, and that with a customer whom nobody knows."""
    plain = "1,1,10\n2,1,5\n3,2,7\n"
    made = [(plain, GOOD), (plain + "4,1,8\n", GOOD), (plain, TWICE), (plain + "5,9,8\n", TWICE)]
    return [_made(bench, orders, model) for orders, model in made]


def _made(bench: Workbench, orders: str, model: str) -> str:
    (bench.root / SEED).write_text(HEAD + orders)
    (bench.root / MODEL).write_text(model)
    run = bench.run(select="raw_customers +stg_orders")
    assert {node.status for node in run.nodes if not node.is_check} == {"success"}
    return run.run_id


class Outside:
    """Who writes to a source: one snapshot each time."""

    def __init__(self, bench: Workbench, name: str) -> None:
        self.catalog = open_catalog(stack_of(bench))
        self.catalog.create_namespace_if_not_exists("outside")
        self.table = self.catalog.create_table(("outside", name), pa.schema([("n", pa.int64())]))

    def write(self, numbers: list[int], **columns: list[str]) -> int:
        rows = pa.table({"n": numbers, **columns})
        update: Any = self.table.append if self.table.current_snapshot() is None else self.table.overwrite
        update(rows)
        found = self.table.refresh().current_snapshot()
        assert found is not None
        return found.snapshot_id


def verdicts(found: Bisection) -> list[str]:
    return [str(each.verdict) for each in found.evaluations]


def test_it_names_the_first_bad_snapshot_its_run_and_its_sql_change(bench: Workbench, runs: list[str]) -> None:
    found = bench.client.checks.bisect(UNIQUE)
    assert (found.outcome, found.moments, found.first) == (Outcome.FOUND, 4, 3)
    (culprit,) = found.culprits
    first = next(each for each in bench.client.snapshots(STAGED) if each.run_id == runs[2])
    assert (culprit.table, culprit.snapshot, culprit.before) == (STAGED, first, first.parent_id)
    assert (culprit.snapshot.run_id, culprit.previous_run_id) == (runs[2], runs[1])
    assert "union all" in culprit.sql and "union all" not in culprit.previous_sql
    # What the node read is told as well: the seed was made anew in that run.
    (read,) = culprit.reads
    assert read.table == "shop.raw_orders" and read.newer
    failed = found.at(3)
    assert failed is not None and failed.failures == 1
    bench.until(lambda: len(_told(bench, found)) == len(found.evaluations), "every evaluation is told")
    assert {event.evaluation.place for event in _told(bench, found)} == {each.place for each in found.evaluations}


def _told(bench: Workbench, found: Bisection) -> list[CheckEvaluated]:
    return [event for event in bench.events(CheckEvaluated) if event.check == found.check]


def test_of_several_tables_that_one_run_wrote_the_one_that_suffices_is_named(bench: Workbench, runs: list[str]) -> None:
    found = bench.client.checks.bisect(KNOWN)
    assert {trail.table for trail in found.trails} == {STAGED, CUSTOMERS}
    assert (found.moments, found.first) == (4, 4), "what one run wrote is one moment"
    (culprit,) = found.culprits
    assert (culprit.table, culprit.snapshot.run_id) == (STAGED, runs[3])


def test_what_an_undo_took_back_is_not_looked_at(bench: Workbench, runs: list[str]) -> None:
    undo = bench.client.undo.apply(bench.client.undo.plan(run_id=runs[3]))
    assert bench.client.checks.bisect(KNOWN).moments == 3
    bench.client.undo.apply(bench.client.undo.plan_redo(undo.undo_id))
    assert bench.client.checks.bisect(KNOWN).moments == 4


def test_a_long_history_takes_few_evaluations_and_names_who_was_no_run(bench: Workbench) -> None:
    outside, many = Outside(bench, "steady"), 40
    written = [outside.write([n if n < 23 else -n]) for n in range(many)]
    found = bench.client.checks.bisect("steady_is_positive")
    # PyIceberg replaces by a delete and an append: one write, one moment.
    assert (found.moments, found.first) == (many, 24)
    assert len(found.evaluations) <= 2 + ceil(log2(many))
    (culprit,) = found.culprits
    assert (culprit.snapshot.snapshot_id, culprit.before) == (written[23], written[22])
    assert (culprit.snapshot.run_id, culprit.sql, culprit.reads) == (None, "", ())


def test_a_statement_of_ones_own_is_not_somebody_elses(bench: Workbench) -> None:
    Outside(bench, "mine").write([1])
    page = bench.client.querying.open("insert into outside.mine values (-1)", write=True)
    bench.client.querying.close(page.query_id)
    found = bench.client.checks.bisect("mine_is_positive")
    assert (found.outcome, found.moments, found.first) == (Outcome.FOUND, 2, 2)
    (culprit,) = found.culprits
    assert (culprit.snapshot.typed, culprit.snapshot.run_id, culprit.sql) == (True, None, "")


def test_a_failure_that_comes_and_goes_is_told_whole_only_when_every_moment_is_looked_at(bench: Workbench) -> None:
    outside = Outside(bench, "wavy")
    for n in (1, -2, 3, 4, 5, -6):
        outside.write([n])
    some = bench.client.checks.bisect("wavy_is_positive")
    assert some.first is not None and not some.whole
    # Whichever it names, it is a true turn.
    before, first = some.at(some.first - 1), some.at(some.first)
    assert before is not None and before.verdict is Verdict.PASSED
    assert first is not None and first.verdict is Verdict.FAILED
    whole = bench.client.checks.bisect("wavy_is_positive", every=True)
    assert verdicts(whole) == ["passed", "failed", "passed", "passed", "passed", "failed"]
    assert (whole.whole, whole.first, whole.turns) == (True, 2, (2, 3, 6))
    outside.write([7])
    mended = bench.client.checks.bisect("wavy_is_positive", every=True)
    assert (mended.outcome, mended.first, len(mended.culprits)) == (Outcome.PASSES, 2, 1)


def test_never_and_always_are_answers_too_and_expired_snapshots_are_said(bench: Workbench) -> None:
    outside = Outside(bench, "parts")
    oldest = outside.write([1])
    never = bench.client.checks.bisect("parts_is_positive")
    assert (never.outcome, never.first, never.culprits, verdicts(never)) == (Outcome.PASSES, None, (), ["passed"])
    for n in (-2, -3):
        outside.write([n])
    found = bench.client.checks.bisect("parts_is_positive")
    assert (found.outcome, found.first, [trail.expired for trail in found.trails]) == (Outcome.FOUND, 2, [False])
    gone = [each.snapshot_id for each in outside.table.snapshots()[:2]]
    assert oldest in gone
    outside.table.maintenance.expire_snapshots().by_ids(gone).commit()
    always = bench.client.checks.bisect("parts_is_positive")
    assert (always.outcome, always.first, always.culprits) == (Outcome.ALWAYS, 1, ())
    assert [trail.expired for trail in always.trails] == [True]


def test_a_moment_at_which_a_column_was_not_there_yet_is_unknown(bench: Workbench) -> None:
    outside = Outside(bench, "young")
    outside.write([1])
    with pytest.raises(QueryFailed, match="label"):
        bench.client.checks.bisect("young_has_a_label")
    with outside.table.update_schema() as change:
        change.add_column("label", StringType())
    outside.table.append(pa.table({"n": [2], "label": ["b"]}))
    found = bench.client.checks.bisect("young_has_a_label")
    assert (verdicts(found), found.first) == (["unknown", "failed"], 2)
    assert "label" in found.evaluations[0].message


def test_a_warning_counts_and_the_thresholds_of_the_test_are_kept(bench: Workbench) -> None:
    outside = Outside(bench, "few")
    for numbers in ([1, 2], [-1, 2], [-1, -2]):
        outside.write(numbers)
    found = bench.client.checks.bisect("few_are_negative", every=True)
    assert [(each.verdict, each.failures) for each in found.evaluations] == [
        ("passed", 0),
        ("passed", 1),
        ("failed", 2),
    ]


def test_it_is_cancelled_in_the_middle_of_an_evaluation(bench: Workbench) -> None:
    begun: list[float] = []

    def cancelled() -> bool:
        begun.append(0)
        return len(begun) > 60

    speak: Any = bench.client.checks
    with pytest.raises(Cancelled):
        speak.bisect("is_slow", cancelled=cancelled)
    # The engine is at it no more: another bisection has its turn.
    assert eventually(lambda: bench.client.checks.bisect("few_are_negative").moments == 3)


def test_words_that_name_no_test_are_refused_with_the_next_step(bench: Workbench) -> None:
    with pytest.raises(NoSuchNode):
        bench.client.checks.bisect("nothing")
    with pytest.raises(UsageError, match=UNIQUE):
        bench.client.checks.bisect("stg_orders")
    with pytest.raises(UsageError, match="unit test"):
        bench.client.checks.bisect("adds_up")
    with pytest.raises(UsageError, match="reads no table"):
        bench.client.checks.bisect("reads_nothing")
