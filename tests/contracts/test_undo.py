"""Undo with the real engine, dbt and Dagster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.errors import CommitConflict, NothingToUndo
from floe_bench.events import PhaseEnded
from floe_bench.model.stack import Endpoints
from floe_bench.model.undo import UndoState
from tests.contracts.workbench import PATIENCE_S, Workbench, opened, shop

ORDERS = "order_id,customer_id,amount\n1,1,10\n2,1,5\n3,2,7\n4,2,8\n"
STAGED, TOTALS, BEST = "staging.stg_orders", "shop.customer_totals", "python.best__customer"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    root = shop(tmp_path_factory.mktemp("undo") / "shop")
    with opened(root) as bench:
        assert bench.run().status == "success"
        (root / "seeds/raw_orders.csv").write_text(ORDERS)
        assert bench.run().status == "success"
        yield bench


def rows(bench: Workbench, table: str) -> list[tuple[object, ...]]:
    found = bench.client.query(f"select * from {table}", 1000).rows
    assert sorted(found) == sorted(bench.client.rows(table).rows)
    return sorted(found)


def stack_of(bench: Workbench) -> Endpoints:
    return ProcessStack(load_spec("embedded"), state_dir=bench.state).attach()


def test_a_materialization_goes_back_with_all_that_was_made_from_it_and_comes_again(bench: Workbench) -> None:
    before = {table: rows(bench, table) for table in (STAGED, TOTALS, BEST)}
    plan = bench.client.undo.plan(asset="stg_orders", downstream=True)
    assert [table.table for table in plan.tables] == [STAGED, TOTALS, BEST]
    assert plan.together and not plan.others
    staged, totals, _ = plan.tables
    assert (staged.rows_before, staged.rows_after, staged.rows_lost, staged.rows_regained) == (4, 3, 1, 0)
    assert (totals.rows_lost, totals.rows_regained) == (1, 1)
    undo = bench.client.undo.apply(plan)
    assert (undo.state, undo.told) == (UndoState.UNDONE, True)
    assert len(rows(bench, STAGED)) == 3 and rows(bench, TOTALS)[1][2] == 7
    for table, key in ((staged, "staging/stg_orders"), (totals, "shop/customer_totals")):
        found = bench.asset(key)
        assert found.snapshot_id == table.move.after.snapshot_id
        assert (found.status, found.why_stale) == ("stale", (f"taken back to snapshot {found.snapshot_id}",))
        assert found.rows == table.rows_after
    bench.client.undo.apply(bench.client.undo.plan_redo(undo.undo_id[:4]))
    assert {table: rows(bench, table) for table in before} == before
    assert bench.asset("staging/stg_orders").status == "fresh"
    assert bench.client.undo.history(1)[0].state is UndoState.REDONE


def test_dagster_knows_of_it_and_why(bench: Workbench) -> None:
    import dagster as dg

    undo = bench.client.undo.apply(bench.client.undo.plan(asset="stg_orders"))
    bench.client.undo.apply(bench.client.undo.plan_redo())
    with dg.DagsterInstance.from_config(str(bench.state / "dagster")) as instance:
        found = instance.fetch_observations(dg.AssetKey(["staging", "stg_orders"]), limit=2).records
    told = [record.asset_observation for record in found]
    assert all(each is not None and each.metadata["floe/undo_id"].value == undo.undo_id for each in told)
    words = [each.description or "" for each in told if each is not None]
    assert "brought forward" in words[0] and "taken back to snapshot" in words[1] and "stg_orders" in words[1]


def test_before_its_first_write_a_table_reads_as_empty_and_the_same_snapshot_comes_back(bench: Workbench) -> None:
    before, head = rows(bench, TOTALS), bench.asset("shop/customer_totals").snapshot_id
    undos = [bench.client.undo.apply(bench.client.undo.plan(asset="customer_totals")) for _ in range(2)]
    assert rows(bench, TOTALS) == []
    found = bench.asset("shop/customer_totals")
    assert (found.status, found.rows) == ("stale", 0)
    assert found.why_stale == ("taken back to before its first write: it is empty",)
    with pytest.raises(NothingToUndo):
        bench.client.undo.plan(asset="customer_totals")
    for _ in undos:
        bench.client.undo.apply(bench.client.undo.plan_redo())
    assert rows(bench, TOTALS) == before
    assert bench.asset("shop/customer_totals").snapshot_id == head


def test_a_run_is_taken_back_in_every_table_that_it_wrote(bench: Workbench) -> None:
    run = bench.client.runs(1)[0].run_id
    plan = bench.client.undo.plan(run_id=run[:8])
    assert {table.asset for table in plan.tables} >= {"shop/raw_orders", "staging/stg_orders", "shop/customer_totals"}
    bench.client.undo.apply(plan)
    assert len(rows(bench, "shop.raw_orders")) == 3
    bench.client.undo.apply(bench.client.undo.plan_redo())
    assert len(rows(bench, "shop.raw_orders")) == 4


def test_a_table_that_was_taken_back_is_made_anew_like_any_other(bench: Workbench) -> None:
    bench.client.undo.apply(bench.client.undo.plan(asset="stg_orders"))
    assert bench.run(select="stg_orders").status == "success"
    assert bench.asset("staging/stg_orders").status == "fresh"
    assert len(rows(bench, STAGED)) == 4
    with pytest.raises(CommitConflict, match=STAGED):
        bench.client.undo.plan_redo()


def test_somebody_who_writes_after_the_plan_was_shown_keeps_what_was_written(bench: Workbench) -> None:
    plan = bench.client.undo.plan(asset="customer_totals", downstream=True)
    before = rows(bench, BEST)
    table = open_catalog(stack_of(bench)).load_table(("shop", "customer_totals"))
    table.append(table.scan().to_arrow().slice(0, 1))
    written = rows(bench, TOTALS)
    with pytest.raises(CommitConflict, match=TOTALS):
        bench.client.undo.apply(plan)
    assert (rows(bench, TOTALS), rows(bench, BEST)) == (written, before)
    again = bench.client.undo.plan(asset="customer_totals")
    assert len(again.others) == 1 and again.tables[0].rows_before == len(written)


KILLED = """
import json, os, signal, sys
from pathlib import Path
from tests.contracts.undoing import Mill
from tests.contracts.lakehouse import unpacked

