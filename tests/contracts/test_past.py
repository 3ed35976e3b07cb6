"""The whole bench as it was, against what the real one had told at the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floe_bench.events import AssetsChanged, SnapshotsRead
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.table import Table
from floe_bench.state import BenchState, reduce
from floe_bench.tui.past.board import board_then
from tests.contracts.workbench import Workbench, opened, shop

ORDERS = "order_id,customer_id,amount\n1,1,10\n2,1,5\n3,2,7\n4,2,8\n"
STAGED, TOTALS = "staging/stg_orders", "shop/customer_totals"
MODEL = "models/staging/stg_orders.sql"


@dataclass
class Told:
    """What the bench said at a time at which nothing was going on."""

    at: datetime
    assets: dict[str, Asset]
    tables: tuple[Table, ...]


@dataclass
class Story:
    bench: Workbench
    told: dict[str, Told]


def looked(bench: Workbench, *, wants: dict[str, AssetStatus]) -> Told:
    """Once ``wants`` is so, and everybody was told of it; times of commits are milliseconds."""

    def now() -> dict[str, Asset]:
        return {asset.asset: asset for asset in bench.client.assets()}

    def told() -> bool:
        known = bench.client.assets()
        return bool(bench.events(AssetsChanged)) and bench.events(AssetsChanged)[-1].assets == known

    bench.until(lambda: all(now()[key].status is status for key, status in wants.items()), f"{wants}")
    bench.until(told, "who listens knows it, too")
    before = datetime.now(UTC)
    bench.until(lambda: (datetime.now(UTC) - before).total_seconds() > 0.01, "another millisecond")
    return Told(datetime.now(UTC), now(), bench.client.tables())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Made; an input made anew; a model broken; mended; a table taken back."""
    root = shop(tmp_path_factory.mktemp("past") / "shop")
    fresh, stale = AssetStatus.FRESH, AssetStatus.STALE
    with opened(root) as bench:
        told = {"nothing": looked(bench, wants={STAGED: AssetStatus.NEVER})}
        assert bench.run().status == "success"
        told["made"] = looked(bench, wants={STAGED: fresh, TOTALS: fresh})
        (root / "seeds/raw_orders.csv").write_text(ORDERS)
        assert bench.run(select="raw_orders").status == "success"
        told["input"] = looked(bench, wants={STAGED: stale, TOTALS: fresh})
        broken_then_mended(bench, root, told)
        plan = bench.client.undo.plan(asset="customer_totals")
        bench.client.undo.apply(plan)
        told["undone"] = looked(bench, wants={TOTALS: stale})
        yield Story(bench, told)


def broken_then_mended(bench: Workbench, root: Path, told: dict[str, Told]) -> None:
    model = (root / MODEL).read_text()
    (root / MODEL).write_text("select nothing from {{ ref('raw_orders') }}\n")
    assert bench.run(select="stg_orders").status == "failed"
    told["failed"] = looked(bench, wants={STAGED: AssetStatus.FAILED})
    (root / MODEL).write_text(model)
    assert bench.run(select="stg_orders+").status == "success"
    told["mended"] = looked(bench, wants={STAGED: AssetStatus.FRESH, TOTALS: AssetStatus.FRESH})


@pytest.fixture(scope="module")
def state(story: Story) -> BenchState:
    """All that a screen knows in the end."""
    state = BenchState()
    for _, event in list(story.bench.heard):
        state = reduce(state, event)
    for table, snapshots in story.bench.client.past.snapshots().items():
        state = reduce(state, SnapshotsRead(table, snapshots))
    return state


MOMENTS = ("nothing", "made", "input", "failed", "mended", "undone")


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_said_of_the_past_is_what_was_said_then(story: Story, state: BenchState, moment: str) -> None:
    told = story.told[moment]
    then = board_then(state, told.at).assets or {}
    said = {key: (asset.status, asset.rows) for key, asset in then.items()}
    known = {key: each for key, each in said.items() if each[0] is not AssetStatus.UNKNOWN}
    assert known == {key: (told.assets[key].status, told.assets[key].rows) for key in known}
    assert {key: rows for key, (_, rows) in said.items()} == {key: asset.rows for key, asset in told.assets.items()}


def test_what_nothing_that_is_kept_says_is_little(story: Story, state: BenchState) -> None:
    unknown = {
        (moment, key)
        for moment, told in story.told.items()
        for key, asset in (board_then(state, told.at).assets or {}).items()
        if asset.status is AssetStatus.UNKNOWN
    }
    # Before every run nobody knows of earlier ones; the seed's file changed some time after it was loaded first.
    assert {each for each in unknown if each[0] != "nothing"} == {("made", "shop/raw_orders")}


@pytest.mark.parametrize("moment", MOMENTS)
def test_tables_are_listed_as_they_had_been(story: Story, moment: str) -> None:
    told = story.told[moment]
    written = [each for each in told.tables if each.snapshot_id is not None]
    found = story.bench.client.past.tables(told.at.isoformat())
    facts = [(each.table, each.snapshot_id, each.rows, each.files, each.bytes, each.updated_at) for each in found]
    assert facts == [
        (each.table, each.snapshot_id, each.rows, each.files, each.bytes, each.updated_at) for each in written
    ]


def test_histories_are_told_of_the_tables_that_are_asked_for(story: Story) -> None:
    found = story.bench.client.past.snapshots(("staging.stg_orders", "staging.gone"))
    assert list(found) == ["staging.stg_orders"]
    assert found["staging.stg_orders"] == story.bench.client.snapshots("staging.stg_orders")
