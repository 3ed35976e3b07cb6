"""A publish whose engine is killed, at whatever moment: all tables or none, said at the next start, and not stuck."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from pyiceberg.catalog import Catalog

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import BenchError
from floe_bench.events import PhaseEnded
from floe_bench.model.rehearsal import Rehearsal, RehearsalState
from floe_bench.model.run import RunRequest
from tests.contracts.test_undo import stack_of
from tests.contracts.workbench import PATIENCE_S, Workbench, kill_left, opened, shop

SEED, HEAD = "seeds/raw_orders.csv", "order_id,customer_id,amount\n"
RAW, STAGED, TOTALS = "shop.raw_orders", "staging.stg_orders", "shop.customer_totals"
TABLES = (RAW, STAGED, TOTALS)

Seen = Callable[[], bool]
"""Whether the moment has come, as somebody outside of the engine sees it."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = shop(tmp_path_factory.mktemp("killed") / "shop", without=("floe-bench.toml", "shop_assets.py"))
    try:
        with opened(root, end=False) as bench:
            assert bench.run().status == "success"
        yield root
    finally:
        kill_left(root)


def recorded(bench: Workbench, found: Rehearsal, _: Catalog) -> Seen:
    file = bench.state / "rehearsals" / f"{found.rehearsal_id}.json"
    return lambda: json.loads(file.read_bytes())["state"] != "running"


def moved(bench: Workbench, found: Rehearsal, catalog: Catalog) -> Seen:
    last = found.tables[-1]
    return lambda: catalog.load_table(last.table).metadata.current_snapshot_id == last.head


def first_branch_gone(bench: Workbench, found: Rehearsal, catalog: Catalog) -> Seen:
    return lambda: any(found.branch not in catalog.load_table(each.table).metadata.refs for each in found.tables)


def later(wait_s: float) -> Callable[[Workbench, Rehearsal, Catalog], Seen]:
    def moment(bench: Workbench, found: Rehearsal, catalog: Catalog) -> Seen:
        begun = time.monotonic()
        return lambda: time.monotonic() - begun >= wait_s

    moment.__name__ = f"after {wait_s * 1000:.0f} ms"
    return moment


MOMENTS = (recorded, moved, first_branch_gone, *(later(wait_s) for wait_s in (0.0, 0.03)))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("moment", MOMENTS, ids=[each.__name__ for each in MOMENTS])
def test_all_tables_are_published_or_none_and_it_goes_on_from_there(
    root: Path, moment: Callable[[Workbench, Rehearsal, Catalog], Seen]
) -> None:
    with opened(root, end=False) as bench:
        found = rehearse(bench)
        before = heads(bench)
        publish_and_kill(bench, found, moment(bench, found, open_catalog(stack_of(bench))))

    with opened(root, end=False) as bench:
        wanted = {each.table: each.head for each in found.tables}
        now = heads(bench)
        assert now in (before, {**before, **wanted}), "some tables are published, and some are not"
        status = bench.client.rehearsing.status
        begun = RehearsalState.PUBLISHING
        bench.until(lambda: status(found.rehearsal_id).state is not begun, "the start settles it")
        settled = status(found.rehearsal_id)
        assert settled.state is (RehearsalState.READY if now == before else RehearsalState.PUBLISHED), settled.note
        assert {each.table for each in settled.tables} == set(wanted)
        if settled.note:
            said = lambda: " ".join(each.detail for each in bench.events(PhaseEnded))  # noqa: E731
            bench.until(lambda: settled.note in said(), "what was done about it is said at the start")

        if settled.state is RehearsalState.READY:
            assert bench.client.rehearsing.publish(found.rehearsal_id).state is RehearsalState.PUBLISHED
        assert heads(bench) == {**before, **wanted}
        catalog = open_catalog(stack_of(bench))
        assert all(set(catalog.load_table(each).metadata.refs) == {"main"} for each in wanted), "its branches are gone"
        assert bench.asset("staging/stg_orders").last_run_id == found.run_id, "Dagster was told"
        bench.client.undo.apply(bench.client.undo.plan(run_id=found.run_id))
        assert heads(bench) == before


def rehearse(bench: Workbench) -> Rehearsal:
    orders = "".join(f"{number},1,{number}\n" for number in range(1, 3 + time.time_ns() % 97))
    (bench.root / SEED).write_text(HEAD + orders)
    begun = bench.client.rehearsing.start(RunRequest(select="raw_orders stg_orders customer_totals"))
    bench.over(begun.run_id)
    found = bench.client.rehearsing.status(begun.rehearsal_id)
    assert (found.state, {each.table for each in found.tables}) == (RehearsalState.READY, set(TABLES))
    return found


def heads(bench: Workbench) -> dict[str, int | None]:
    return {each.table: each.snapshot_id for each in bench.client.tables() if each.table in TABLES}


def publish_and_kill(bench: Workbench, found: Rehearsal, has_come: Seen) -> None:
    engine = psutil.Process(bench.client.engine_pid)

    def publish() -> None:
        with suppress(BenchError):  # the engine dies under it
            bench.client.rehearsing.publish(found.rehearsal_id)

    asking = threading.Thread(target=publish, daemon=True)
    asking.start()
    deadline = time.monotonic() + PATIENCE_S
    while not has_come() and asking.is_alive() and time.monotonic() < deadline:
        continue
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait(PATIENCE_S)
    asking.join(PATIENCE_S)
