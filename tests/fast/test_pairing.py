"""Which run and asset made which snapshot."""

from __future__ import annotations

from floe_bench.core.pairing import paired
from floe_bench.model.snapshot import Snapshot
from tests.builders import asset, snapshot

ORDERS = asset("staging/stg_orders")


def pair(found: Snapshot, links: dict[int, tuple[str, str]] | None = None) -> tuple[str | None, str | None]:
    (answer,) = paired([found], table="staging.stg_orders", assets=[ORDERS], links=links or {})
    return answer.run_id, answer.asset


def test_what_the_summary_says_is_believed() -> None:
    marked = snapshot(5, run_id="r1", asset="staging/other")
    assert pair(marked, {5: ("r2", "staging/stg_orders")}) == ("r1", "staging/other")


def test_a_run_id_alone_means_the_asset_of_that_table() -> None:
    assert pair(snapshot(5, run_id="r1")) == ("r1", "staging/stg_orders")


def test_a_run_id_alone_on_a_table_that_is_nobodys_asset_stays_alone() -> None:
    (found,) = paired([snapshot(5, run_id="r1")], table="other.table", assets=[ORDERS], links={})
    assert (found.run_id, found.asset) == ("r1", None)


def test_an_unmarked_snapshot_is_found_in_the_links() -> None:
    assert pair(snapshot(5), {5: ("r2", "staging/stg_orders")}) == ("r2", "staging/stg_orders")


def test_a_snapshot_that_nobody_knows_stays_unknown() -> None:
    assert pair(snapshot(5), {6: ("r2", "staging/stg_orders")}) == (None, None)


def test_order_and_everything_else_stay() -> None:
    found = paired(
        [snapshot(5, added_records=3), snapshot(6, parent_id=5)], table="x.y", assets=[], links={6: ("r", "x/y")}
    )
    assert [(each.snapshot_id, each.parent_id, each.added_records) for each in found] == [(5, None, 3), (6, 5, None)]
