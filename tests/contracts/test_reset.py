"""Starting over on one stack of a project that has two."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.run import RunRequest
from tests.contracts.workbench import eventually, opened, shop

EMBEDDED = Path(__file__).parents[2] / "stacks" / "embedded"
SECOND = "./second"


def seeded(client: EngineClient) -> str:
    run_id = client.submit(RunRequest("raw_orders"))
    assert eventually(lambda: client.run(run_id).status.over)
    return run_id


@pytest.mark.timeout(900)
def test_the_run_history_stays_until_the_last_stack_with_data_is_reset(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", without=("shop_assets.py",), **{"floe-bench.toml": f'stack = "{SECOND}"\n'})
    shutil.copytree(EMBEDDED, root / "second")
    with opened(root, stack="embedded") as bench:
        first = seeded(bench.client)
    with opened(root, stack=SECOND) as bench:
        second = seeded(bench.client)
        found = bench.client.reset()
        assert any("in " + str(bench.state / "stack" / "second") in each for each in found.deleted)
        assert not any("run history" in each for each in found.deleted)
        (kept,) = found.kept
        assert "the run history" in kept and kept.endswith("they tell of tables in embedded, too")
    with opened(root, stack="embedded") as bench:
        assert [run.run_id for run in bench.client.runs()] == [second, first]
        assert len(bench.client.rows("shop.raw_orders").rows) == 3
        found = bench.client.reset()
        assert any("run history" in each for each in found.deleted) and found.kept == ()
    with opened(root, stack="embedded") as bench:
        assert bench.client.runs() == ()
