"""One run out of the stream of everything that happens, as steps in a fixed order.

Every run has run_queued, then run_started if it ever started, then its nodes, then run_finished; every node one
node_started and one node_finished (a skipped one only the latter), however late this client came. Between them come
run_waiting and run_resumed, each time that the stack stops answering and answers again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from floe_bench import events
from floe_bench.dataclass import dataclass
from floe_bench.events import Event, NodeChanged, ProblemFound, ProblemSolved, RunChanged, RunsListed
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus

RUN_QUEUED = "run_queued"
RUN_STARTED = "run_started"
RUN_CANCELLING = "run_cancelling"
RUN_WAITING = "run_waiting"
RUN_RESUMED = "run_resumed"
NODE_STARTED = "node_started"
NODE_FINISHED = "node_finished"


@dataclass(frozen=True, slots=True)
class Step:
    """``node`` is None for a step of the run itself; ``since`` is when waiting began."""

    event: str
    run: Run
    node: NodeRun | None = None
    since: datetime | None = None


class Follower:
    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self._told: set[tuple[str, str]] = set()
        self._early: list[NodeRun] = []
        self._waits = False

    @property
    def over(self) -> bool:
        return self.run is not None and self.run.status.over

    def feed(self, event: Event) -> Iterator[Step]:
        match event:
            case RunChanged(run=run) if run.run_id == self.run_id:
                yield from self._run_steps(run)
            case RunsListed(runs=runs):
                for run in runs:
                    if run.run_id == self.run_id:
                        yield from self.catch_up(run)
            case NodeChanged(run_id=self.run_id, node=node):
                yield from self._node_steps(node)
            case ProblemFound(about=events.STORAGE, at=since) if self._goes and self.run is not None:
                self._waits = True
                yield Step(RUN_WAITING, self.run, since=since)
            case ProblemSolved(about=events.STORAGE) if self._waits and self.run is not None:
                self._waits = False
                yield Step(RUN_RESUMED, self.run)

    @property
    def _goes(self) -> bool:
        return self.run is not None and self.run.status is RunStatus.RUNNING

    def catch_up(self, run: Run) -> Iterator[Step]:
        """The steps of a whole run, as read, that were not told yet."""
        yield from self._run_steps(run)
        for node in run.nodes:
            yield from self._node_steps(node)

    def _run_steps(self, run: Run) -> Iterator[Step]:
        if self.over:  # a late answer must not reopen a run
            return
        self.run = run
        yield from self._once(RUN_QUEUED, run)
        if run.status is RunStatus.RUNNING or run.started_at is not None:
            yield from self._once(RUN_STARTED, run)
        if run.status is RunStatus.CANCELLING:
            yield from self._once(RUN_CANCELLING, run)
        early, self._early = self._early, []
        for node in early:
            yield from self._node_steps(node)

    def _node_steps(self, node: NodeRun) -> Iterator[Step]:
        if self.run is None:
            self._early.append(node)
            return
        if node.status is not NodeStatus.SKIPPED:
            yield from self._once(NODE_STARTED, self.run, node)
        if node.status is not NodeStatus.RUNNING:
            yield from self._once(NODE_FINISHED, self.run, node)

    def _once(self, event: str, run: Run, node: NodeRun | None = None) -> Iterator[Step]:
        mark = (event, node.node_id if node else "")
        if mark not in self._told:
            self._told.add(mark)
            yield Step(event, run, node)
