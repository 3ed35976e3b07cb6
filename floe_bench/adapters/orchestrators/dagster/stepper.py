"""Stepped runs over Dagster: one run, each node a step in a process of its own, and no process between two nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from floe_bench.adapters.orchestrators.dagster import step_log, tag
from floe_bench.adapters.orchestrators.dagster.code import code_of
from floe_bench.adapters.orchestrators.dagster.history import History
from floe_bench.adapters.orchestrators.dagster.launcher import Launcher, asked_of, request_tags
from floe_bench.adapters.orchestrators.dagster.node import step_name
from floe_bench.adapters.orchestrators.dagster.node_process import NodeProcess
from floe_bench.adapters.orchestrators.dagster.node_walker import NodeWalker
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.warm.process import WarmParent
from floe_bench.errors import BenchError, Cancelled, StepRefused
from floe_bench.model.code import Code
from floe_bench.model.run import RunRequest, RunStatus
from floe_bench.model.step import Step, StepCheck, StepNode, StepState
from floe_bench.ports.stepping import Selected

_TURN_S = 0.1


@dataclass
class DagsterStepper:
    """``launcher`` says whose turn it is: a stepped run's node and an ordinary run never build at the same time."""

    place: Place
    warm: WarmParent
    environment: Callable[[], Mapping[str, str]]
    history: History
    launcher: Launcher

    def select(self, request: RunRequest, *, cancelled: Callable[[], bool]) -> Selected:
        asked = {"select": request.select or "", "exclude": request.exclude or ""}
        with self._process("select") as process:
            found = process.ask("select", asked, cancelled=cancelled)
        checks = tuple(StepCheck(**{**each, "reads": tuple(each["reads"])}) for each in found["checks"])
        return Selected(tuple(found["assets"]), checks)

    def open(self, step: Step) -> None:
        asked = {
            "run_id": step.run_id,
            "tags": {**request_tags(step.request), tag.STEP: step.step_id},
            "nodes": [asked_node(node) for node in step.nodes],
            "after": step.after_run_id,
        }
        if step.after_run_id is not None:
            self._tell_paused(step.after_run_id, step)
        try:
            with self._process(step.run_id) as process:
                process.ask("open", asked, cancelled=lambda: False)
        except BenchError as error:
            run = self.history.instance.get_run_by_id(step.run_id)
            if run is not None and not run.is_finished:
                self.history.instance.report_run_failed(run, error.message)
            raise

    @contextmanager
    def walk(self, step: Step, *, cancelled: Callable[[], bool]) -> Iterator[NodeWalker]:
        while not self.launcher.turn.acquire(timeout=_TURN_S):
            if cancelled():
                raise Cancelled("it was still waiting for another run to end")
        try:
            self.history.instance.add_run_tags(step.run_id, {tag.STOPPED: ""})
            with self._process(step.run_id) as process:
                yield NodeWalker(process, self.place, self.history, step.run_id)
        finally:
            self.launcher.turn.release()

    def stopped(self, step: Step) -> None:
        words = step.stop.words if step.stop else "stopped"
        run = self.history.instance.get_run_by_id(step.run_id)
        if run is not None and not run.is_finished:
            step_log.said(self.history.instance, run, f"stopped: {words}")
            self.history.instance.add_run_tags(step.run_id, {tag.STOPPED: words})

    def left_out(self, step: Step, nodes: Sequence[StepNode]) -> None:
        run = self.history.instance.get_run_by_id(step.run_id)
        for node in nodes if run is not None else ():
            assert run is not None
            step_log.left_out(self.history.instance, run, step_name(node.asset, node.kind), node.message)

    def close(self, step: Step) -> None:
        instance = self.history.instance
        run = instance.get_run_by_id(step.run_id)
        if run is None or run.is_finished:
            return
        if step.state is StepState.SUCCESS:
            step_log.succeeded(instance, run)
        elif step.state is StepState.ABORTED:
            instance.report_run_canceled(run, "aborted")
        else:
            failed = [node.name for node in step.nodes if node.place == "failed"]
            instance.report_run_failed(run, f"failed: {', '.join(failed)}" if failed else "failed")

    def compile(self, step: Step, node: StepNode, *, cancelled: Callable[[], bool]) -> Code:
        before = code_of(self.place, node.node_id, run_id=None, earlier=self._earlier())
        now = code_of(self.place, node.node_id, run_id=None, earlier=())
        if node.kind in ("python", "seed"):
            return now
        with self._process(step.run_id) as process:
            found = process.ask(
                "compile", {"run_id": step.run_id, "node_id": node.node_id, "tags": request_tags(step.request)},
                cancelled=cancelled,
            )  # fmt: skip
        return replace(now, compiled=found["compiled"], previous=before.compiled or None, previous_run_id=before.run_id)

    def pause(self, run_id: str) -> RunRequest:
        run = self.history.find(run_id)
        if run.status is not RunStatus.RUNNING or run.step_id is not None:
            raise StepRefused(f"run {run.run_id[:8]} is {run.status}, not running", remedy="floe-bench runs")
        known = self.history.instance.get_run_by_id(run.run_id)
        assert known is not None
        # Without this mark Dagster would report a build that ends early as failed.
        self.history.instance.report_run_canceling(known, "pausing: it ends before its next asset")
        self.place.pause(run.run_id).touch()
        return asked_of(known.tags)

    def _tell_paused(self, run_id: str, step: Step) -> None:
        instance = self.history.instance
        paused = instance.get_run_by_id(run_id)
        if paused is not None:
            instance.add_run_tags(run_id, {tag.STEP: step.step_id})
            step_log.said(instance, paused, f"paused: what was left goes on as run {step.run_id}, stepped")

    def _earlier(self) -> list[str]:
        return [run.run_id for run in self.history.runs(1000)]

    @contextmanager
    def _process(self, name: str) -> Iterator[NodeProcess]:
        process = NodeProcess(self.place, self.warm, self.environment(), folder=self.place.run(name))
        try:
            yield process
        finally:
            process.close()


def asked_node(node: StepNode) -> dict[str, Any]:
    return {
        "asset": node.asset,
        "node_id": node.node_id,
        "checks": [check.node_id for check in node.checks],
    }
