"""Much at once: nothing is lost, and its cost does not grow with how much there is. Times: benchmarks/soak."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import shop
from stage import Stage, playing, stage
from textual.widget import Widget

from floe_bench.events import Event, Logged, NodeChanged, RunChanged
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.state import reduce
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import Watcher

BURST = 5_000


def burst(number: int) -> Iterator[Event]:
    """Nodes of one run that begin, end and say something."""
    run = Run("soak", RunStatus.RUNNING, "app", "all", queued_at=shop.NOW, started_at=shop.NOW)
    yield RunChanged(run)
    for index in range(number - 1):
        at = shop.NOW + timedelta(milliseconds=index)
        node = NodeRun(f"model.shop.n{index % 40}", f"n{index % 40}", "model", NodeStatus.RUNNING, f"n{index % 40}", at)
        if index % 3 == 0:
            yield NodeChanged(run.run_id, node)
        elif index % 3 == 1:
            yield NodeChanged(run.run_id, replace(node, status=NodeStatus.SUCCESS, duration_s=0.1, rows=index))
        else:
            yield Logged((LogLine(at, "info", "dbt", f"line {index}", run.run_id),))


async def told(on: Stage, number: int) -> int:
    """Tell a burst while somebody moves about; how many events it was."""
    events = list(burst(number))
    for index, event in enumerate(events):
        on.client.tell(event)
        if index % 250 == 0:
            await on.pilot.press("j" if index % 500 else "k")
    return len(events)


async def test_of_a_burst_no_event_is_lost_whatever_keys_are_pressed() -> None:
    async with stage(playing()) as on:
        await on.settled()
        before, written = on.app.bench_state, on.app.logbook.written
        await told(on, BURST)
        await on.until(lambda: on.app.logbook.written - written == sum(isinstance(e, Logged) for e in burst(BURST)))
        await on.settled()
        expected = before
        for event in burst(BURST):
            expected = reduce(expected, event)
        assert on.app.bench_state.runs == expected.runs
        assert on.app.bench_state.nodes == expected.nodes


async def test_a_key_draws_each_pane_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: Counter[str] = Counter()
    sync = Watcher._sync

    def counting(self: Watcher) -> None:
        drawn[type(self).__name__] += isinstance(self, Pane)
        sync(self)

    monkeypatch.setattr(Watcher, "_sync", counting)
    async with stage(playing()) as on:
        await on.settled()
        for key in "jk":  # both tables are read now
            await on.press(key)
            await on.settled()
        drawn.clear()
        await on.press("j")
        await on.settled()
        assert drawn["AssetsPane"] == 1, drawn
        assert max(drawn.values()) == 1, drawn


async def test_lines_that_come_in_do_not_lay_the_screen_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(playing()) as on:
        await on.settled()
        on.client.tell(*burst(400))
        await on.until(lambda: any("line 398" in line for line in on.drawer().splitlines()))
        laid_out: list[Widget] = []
        refresh = Widget.refresh

        def watching(self: Widget, *regions: object, layout: bool = False, **how: bool) -> Widget:
            if layout:
                laid_out.append(self)
            return refresh(self, *regions, layout=layout, **how)  # type: ignore[arg-type]

        monkeypatch.setattr(Widget, "refresh", watching)
        on.client.tell(Logged((LogLine(shop.NOW, "info", "dbt", "the last line", "soak"),)))
        await on.until(lambda: "the last line" in on.drawer())
        assert not laid_out


async def test_a_second_burst_leaves_no_more_behind_than_the_first() -> None:
    async with stage(playing()) as on:
        await on.settled()
        kept = []
        for _ in range(5):  # three fill the log, which keeps its last 5,000 lines
            on.client.tell(*burst(BURST))
            await on.until(lambda: on.client._queue.empty() and not len(on.app._inbox))
            await on.settled()
            gc.collect()
            kept.append(len(gc.get_objects()))
        assert kept[4] - kept[3] < BURST // 10, kept
