"""Rehearsals with the real engine, dbt and Dagster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import CommitConflict, NoSuchRehearsal, NoSuchTable, RehearsalRefused
from floe_bench.model.asset import Asset
from floe_bench.model.rehearsal import Rehearsal, RehearsalState
from floe_bench.model.run import RunRequest
from tests.contracts.test_undo import stack_of
from tests.contracts.workbench import Workbench, nodes, opened, shop

SEED, MODEL = "seeds/raw_orders.csv", "models/staging/stg_orders.sql"
HEAD = "order_id,customer_id,amount\n"
RAW, STAGED, TOTALS = "shop.raw_orders", "staging.stg_orders", "shop.customer_totals"
SELECTION = "raw_orders stg_orders customer_totals"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("rehearsal") / "shop")) as bench:
        assert bench.run().status == "success"
        yield bench


@pytest.fixture
def catalog(bench: Workbench) -> Catalog:
    return open_catalog(stack_of(bench))


@pytest.fixture(autouse=True)
def _nothing_left(bench: Workbench) -> Iterator[None]:
    yield
    for each in bench.client.rehearsing.rehearsals():
        if not each.state.over:
            bench.client.rehearsing.discard(each.rehearsal_id)


def rehearse(bench: Workbench, orders: str, *, select: str = SELECTION, model: str = "") -> Rehearsal:
    (bench.root / SEED).write_text(HEAD + orders)
    if model:
        (bench.root / MODEL).write_text(model)
    begun = bench.client.rehearsing.start(RunRequest(select=select))
    bench.over(begun.run_id)
    return bench.client.rehearsing.status(begun.rehearsal_id)


def rows(bench: Workbench, table: str) -> list[tuple[object, ...]]:
    return sorted(bench.client.query(f"select * from {table}", 1000).rows)


def known(asset: Asset) -> tuple[object, ...]:
    return asset.status, asset.snapshot_id, asset.last_run_id, asset.materialized_at, asset.checks_passed


def refs(catalog: Catalog, table: str) -> set[str]:
    return set(catalog.load_table(table).metadata.refs)


def test_a_rehearsal_changes_nothing_for_others_until_it_is_published_and_can_be_undone(
    bench: Workbench, catalog: Catalog
) -> None:
    assets = {each.asset: known(each) for each in bench.client.assets()}
    before = {table: rows(bench, table) for table in (RAW, STAGED, TOTALS)}
    found = rehearse(bench, "1,1,10\n2,1,5\n3,2,70\n4,2,1\n")
    assert found.state is RehearsalState.READY
    assert [(each.table, each.behind, each.new) for each in found.tables] == [
        (RAW, False, False), (STAGED, False, False), (TOTALS, False, False),
    ]  # fmt: skip
    run = bench.client.run(found.run_id)
    assert (run.rehearsal, run.status) == (found.rehearsal_id, "success")
    assert {"raw_orders", "stg_orders", "customer_totals", "not_null_stg_orders_order_id"} <= set(nodes(run))

    # Nobody else sees any of it: neither rows, nor status, nor Dagster's materializations.
    assert {table: rows(bench, table) for table in before} == before
    changed = {"shop/raw_orders", "staging/stg_orders", "shop/customer_totals"}
    now = {each.asset: known(each) for each in bench.client.assets()}
    assert {key: now[key][1:] for key in changed} == {key: assets[key][1:] for key in changed}

    diffs = {each.table.table: each.diff.rows for each in bench.client.rehearsing.diff()}
    assert (diffs[STAGED].added, diffs[STAGED].removed) == (2, 1)
    assert (diffs[TOTALS].changed, diffs[TOTALS].key) == (1, ("customer_id",))

    done = bench.client.rehearsing.publish(found.rehearsal_id[:4])
    assert done.state is RehearsalState.PUBLISHED
    assert rows(bench, TOTALS)[1][2] == 71 and len(rows(bench, STAGED)) == 4
    for table in done.tables:
        assert refs(catalog, table.table) == {"main"}
        assert catalog.load_table(table.table).current_snapshot().snapshot_id == table.head  # type: ignore[union-attr]
    totals = bench.asset("shop/customer_totals")
    assert (totals.status, totals.last_run_id) == ("fresh", found.run_id)
    assert bench.asset("python/best__customer").status == "stale", "it read what main had before"

    bench.client.undo.apply(bench.client.undo.plan(run_id=found.run_id))
    assert {table: rows(bench, table) for table in before} == before
    with pytest.raises(RehearsalRefused):
        bench.client.rehearsing.publish(found.rehearsal_id)


def test_somebody_who_wrote_in_between_keeps_their_rows_and_nothing_is_published(
    bench: Workbench, catalog: Catalog
) -> None:
    found = rehearse(bench, "7,1,1\n")
    before = {table: rows(bench, table) for table in (RAW, TOTALS)}
    table = catalog.load_table(STAGED)
    theirs = pa.table({"order_id": [99], "customer_id": [1], "amount": [1]}, schema=table.schema().as_arrow())
    table.append(theirs)
    assert [each.table for each in bench.client.rehearsing.status().tables if each.behind] == [STAGED]
    with pytest.raises(CommitConflict, match=STAGED):
        bench.client.rehearsing.publish()
    assert (99, 1, 1) in rows(bench, STAGED)
    assert {each: rows(bench, each) for each in before} == before
    assert bench.client.rehearsing.status(found.rehearsal_id).state is RehearsalState.READY


def test_what_is_discarded_leaves_nothing_not_even_the_table_that_was_new(bench: Workbench, catalog: Catalog) -> None:
    assert bench.run(select="raw_orders+").status == "success"
    before = {table: catalog.load_table(table) for table in (RAW, STAGED)}
    file = bench.root / "models/audit/brand_new.sql"
    file.parent.mkdir(exist_ok=True)
    file.write_text("{{ config(schema='audit') }} select count(*) as n from {{ ref('stg_orders') }}\n")
    try:
        found = rehearse(bench, "8,1,1\n9,1,1\n", select="raw_orders stg_orders brand_new")
        assert [(each.table, each.new) for each in found.tables][-1] == ("audit.brand_new", True)
        assert rows(bench, "audit.brand_new") == []
        new = next(each for each in bench.client.rehearsing.diff() if each.table.new)
        assert (new.diff.rows.added, new.diff.rows.removed) == (1, 0)
        done = bench.client.rehearsing.discard()
        assert done.state is RehearsalState.DISCARDED
        with pytest.raises(NoSuchTable):
            bench.client.snapshots("audit.brand_new")
        assert ("audit",) not in catalog.list_namespaces()
        for name, table in before.items():
            now = catalog.load_table(name)
            assert (now.metadata.refs, now.metadata.snapshots) == (table.metadata.refs, table.metadata.snapshots)
        # And a new one can be published, and reads as what it is.
        found = rehearse(bench, "8,1,1\n9,1,1\n", select="raw_orders stg_orders brand_new")
        bench.client.rehearsing.publish()
        assert rows(bench, "audit.brand_new") == [(2,)]
        assert bench.asset("audit/brand_new").status == "fresh"
        assert found.tables[-1].new
    finally:
        file.unlink()


def test_a_rehearsal_that_failed_is_not_published(bench: Workbench, catalog: Catalog) -> None:
    found = rehearse(bench, "1,1,10\n,1,5\n", select="raw_orders stg_orders")
    assert found.state is RehearsalState.FAILED, "a test failed"
    with pytest.raises(RehearsalRefused, match="failed"):
        bench.client.rehearsing.publish()
    assert found.branch in refs(catalog, STAGED)
    bench.client.rehearsing.discard()
    assert refs(catalog, STAGED) == {"main"}
    with pytest.raises(NoSuchRehearsal):
        bench.client.rehearsing.status("nothing")


def test_a_check_that_a_published_rehearsal_mended_counts_and_one_that_is_not_published_does_not(
    bench: Workbench,
) -> None:
    (bench.root / SEED).write_text(HEAD + "1,1,10\n,1,5\n")
    assert bench.run(select="raw_orders stg_orders").status == "failed"
    assert bench.asset("staging/stg_orders").status == "failed"
    assert rehearse(bench, "1,1,10\n2,1,5\n", select="raw_orders stg_orders").state is RehearsalState.READY
    assert bench.asset("staging/stg_orders").status == "failed"
    bench.client.rehearsing.publish()
    assert bench.asset("staging/stg_orders").status == "fresh"


def test_python_assets_do_not_take_part_since_their_writer_knows_no_branch(bench: Workbench) -> None:
    before: Any = rows(bench, "python.best__customer")
    runs = len(bench.client.runs())
    with pytest.raises(RehearsalRefused, match="python/best__customer is a Python asset"):
        bench.client.rehearsing.start(RunRequest(select="raw_orders asset:python/best__customer"))
    assert len(bench.client.runs()) == runs, "nothing was started"
    begun = rehearse(bench, "1,1,1000\n2,2,1\n", select="raw_orders+")
    assert "best__customer" not in nodes(bench.client.run(begun.run_id))
    assert (rows(bench, "python.best__customer"), begun.note) == (before, "")


def test_a_rehearsal_of_everything_says_which_python_assets_it_leaves_out(bench: Workbench) -> None:
    before: Any = rows(bench, "python.best__customer")
    begun = bench.client.rehearsing.start(RunRequest(exclude="slow"))
    assert "python/best__customer" in begun.note
    bench.over(begun.run_id)
    assert "python/best__customer" in bench.client.rehearsing.status().note
    assert "best__customer" not in nodes(bench.client.run(begun.run_id))
    assert rows(bench, "python.best__customer") == before
