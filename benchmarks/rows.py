"""Many rows through one model: time, and the most memory that the process which makes it holds.

python benchmarks/rows.py [ROWS …]

Beside it stands plain dbt-duckdb, which writes the same rows into a DuckDB file of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
from loop import BIN, bench, materialize

from floe_bench.engine.client import EngineClient

SIZES = (1_000_000, 10_000_000, 100_000_000)
LIMIT, TIGHT = "1GB", "500MB"
MODEL = (
    "select range as id, (range * 7919) % 1000003 as amount, 'customer ' || range % 5000 as name from range({rows})\n"
)


def main(sizes: tuple[int, ...]) -> None:
    print(f"one model, DuckDB with {LIMIT}; the most that its process holds (RSS)")
    print(f"{'rows':>13}{'floe-bench':>14}{'memory':>12}{'plain dbt-duckdb':>20}{'memory':>12}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = written(Path(folder) / "many", rows)
            ours, held = by_us(root, rows)
            plain, its = watched(partial(plain_dbt, root, Path(folder)), psutil.Process().children)
        print(f"{rows:>13,}{ours:>12.1f} s{held:>9,.0f} MB{plain:>18.1f} s{its:>9,.0f} MB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        ours, held = by_us(written(Path(folder) / "many", max(sizes), TIGHT), max(sizes))
    print(f"{max(sizes):>13,}{ours:>12.1f} s{held:>9,.0f} MB    with {TIGHT}")


def by_us(root: Path, rows: int) -> tuple[float, float]:
    with bench(root) as client:
        found = watched(lambda: materialize(client, None), lambda: children_of_parent(client))
        ((count,),) = client.query("select count(*) from many.many").rows
        assert count == rows, count
        return found


def written(root: Path, rows: int, limit: str = LIMIT) -> Path:
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: many\nversion: '1.0'\nprofile: many\nmodels: {+materialized: table}\n")
    (root / "floe-bench.toml").write_text(f'memory_limit = "{limit}"\n')
    (root / "models" / "many.sql").write_text(MODEL.format(rows=rows))
    return root


def plain_dbt(root: Path, folder: Path) -> None:
    profiles = folder / "plain"
    profiles.mkdir()
    output = f"{{type: duckdb, path: '{folder / 'plain.duckdb'}', config_options: {{memory_limit: {LIMIT}}}}}"
    (profiles / "profiles.yml").write_text(f"many: {{target: dev, outputs: {{dev: {output}}}}}\n")
    options = ["--quiet", "run", "--profiles-dir", str(profiles), "--target-path", str(folder / "target")]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([str(BIN / "dbt"), *options], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def children_of_parent(client: EngineClient) -> list[psutil.Process]:
    parents = [each for each in psutil.Process(client.engine_pid).children() if each.name() != "weed"]
    return [child for each in parents for child in each.children()]


def watched(action: Callable[[], None], processes: Callable[[], list[psutil.Process]]) -> tuple[float, float]:
    """Seconds, and the most megabytes that one of the processes held."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for process in processes():
                with suppress(psutil.Error):
                    most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    try:
        action()
    finally:
        took = time.perf_counter() - started
        over.set()
        watcher.join()
    return took, most[0] / 1e6


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or SIZES)
