"""Rows, code and failing rows, through the real engine on a real project."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.errors import Cancelled, NoSuchNode, NoSuchRun, NoSuchSnapshot, NoSuchTable, QueryFailed, UsageError
from floe_bench.model.run import Run, RunStatus
from tests.contracts.workbench import Workbench, nodes, opened, shop

STG, TOTALS = "model.shop.stg_orders", "model.shop.customer_totals"
STG_FILE = "models/staging/stg_orders.sql"
SINGULAR = "{{ config(severity='warn') }}select order_id, amount from {{ ref('stg_orders') }} where amount < 6\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("shop"), **{"tests/no_small_orders.sql": SINGULAR})


@pytest.fixture(scope="module")
def bench(root: Path) -> Iterator[Workbench]:
    with opened(root) as bench:
        yield bench


@pytest.fixture(scope="module")
def first(bench: Workbench) -> Run:
    run = bench.run()
    assert run.status is RunStatus.SUCCESS, (run, bench.last_words())
    assert nodes(run)["no_small_orders"].rows == 1
    return run


@pytest.fixture(scope="module")
def second(bench: Workbench, root: Path, first: Run) -> Run:
    """The same with another line of code."""
    (root / STG_FILE).write_text("select order_id, customer_id, amount + 0 as amount from {{ ref('raw_orders') }}\n")
    bench.client.refresh()
    return bench.run(select="stg_orders")


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_make_up_the_table_and_only_the_last_one_is_whole(bench: Workbench, first: Run) -> None:
    pages = [bench.client.rows("shop.raw_orders", offset=offset, limit=2) for offset in (0, 2)]
    assert sorted(row[0] for page in pages for row in page.rows) == [1, 2, 3]
    assert [page.truncated for page in pages] == [True, False]
    assert bench.client.rows("shop.raw_orders", offset=3).rows == ()


def test_types_are_icebergs(bench: Workbench, first: Run) -> None:
    answer = bench.client.rows("shop.customer_totals")
    assert dict(zip(answer.columns, answer.types, strict=True)) == {
        "customer_id": "int",
        "name": "string",
        "total": "long",
    }


def test_rows_of_an_old_snapshot_are_still_what_they_were(bench: Workbench, second: Run) -> None:
    snapshots = bench.client.snapshots("staging.stg_orders")
    assert len(snapshots) >= 2
    old = bench.client.rows("staging.stg_orders", snapshots[0].snapshot_id)
    assert sorted(row[2] for row in old.rows) == [5, 7, 10]


def test_a_test_of_a_property_file_says_its_line_and_a_model_has_none(bench: Workbench, root: Path, first: Run) -> None:
    test = next(node for node in first.nodes if node.kind == "test" and "not_null" in node.name)
    code = bench.client.code(first.run_id, test.node_id)
    assert code.line is not None
    assert "not_null" in (root / code.path).read_text().splitlines()[code.line - 1]
    assert bench.client.code(None, STG).line is None


def test_what_is_not_there_is_named(bench: Workbench, first: Run) -> None:
    with pytest.raises(NoSuchTable):
        bench.client.rows("shop.nothing")
    with pytest.raises(NoSuchSnapshot):
        bench.client.rows("shop.raw_orders", 1)
    with pytest.raises(UsageError, match="shows nothing"):
        bench.client.rows("shop.raw_orders", limit=0)
    with pytest.raises(UsageError, match="before the first row"):
        bench.client.rows("shop.raw_orders", offset=-1)


def test_a_slow_read_ends_on_both_sides_when_it_is_cancelled(bench: Workbench, first: Run) -> None:
    enough = threading.Event()
    threading.Timer(1.0, enough.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        bench.client.query("select count(*) from range(10000000) a, range(1000000) b", cancelled=enough.is_set)
    assert time.monotonic() - began < 30
    # DuckDB would be busy for hours otherwise, and slow to answer.
    assert bench.client.query("select 1").rows == ((1,),)


# ── code ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_code_is_what_that_run_read_and_ran(bench: Workbench, first: Run, second: Run) -> None:
    before, after = bench.client.code(first.run_id, STG), bench.client.code(second.run_id, STG)
    assert "amount + 0" not in before.source
    assert "{{ ref('raw_orders') }}" in before.source
    assert '"shop"."raw_orders"' in before.compiled
    assert before.previous is None
    assert "amount + 0" in after.source and "amount + 0" in after.compiled
    assert (after.previous, after.previous_run_id) == (before.compiled, first.run_id)
    assert (after.path, after.kind) == (STG_FILE, "model")
    assert Path(after.compiled_path).read_text() == after.compiled


def test_without_a_run_it_is_the_newest_that_compiled_it(bench: Workbench, first: Run, second: Run) -> None:
    assert bench.client.code(None, STG) == bench.client.code(second.run_id[:8], STG)
    assert bench.client.code(None, TOTALS).run_id == first.run_id


def test_a_run_that_left_a_node_out_has_its_source_and_what_was_run_before(
    bench: Workbench, first: Run, second: Run
) -> None:
    code = bench.client.code(second.run_id, TOTALS)
    assert code.compiled == ""
    assert "ref('stg_orders')" in code.source
    assert code.previous_run_id == first.run_id


def test_a_seed_a_test_and_a_python_asset_have_the_text_of_their_file(bench: Workbench, first: Run) -> None:
    assert bench.client.code(None, "seed.shop.raw_orders").source.startswith("order_id,customer_id,amount")
    assert "where amount < 6" in bench.client.code(first.run_id, "test.shop.no_small_orders").compiled
    python = bench.client.code(None, "python.python/best__customer")
    assert (python.kind, python.path, python.compiled) == ("python", "shop_assets.py", "")
    assert "def best__customer" in python.source


def test_a_node_or_run_that_nobody_knows_is_named(bench: Workbench, first: Run) -> None:
    with pytest.raises(NoSuchNode, match=r"model\.shop\.nothing"):
        bench.client.code(None, "model.shop.nothing")
    with pytest.raises(NoSuchNode):
        bench.client.code(None, "python.nothing")
    with pytest.raises(NoSuchRun):
        bench.client.code("ffffffff", STG)


# ── failing rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_failed_test_shows_the_rows_that_fail_it(bench: Workbench, first: Run) -> None:
    answer = bench.client.failing_rows(first.run_id, "test.shop.no_small_orders")
    assert answer.columns == ("order_id", "amount")
    assert answer.rows == ((2, 5),)
    generic = next(node.node_id for node in first.nodes if node.name.startswith("unique_customer_totals"))
    assert bench.client.failing_rows(first.run_id, generic).rows == ()


def test_what_is_no_test_or_was_never_compiled_has_no_failing_rows(bench: Workbench, first: Run, second: Run) -> None:
    with pytest.raises(UsageError, match="not a test"):
        bench.client.failing_rows(first.run_id, STG)
    unique = next(node.node_id for node in first.nodes if node.name.startswith("unique_customer_totals"))
    with pytest.raises(QueryFailed, match="not compiled in that run"):
        bench.client.failing_rows(second.run_id, unique)


def test_an_asset_says_which_snapshots_it_read(bench: Workbench, first: Run) -> None:
    read = bench.asset("shop/customer_totals").inputs
    assert set(read) == {"shop.raw_customers", "staging.stg_orders"}
