"""The screen under load: 1,000 events a second over a large bench, while somebody moves the cursor.

python benchmarks/soak.py [SECONDS]

The real app in a pseudo-terminal. What it is told comes from a script in its own process, by the thread that otherwise
reads the engine's socket. Time is taken from the byte that is written to the terminal to the write of the first frame
that shows the cursor where that key put it; and beside it how much processor time the screen's thread had in between,
which is the same figure on a machine that has nothing else to do.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pexpect

from floe_bench.events import (
    AssetsChanged,
    Booted,
    Event,
    Logged,
    NodeChanged,
    ProjectOpened,
    RunChanged,
    RunsListed,
    StackChanged,
    TablesChanged,
)
from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.stack import Service, StackState, StackStatus
from floe_bench.model.table import Table

ASSETS, RUNS, SNAPSHOTS, PER_SECOND, NODES = 10_000, 500, 10_000, 1_000, 200
KEY_EVERY_S = 0.1
SIZE = (45, 160)
BEGAN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Load:
    """A large bench, and what happens to it."""

    assets: int = ASSETS
    runs: int = RUNS
    snapshots: int = SNAPSHOTS

    def standing(self) -> Iterator[Event]:
        """What is there before anything happens."""
        yield ProjectOpened("soak", "/nowhere", "soak")
        yield StackChanged(StackStatus("embedded", StackState.READY, (Service("SeaweedFS", StackState.READY),)))
        tables = [
            Table(each.table, each.group, index + 1, each.rows, 1, 1_000, BEGAN)
            for index, each in enumerate(self._assets())
        ]
        yield TablesChanged(tuple(tables))
        runs = [
            Run(_old(index), RunStatus.SUCCESS, "cli", "tag:nightly", queued_at=_at(index), started_at=_at(index))
            for index in range(self.runs)
        ]
        yield RunsListed(tuple(reversed(runs)))
        yield AssetsChanged(self._assets())
        yield Booted(True, 1.0)

    def history(self, table: str) -> tuple[Snapshot, ...]:
        """Of the first tables very many, of the others one."""
        number = self.snapshots if table.startswith("g0.a") and len(table) == len("g0.a0") else 1
        found = [
            Snapshot(index + 1, index or None, _at(index), "overwrite", 500, 480, 500 + index, _old(index), "g0/a0")
            for index in range(number)
        ]
        return (*found[:-1], replace(found[-1], refs=("main",)))

    def happening(self, number: int) -> Iterator[Event]:
        """``number`` events: nodes of one run after another, what they say, and now and then every asset again."""
        assets = list(self._assets())
        for index in range(number):
            turn, step = divmod(index, 4 * NODES)
            run = Run(f"new{turn:04}", RunStatus.RUNNING, "app", "all", queued_at=_at(index), started_at=_at(index))
            node = NodeRun(f"model.soak.a{step // 4}", f"a{step // 4}", "model", NodeStatus.RUNNING, f"g0/a{step // 4}",
                           _at(index))  # fmt: skip
            if step == 0:
                yield RunChanged(run)
            elif step == 4 * NODES - 1:
                yield RunChanged(replace(run, status=RunStatus.SUCCESS, ended_at=_at(index)))
            elif index % 5_000 == 4_999:
                assets[index % self.assets] = replace(assets[index % self.assets], rows=index)
                yield AssetsChanged(tuple(assets))
            elif step % 4 == 0:
                yield NodeChanged(run.run_id, node)
            elif step % 4 == 1:
                yield NodeChanged(run.run_id, replace(node, status=NodeStatus.SUCCESS, duration_s=0.1, rows=index))
            else:
                yield Logged((LogLine(_at(index), "info", "dbt", f"line {index} of something", run.run_id),))

    def _assets(self) -> tuple[Asset, ...]:
        return tuple(
            Asset(
                _key(index),
                "table",
                f"g{index // 100}",
                _key(index).replace("/", "."),
                AssetStatus.FRESH,
                rows=index,
                materialized_at=BEGAN,
                node_id=f"model.soak.a{index}",
                upstream=(_key(index - 1),) if index else (),
            )
            for index in range(self.assets)
        )


def _key(index: int) -> str:
    return f"g{index // 100}/a{index}"


def _old(index: int) -> str:
    return f"{index:04x}-old"


class Client:
    """A bench client whose events come at a rate. ``begin`` lets them flow."""

    def __init__(self, load: Load, seconds: float) -> None:
        self._load, self._seconds = load, seconds
        self._end: SimpleQueue[None] = SimpleQueue()
        self.begin = threading.Event()
        self.sent = 0

    def events(self) -> Iterator[Event]:
        yield from self._load.standing()
        self.begin.wait()
        start = time.monotonic()
        for event in self._load.happening(int(PER_SECOND * self._seconds)):
            if self.sent % 20 == 0:
                ahead_s = start + self.sent / PER_SECOND - time.monotonic()
                if ahead_s > 0 and self._over(ahead_s):
                    return
            yield event
            self.sent += 1
        self._over(None)

    def _over(self, wait_s: float | None) -> bool:
        try:
            self._end.get(timeout=wait_s)
        except Empty:
            return False
        return True

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        return self._load.history(table)

    def close(self) -> None:
        self._end.put(None)

    def __getattr__(self, verb: str) -> Any:
        raise AttributeError(verb)


def _at(index: float) -> datetime:
    return BEGAN + timedelta(seconds=index)


# ── in the terminal ───────────────────────────────────────────────────────────────────────────────────────────────────


def screen(seconds: float, report: Path) -> None:
    """The app; writes when each position of the cursor was painted, and what it believes at the end."""
    import psutil
    from textual.events import Key

    from floe_bench.state import BenchState, reduce
    from floe_bench.tui.app import BenchApp
    from floe_bench.tui.panes.assets import AssetsPane
    from floe_bench.tui.panes.line_list import LineList

    load = Load()
    client = Client(load, seconds)
    painted: list[tuple[int, float, float]] = []
    arrived: list[float] = []
    memory: list[float] = []

    class Watched(BenchApp):
        drawn = -1

        def on_ready(self) -> None:
            assert self._driver is not None
            take = self._driver.process_message

            def note(message: Any) -> None:
                if isinstance(message, Key):
                    arrived.append(time.clock_gettime(work))
                take(message)

            self._driver.process_message = note  # type: ignore[method-assign]
            self.set_interval(0.5, self.look_on)

        def _display(self, screen: Any, renderable: Any) -> None:
            super()._display(screen, renderable)
            if self.drawn >= 0 and (not painted or painted[-1][0] != self.drawn):
                painted.append((self.drawn, time.monotonic(), time.clock_gettime(work)))

        def look_on(self) -> None:
            memory.append(psutil.Process().memory_info().rss / 1e6)
            if self.bench_state.booted and self.view.table in self.bench_state.snapshots and not client.begin.is_set():
                client.begin.set()
                report.with_suffix(".ready").touch()
            if client.sent >= int(PER_SECOND * seconds) and not self._inbox:
                self.exit()

    work = time.pthread_getcpuclockid(threading.get_ident())
    draw = LineList.render_line

    def render_line(self: LineList, y: int) -> Any:
        if isinstance(self.parent, AssetsPane) and self.scroll_offset.y + y == self._cursor:
            app.drawn = self._cursor
        return draw(self, y)

    LineList.render_line = render_line  # type: ignore[method-assign]
    app = Watched(lambda: client)  # type: ignore[arg-type,return-value]
    app.run()
    expected = BenchState()
    lines = 0
    for event in (*load.standing(), *load.happening(client.sent)):
        expected = reduce(expected, event)
        lines += len(event.lines) if isinstance(event, Logged) else 0
    kept = app.bench_state
    report.write_text(json.dumps({
        "painted": painted, "arrived": arrived, "memory": memory, "sent": client.sent,
        "lines": (lines, app.logbook.written), "worked_s": time.clock_gettime(work),
        "same": (kept.runs == expected.runs, kept.nodes == expected.nodes, kept.assets == expected.assets),
    }))  # fmt: skip


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, __file__, "--screen", str(seconds), str(report)]
        pressed = walk(command, seconds, ready=report.with_suffix(".ready"))
        told = json.loads(report.read_text())
    first = told["painted"][0][0]
    frames = [(position - first, at, worked) for position, at, worked in told["painted"]]
    waited = _until_painted(pressed, [(position, at) for position, at, _ in frames])
    worked = _until_painted(told["arrived"], [(position, worked) for position, _, worked in frames])
    memory = told["memory"]
    early = memory[min(len(memory) // 5, 20)]
    print(f"{ASSETS:,} assets, {RUNS:,} runs, {SNAPSHOTS:,} snapshots; {told['sent']:,} events in {seconds:.0f} s")
    print(
        f"lines said and kept: {told['lines'][0]:,} and {told['lines'][1]:,}; runs, nodes, assets equal: {told['same']}"
    )
    print(f"key to paint, {len(waited)} of {len(pressed)} keys, by the clock: {_said(waited)}")
    print(f"key to paint, work of the screen alone: {_said(worked)}")
    print(f"memory: {early:.0f} MB after a fifth of it, {memory[-1]:.0f} MB at the end, {max(memory):.0f} MB at most")


def walk(command: list[str], seconds: float, *, ready: Path) -> list[float]:
    """Run ``command`` in a terminal, press j at a steady pace once the large bench is drawn, and say when."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    app = pexpect.spawn(command[0], command[1:], env=environment, dimensions=SIZE)
    app.delaybeforesend = None  # by default pexpect itself waits 50 ms before each key
    pressed: list[float] = []
    began = 0.0
    while app.isalive():
        now = time.monotonic()
        began = began or (now if ready.exists() else 0.0)
        if began and len(pressed) * KEY_EVERY_S <= now - began < seconds - 2:
            pressed.append(now)
            app.send("j")
        # In the same thread: a terminal that nobody reads makes the app wait.
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            app.read_nonblocking(1 << 16, timeout=0.005)
    app.close()
    if app.exitstatus:
        raise SystemExit(f"the app ended with {app.exitstatus}")
    return pressed


def _until_painted(keys: list[float], frames: list[tuple[int, float]]) -> list[float]:
    """Milliseconds from each key to the first frame with the cursor where it, or a later key, put it; sorted."""
    took = [
        next((at for position, at in frames if position >= number), float("inf")) - at_key
        for number, at_key in enumerate(keys, 1)
    ]
    return sorted(each * 1000 for each in took if each < float("inf"))


def _said(took: list[float]) -> str:
    return (
        f"median {statistics.median(took):.0f} ms, p99 {took[int(len(took) * 0.99)]:.0f} ms, longest {took[-1]:.0f} ms"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--screen"]:
        screen(float(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
