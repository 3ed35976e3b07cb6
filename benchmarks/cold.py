"""From nothing that runs to the first asset on the screen, beside ``dagster dev`` to its first answer.

python benchmarks/cold.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pexpect
from beside import Tools
from loop import bench, materialize

from floe_bench.config.project import find_project
from floe_bench.core.demo import copy
from floe_bench.engine.reach import connect

ASSET = "mart_customers"
WAIT_S = 120
SELDOM = 2
"""Rounds of what takes a minute each."""


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = copy(Path(folder) / "demo")
        with bench(root) as client:
            materialize(client, None)
            tools = Tools.made(root, Path(folder) / "beside", client)
        times: dict[str, list[float]] = {"floe-bench": [], "dagster dev": []}
        for number in range(rounds):
            times["floe-bench"].append(on_screen(root))
            if number < SELDOM:
                times["dagster dev"].append(first_answer(tools))
    print(
        "nothing runs yet, the project was built before; seconds to the first asset on the screen, to the first answer"
    )
    for name, found in times.items():
        figures = f"min {min(found):6.2f}  median {statistics.median(found):6.2f}  max {max(found):6.2f}"
        print(f"  {name:<20} {figures}   {len(found)} rounds")


def on_screen(root: Path) -> float:
    start = time.perf_counter()
    app = pexpect.spawn(
        sys.executable, ["-m", "floe_bench", "--project", str(root)], dimensions=(40, 140), timeout=WAIT_S
    )
    app.expect_exact(ASSET)
    took = time.perf_counter() - start
    app.send("q")
    app.expect(pexpect.EOF)
    app.close()
    while (client := connect(find_project(root), start=False)) is not None:  # until its engine has ended, too
        client.close()
        time.sleep(0.1)
    return took


def first_answer(tools: Tools) -> float:
    start = time.perf_counter()
    with ExitStack() as stack:
        stack.enter_context(tools.dagster_dev())
        return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