mill = Mill(unpacked(json.load(sys.stdin)), Path(sys.argv[1]), together=False, namespace="shop")
mill.assets = lambda: ASSETS
moved = []
move = mill.reader.move

def then_die(moves):
    move(moves)
    os.kill(os.getpid(), signal.SIGKILL)

mill.reader.move = then_die
undo = mill.undo()
undo.apply(undo.plan(asset="stg_orders", downstream=True))
"""


@pytest.mark.parametrize("written", [False, True])
def test_killed_between_two_tables_the_next_start_finishes_or_rolls_back_and_says_so(
    tmp_path: Path, written: bool
) -> None:
    root = shop(tmp_path / "shop")
    with opened(root, end=False) as bench:
        assert bench.run().status == "success"
        (root / "seeds/raw_orders.csv").write_text(ORDERS)
        assert bench.run().status == "success"
        endpoints = stack_of(bench)
        heads = {asset.table: asset.snapshot_id for asset in bench.client.assets()}
        _undo_and_die(bench, endpoints)
        assert bench.asset("staging/stg_orders").snapshot_id != heads[STAGED]
        assert bench.asset("shop/customer_totals").snapshot_id == heads[TOTALS]
        if written:
            table = open_catalog(endpoints).load_table(("shop", "customer_totals"))
            table.append(table.scan().to_arrow().slice(0, 1))
        engine = psutil.Process(bench.client.engine_pid)
        os.kill(engine.pid, signal.SIGKILL)
        engine.wait(PATIENCE_S)
    with opened(root) as bench:
        bench.until(lambda: [each for each in bench.events(PhaseEnded) if each.phase == "undo"], "the undo is settled")
        (phase,) = [each for each in bench.events(PhaseEnded) if each.phase == "undo"]
        assert ("rolled back" if written else "finished") in phase.detail
        (undo,) = bench.client.undo.history()
        assert undo.state is (UndoState.DROPPED if written else UndoState.UNDONE)
        staged = bench.asset("staging/stg_orders")
        assert (staged.snapshot_id == heads[STAGED]) is written
        assert len(rows(bench, TOTALS)) == (3 if written else 2)


def _undo_and_die(bench: Workbench, endpoints: Endpoints) -> None:
    """What an engine does, up to the first of two tables, then SIGKILL: a process of its own on the same files."""
    from tests.contracts.lakehouse import packed

    keys = ("staging/stg_orders", "shop/customer_totals")
    told = [(asset.asset, asset.table, asset.upstream) for asset in bench.client.assets() if asset.asset in keys]
    made = ", ".join(f"asset({key!r}, table={table!r}, upstream={upstream!r})" for key, table, upstream in told)
    script = f"from tests.builders import asset\nASSETS = ({made})\n{KILLED}"
    command = [sys.executable, "-c", script, str(bench.state)]
    done = subprocess.run(command, input=json.dumps(packed(endpoints)), capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
