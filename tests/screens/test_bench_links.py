"""What belongs together is marked, in every direction."""

from __future__ import annotations

import shop
from stage import NARROW, playing, stage


async def test_selecting_an_asset_marks_its_runs_and_its_snapshots() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        runs, snapshots = bench.marked("RunsPane"), bench.marked("SnapshotsPane")
        assert [line.split()[2] for line in runs if line[0] in "▾▸"] == ["7f3a", "91bc"]
        assert [line.split()[1] for line in snapshots] == ["…8841", "…6476", "…5369", "…4417", "…0093"]


async def test_selecting_a_snapshot_marks_the_run_and_the_asset_that_made_it() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("3")
        snapshots = bench.app.screen.query_one("SnapshotsPane")
        await bench.until(lambda: bench.app.view.selection.snapshot_id == shop.snapshots()[-1].snapshot_id)
        assert [line.split()[1] for line in bench.marked("AssetsPane")] == ["stg_support_tickets"]
        assert any("7f3a" in line for line in bench.marked("RunsPane"))
        assert not any("91bc" in line for line in bench.marked("RunsPane"))
        await bench.press("j")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_91BC)
        assert any("91bc" in line for line in bench.marked("RunsPane"))
        assert not any("7f3a" in line for line in bench.marked("RunsPane"))
        assert snapshots.has_focus_within


async def test_selecting_a_run_marks_the_assets_it_touched_and_the_snapshots_it_committed() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_7F3A)
        await bench.settled()
        assert [line.split()[1][:9] for line in bench.marked("AssetsPane")] == ["stg_suppo", "int_custo"]
        assert [line.split()[-1] for line in bench.marked("SnapshotsPane")] == ["7f3a"]


async def test_selecting_a_node_shows_the_snapshots_of_its_table() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("2", "j")
        await bench.until(lambda: bench.app.view.table == "staging.stg_support_tickets")
        await bench.settled()
        assert [line.split()[1] for line in bench.marked("SnapshotsPane")] == ["…8841"]


async def test_a_snapshot_that_we_did_not_make_says_so_and_marks_nothing() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        await bench.press("3", "j", "j", "j", "j")
        foreign = shop.snapshots()[1].snapshot_id
        await bench.until(lambda: bench.app.view.selection.snapshot_id == foreign)
        line = next(line for line in bench.pane("SnapshotsPane").splitlines() if "…2210" in line)
        assert "◇" in line and "not by us" in line
        assert "spark.app.id local-1763812" in bench.detail("SnapshotsPane")
        assert bench.marked("AssetsPane") == [] and bench.marked("RunsPane") == []


async def test_a_rewrite_that_changed_nothing_says_so() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.select("staging/stg_support_tickets")
        line = next(line for line in bench.pane("SnapshotsPane").splitlines() if "…4417" in line)
        assert "unchanged" in line


async def test_going_to_another_pane_lands_on_the_counterpart() -> None:
    async with stage(playing(), size=NARROW) as bench:
        await bench.settled()
        await bench.select("marts/mart_customer_360")
        await bench.press("2")
        await bench.until(lambda: bench.app.view.selection.run_id == shop.RUN_91BC)
