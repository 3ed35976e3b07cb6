"""How long each stack takes to start, again on its data, and to stop; and what its services hold.

python benchmarks/stacks.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import psutil

from floe_bench.adapters.stacks.spec import load_spec, specs
from floe_bench.errors import StackUnavailable
from floe_bench.model.stack import StackOffer
from floe_bench.wiring import plugin
from floe_bench.wiring.offer import offers


def main(rounds: int) -> None:
    for module in ("pyiceberg.catalog.rest", "pyiceberg.io.pyarrow"):
        import_module(module)  # what an engine imports meanwhile is not the stack's time

    can = {offer.stack: offer for offer in offers(None, named=())}
    for spec in specs():
        if spec.driver != "external":
            measure(spec.name, can[spec.name], rounds)


def measure(name: str, offer: StackOffer, rounds: int) -> None:
    firsts, agains, stops, held = [], [], [], {}
    try:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="floe-bench-") as folder:
                stack = plugin.load("stacks", offer.driver)(load_spec(name), state_dir=Path(folder))
                try:
                    firsts.append(timed(partial(stack.up, lambda event: None, lambda: False)))
                    held = {each.name: memory(each.pid) for each in stack.status().services if each.pid}
                    stops.append(timed(stack.down))
                    agains.append(timed(partial(stack.up, lambda event: None, lambda: False)))
                finally:
                    stack.reset()
    except StackUnavailable as error:
        print(f"{name:<20} not measured: {error.message.partition(' (')[0]}")
        return
    services = ", ".join(f"{service} {megabytes:.0f} MB" for service, megabytes in held.items())
    first, again, stop = (statistics.median(times) for times in (firsts, agains, stops))
    print(f"{name:<20} first start {first:5.1f} s   again {again:5.1f} s   stop {stop:4.1f} s   {services}")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def memory(pid: int) -> float:
    process = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True))) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
