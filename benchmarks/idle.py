"""What an open bench costs while nobody does anything: processor and memory of each process.

python benchmarks/idle.py [SECONDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pexpect
import psutil

from floe_bench.config.project import find_project
from floe_bench.core.demo import copy
from floe_bench.engine.reach import connect
from floe_bench.events import Booted

SETTLED_S = 15.0


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = copy(Path(folder) / "demo")
        app = pexpect.spawn(
            sys.executable, ["-m", "floe_bench", "--project", str(root)], dimensions=(40, 140), timeout=60
        )
        try:
            app.expect_exact("Assets")
            read_for(app, SETTLED_S)
            measured = named(app.pid, root)
            before = {name: busy(processes) for name, processes in measured.items()}
            start = time.perf_counter()
            read_for(app, seconds)
            took = time.perf_counter() - start
            print(f"idle for {took:.0f} s, the demo open")
            for name, processes in measured.items():
                share = 100 * (busy(processes) - before[name]) / took
                memory = sum(process.memory_full_info().pss for process in processes) / 1e6
                print(f"  {name:<32} {share:5.1f} % of a processor   {memory:5.0f} MB (PSS)")
        finally:
            app.send("q")
            app.expect(pexpect.EOF, timeout=60)
            app.close()


def read_for(app: pexpect.spawn[bytes], seconds: float) -> None:
    """A terminal reads what the app writes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            app.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            continue


def named(pid: int, root: Path) -> dict[str, list[psutil.Process]]:
    client = connect(find_project(root), start=False)
    assert client is not None
    for event in client.events():
        if isinstance(event, Booted):
            break
    engine = psutil.Process(client.engine_pid)
    services = {service.pid: service.name for service in client.status().services}
    client.close(wait=False)
    found = {"the app": [psutil.Process(pid)], "engine": [engine]}
    for child in engine.children():
        found[services.get(child.pid, "warm parent and spares")] = [child, *child.children()]
    return found


def busy(processes: list[psutil.Process]) -> float:
    """Processor seconds so far."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
