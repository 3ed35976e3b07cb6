"""dbt threads 1, 2 and 4: the demo, and sixteen independent models that have something to compute.

python benchmarks/threads.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil
from loop import bench, materialize, timed

from floe_bench.core.demo import copy
from floe_bench.engine.client import EngineClient

THREADS = (1, 2, 4)
MODELS = 16
MODEL = """\
select range % 1000 as id, count(*) as many, sum(hash(range, {index}) % 100) as total
from range(3000000) group by all
"""


def main(rounds: int) -> None:
    print(f"{rounds} rounds, seconds, one setting after the other in each round")
    for title, write in (("the demo", copy), (f"{MODELS} independent models", written)):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            clients = {}
            for threads in THREADS:
                project = write(Path(folder) / f"with_{threads}")
                with (project / "floe-bench.toml").open("a") as settings:
                    settings.write(f"\nthreads = {threads}\n")
                clients[threads] = stack.enter_context(bench(project))
                materialize(clients[threads], None)
            show(title, clients, rounds)


def written(root: Path) -> Path:
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: wide\nversion: '1.0'\nprofile: wide\n")
    for index in range(MODELS):
        (root / "models" / f"m{index}.sql").write_text(MODEL.format(index=index))
    return root


def show(title: str, clients: dict[int, EngineClient], rounds: int) -> None:
    times: dict[int, list[float]] = {threads: [] for threads in THREADS}
    for _ in range(rounds):
        for threads, client in clients.items():
            times[threads].append(timed(partial(materialize, client, None)))
    print(f"\n{title}")
    for threads, found in times.items():
        figures = f"min {min(found):6.2f}  median {statistics.median(found):6.2f}  max {max(found):6.2f}"
        print(f"  {threads} thread{'s' if threads > 1 else ' '}  {figures}")
    best = min(times, key=lambda threads: statistics.median(times[threads]))
    print(f"  best of {psutil.cpu_count()} processors: {best}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
