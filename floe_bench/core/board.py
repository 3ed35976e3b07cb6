"""What the bench knows now, and everyone who wants to hear of changes."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from floe_bench.events import (
    AssetsChanged,
    BreakpointsChanged,
    ConsoleChanged,
    Event,
    Logged,
    NodeChanged,
    PhaseEnded,
    PhaseProgressed,
    PhaseStarted,
    ProblemFound,
    RunChanged,
    RunsListed,
    StackChanged,
    StepChanged,
    TablesChanged,
    ViewsChanged,
)
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, Run
from floe_bench.model.step import Step
from floe_bench.state import BenchState, Phase, reduce

_LOG_LINES_KEPT = 500


class Board:
    """One writer at a time folds events into the state and passes them on. ``clean`` takes secrets out of texts."""

    def __init__(self, clean: Callable[[str], str] = lambda text: text) -> None:
        self._clean = clean
        self._lock = threading.Lock()
        self._state = BenchState()
        self._lines: deque[LogLine] = deque(maxlen=_LOG_LINES_KEPT)
        self._readers: list[queue.SimpleQueue[Event | None]] = []
        self._closed = False

    @property
    def state(self) -> BenchState:
        return self._state

    def emit(self, event: Event) -> None:
        event = cleaned(event, self._clean)
        with self._lock:
            self._state = reduce(self._state, event)
            if isinstance(event, Logged):
                self._lines.extend(event.lines)
            for reader in self._readers:
                reader.put(event)

    def events(self, ended: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """What is known, as events, then every later one; until ``close`` or until ``ended`` (asked twice a second)."""
        mine: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with self._lock:
            past = [*replayed(self._state), *([Logged(tuple(self._lines))] if self._lines else [])]
            self._readers.append(mine)
            if self._closed:
                mine.put(None)
        try:
            yield from past
            while not ended():
                try:
                    event = mine.get(timeout=0.5)
                except queue.Empty:
                    continue
                if event is None:
                    return
                yield event
        finally:
            with self._lock:
                self._readers.remove(mine)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for reader in self._readers:
                reader.put(None)


def cleaned(event: Event, clean: Callable[[str], str]) -> Event:
    """The same event; what others said in it (dbt, a server, an exception) without secrets."""
    match event:
        case Logged():
            return Logged(tuple(replace(line, text=clean(line.text)) for line in event.lines))
        case NodeChanged():
            return replace(event, node=cleaned_node(event.node, clean))
        case RunChanged():
            return replace(event, run=cleaned_run(event.run, clean))
        case StepChanged():
            return StepChanged(cleaned_step(event.step, clean))
        case RunsListed():
            return RunsListed(tuple(cleaned_run(run, clean) for run in event.runs))
        case PhaseProgressed():
            return replace(event, detail=clean(event.detail))
        case PhaseEnded():
            return replace(event, detail=clean(event.detail), error=clean(event.error))
        case ProblemFound():
            return replace(event, message=clean(event.message))
    return event


def cleaned_run(run: Run, clean: Callable[[str], str]) -> Run:
    return replace(run, error=clean(run.error), nodes=tuple(cleaned_node(node, clean) for node in run.nodes))


def cleaned_step(step: Step, clean: Callable[[str], str]) -> Step:
    nodes = tuple(replace(node, message=clean(node.message)) if node.message else node for node in step.nodes)
    return replace(step, nodes=nodes, stop=step.stop and replace(step.stop, words=clean(step.stop.words)))


def cleaned_node(node: NodeRun, clean: Callable[[str], str]) -> NodeRun:
    return replace(node, message=clean(node.message)) if node.message else node


def replayed(state: BenchState) -> Iterator[Event]:
    """Events that lead from an empty state to this one."""
    if state.project is not None:
        yield state.project
    for phase in state.phases:
        yield from _phase(phase)
    if state.stack is not None:
        yield StackChanged(state.stack)
    if state.console is not None:
        yield ConsoleChanged(state.console)
    if state.tables is not None:
        yield TablesChanged(tuple(state.tables.values()))
    if state.views:
        yield ViewsChanged(tuple(state.views.values()))
    if state.runs is not None:
        runs = (replace(run, nodes=tuple(state.nodes.get(run.run_id, {}).values())) for run in state.runs)
        yield RunsListed(tuple(runs))
    if state.assets is not None:
        yield AssetsChanged(tuple(state.assets.values()))
    yield from (StepChanged(step) for step in state.steps)
    if state.breakpoints:
        yield BreakpointsChanged(state.breakpoints)
    yield from state.problems
    if state.booted is not None:
        yield state.booted


def _phase(phase: Phase) -> Iterator[Event]:
    if phase.started_at is not None:
        yield PhaseStarted(phase.phase, phase.title, phase.started_at)
    if phase.duration_s is None and phase.detail:
        yield PhaseProgressed(phase.phase, phase.detail)
    if phase.duration_s is not None:
        yield PhaseEnded(phase.phase, phase.duration_s, phase.detail, phase.error, phase.remedy)
