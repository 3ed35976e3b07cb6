"""One run out of the stream of everything that happens, as steps in a fixed order.

Every run has run_queued, then run_started if it ever started, then its nodes, then run_finished; every node one
node_started and one node_finished (a skipped one only the latter), however late this client came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from floe_bench.events import Event, NodeChanged, RunChanged, RunsListed
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus

RUN_QUEUED = "run_queued"
RUN_STARTED = "run_started"
RUN_CANCELLING = "run_cancelling"
NODE_STARTED = "node_started"
NODE_FINISHED = "node_finished"


@dataclass(frozen=True, slots=True)
class Step:
    """``node`` is None for a step of the run itself."""

    event: str
    run: Run
    node: NodeRun | None = None


class Follower:
    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self._told: set[tuple[str, str]] = set()
        self._early: list[NodeRun] = []

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
