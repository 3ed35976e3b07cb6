"""How cost grows with a project: opening it, saving a file, and what the screen works out, from 100 models on.

python benchmarks/scale.py [MODELS …]

Models stand in chains of five over a seed, each reading the one before and one of the chain beside it. Beside opening
stands dbt's own ``dbt parse`` of the same project, the least that any tool has to wait for the first time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from math import log10
from pathlib import Path

import plotext  # type: ignore[import-untyped]
from loop import BIN, bench

from floe_bench.config.project import find_project
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from floe_bench.events import Booted, PhaseEnded, ProjectReread
from floe_bench.state import BenchState
from floe_bench.tui.filter import kept
from floe_bench.tui.lineage import lineage_of
from floe_bench.tui.plan import plans
from floe_bench.tui.view import ASSETS, Selection, View

SIZES = (100, 1_000, 10_000)
CHAIN = 5


def main(sizes: tuple[int, ...]) -> None:
    print("seconds     models" + "".join(f"{size:>10,}" for size in sizes))
    columns = [measured(size) for size in sizes]
    for name in columns[0]:
        print(f"{name:<18}" + "".join(f"{column[name]:>10.3f}" for column in columns))
    if len(sizes) > 1:
        print()
        print(plotted(sizes, columns))
    print()
    print(f"opening {sizes[-1]:,} again, step by step; some go on beside others")
    for name, seconds in PHASES.items():
        print(f"  {name:<16}{seconds:>10.3f}")


def plotted(sizes: tuple[int, ...], columns: list[dict[str, float]]) -> str:
    """Seconds over models, ten times as much at each tick of both axes: what grows with the project is a diagonal."""
    plotext.clear_figure()
    plotext.plotsize(90, 24)
    marks = {"dbt parse": "p", "open, first time": "o", "open again": "a", "a file is saved": "s", "preview": "v"}
    for name, mark in marks.items():
        seconds = [log10(max(column[name], 0.001)) for column in columns]
        plotext.plot([log10(size) for size in sizes], seconds, label=name, marker=mark)
    ticks = (0.001, 0.01, 0.1, 1, 10, 100)
    plotext.xticks([log10(size) for size in sizes], [f"{size:,}" for size in sizes])
    plotext.yticks([log10(tick) for tick in ticks], [f"{tick:g} s" for tick in ticks])
    plotext.xlabel("models")
    return "\n".join(line.rstrip() for line in str(plotext.uncolorize(plotext.build())).splitlines())


def measured(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        project = written(Path(folder) / "shop", size)
        found: dict[str, float] = {}
        started = time.perf_counter()
        with bench(project) as client:
            found["open, first time"] = time.perf_counter() - started
            found["dbt parse"] = took(lambda: parse(project, Path(folder), client))
            found["a file is saved"] = saved(project, client)
            found |= worked_out(client)
        found["open again"] = again(project)
    order = ("dbt parse", "open, first time", "open again", "a file is saved", "assets", "filter", "lineage", "preview")
    return {name: found[name] for name in order}


PHASES: dict[str, float] = {}
"""Of the boot that ``again`` measured last."""


def again(project: Path) -> float:
    PHASES.clear()
    started = time.perf_counter()
    client = connect(find_project(project))
    assert client is not None
    for event in client.events():
        if isinstance(event, PhaseEnded):
            PHASES[event.phase] = event.duration_s
        if isinstance(event, Booted):
            break
    took = time.perf_counter() - started
    client.close()
    return took


def written(root: Path, size: int) -> Path:
    """A project of ``size`` models and one seed."""
    (root / "models").mkdir(parents=True)
    (root / "seeds").mkdir()
    (root / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    (root / "seeds" / "raw.csv").write_text("id,amount\n1,10\n2,20\n")
    for index in range(size):
        chain, place = divmod(index, CHAIN)
        folder = root / "models" / f"area_{chain // 20}"
        folder.mkdir(exist_ok=True)
        reads = [f"m{index - 1}" if place else "raw", *([f"m{index - CHAIN}"] if chain and place else [])]
        union = " union all ".join(f"select id, amount from {{{{ ref('{each}') }}}}" for each in reads)
        (folder / f"m{index}.sql").write_text(f"{union}\n")
    return root


def parse(project: Path, folder: Path, client: EngineClient) -> None:
    profiles = folder / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(client.connect("dbt", show_secrets=True))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    options = ["--quiet", "--profiles-dir", str(profiles), "--target-path", str(folder / "target")]
    done = subprocess.run(
        [str(BIN / "dbt"), "parse", *options], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


def saved(project: Path, client: EngineClient) -> float:
    """From the write of a model to the project that was read again."""
    events = client.events()
    model = next((project / "models").rglob("m7.sql"))
    started = time.perf_counter()
    model.write_text(model.read_text() + "-- saved\n")
    next(event for event in events if isinstance(event, ProjectReread))
    return time.perf_counter() - started


def worked_out(client: EngineClient) -> dict[str, float]:
    """Staleness in the engine (``assets``), and what one key makes the screen work out."""
    found = client.assets()
    assets = {asset.asset: asset for asset in found}
    last = list(assets)[-1]
    state, view = BenchState(assets=assets), View(selection=Selection(ASSETS, (last,)))
    return {
        "assets": took(client.assets),
        "filter": took(lambda: kept(found, "status:never m77")),
        "lineage": took(lambda: lineage_of(assets, last)),
        "preview": took(lambda: plans(state, view)),
    }


def took(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or SIZES)
