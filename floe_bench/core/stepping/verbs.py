"""The verbs of stepping over one open project."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.core.stepping import breakpoint, order
from floe_bench.core.stepping.effect import counted
from floe_bench.core.stepping.going import Going, World
from floe_bench.core.stepping.ledger import Ledger
from floe_bench.errors import Cancelled, NoSuchNode, NoSuchStep, NoSuchTable, NothingSelected, ProjectError, StepRefused
from floe_bench.events import BreakpointsChanged, ComparisonProgressed, StepChanged
from floe_bench.model.run import NodeStatus, RunRequest, RunStatus
from floe_bench.model.step import (
    Breakpoint,
    Effect,
    Input,
    Outlook,
    Place,
    Step,
    StepNode,
    StepState,
    Stop,
    StopKind,
    Usual,
)
from floe_bench.model.table import TableName
from floe_bench.ports.stepping import CanStep, Selected, Stepper
from floe_bench.state import active_runs, usual_of

_never: Callable[[], bool] = lambda: False  # noqa: E731
_LOOK_S = 0.2
_END_S = 30.0


class LocalStepping:
    """One writer per stepped run: the thread of its stretch while it goes, the verb that was called while it stands."""

    def __init__(self, boot: Boot, board: Board, state_dir: Path) -> None:
        self._boot, self._board = boot, board
        self._ledger = Ledger(state_dir)
        self._steps = {step.step_id: step for step in self._ledger.steps()}
        self._breakpoints = self._ledger.breakpoints()
        self._going: dict[str, Going] = {}
        self._lock = threading.RLock()
        for step in self._steps.values():
            board.emit(StepChanged(step))
        board.emit(BreakpointsChanged(self._breakpoints))

    # ── looking ───────────────────────────────────────────────────────────────────────────────────────────────────

    def steps(self) -> tuple[Step, ...]:
        self._reconcile()
        return tuple(reversed(self._steps.values()))

    def status(self, step_id: str = "") -> Step:
        return self._find(step_id)

    def knows(self, step_id: str) -> bool:
        return step_id in self._steps

    def wait(self, step_id: str = "", cancelled: Callable[[], bool] = _never) -> Step:
        step = self._find(step_id)
        going = self._going.get(step.step_id)
        while going is not None and not going.standing.wait(_LOOK_S) and not cancelled():
            continue
        return self._steps[step.step_id]

    def outlook(self, step_id: str, asset: str, cancelled: Callable[[], bool] = _never) -> Outlook:
        step = self._find(step_id)
        node = _node(step, asset)
        found = Outlook(asset, inputs=self._inputs(node), usual=self._usual(asset, step.run_id))
        try:
            self._read_again()
            code = self._stepper().compile(step, node, cancelled=cancelled)
        except ProjectError as error:
            return replace(found, error=error.message)
        return replace(
            found,
            sql=code.compiled,
            previous_sql=code.previous,
            previous_run_id=code.previous_run_id,
            source=code.source,
            path=code.path,
        )

    # ── stepping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, request: RunRequest, cancelled: Callable[[], bool] = _never) -> Step:
        stepper = self._stepper()
        self._read_again()
        nodes = order.ordered(self._boot.assets or (), stepper.select(request, cancelled=cancelled))
        if not nodes:
            raise NothingSelected(f"'{request.select}' selects nothing to step through", remedy="floe-bench assets")
        return self._opened(request, nodes, after_run_id=None, kind=StopKind.START)

    def next(self, step_id: str = "") -> Step:
        return self._go(self._standing(step_id), one=True)

    def proceed(self, step_id: str = "") -> Step:
        return self._go(self._standing(step_id), one=False)

    def retry(self, step_id: str = "") -> Step:
        step = self._standing(step_id)
        ran = [node for node in step.nodes if node.place in (Place.DONE, Place.FAILED)]
        about = step.stop.asset if step.stop and not step.stop.before else None
        again = about if about in {node.asset for node in ran} else ran[-1].asset if ran else None
        if again is None:
            raise StepRefused("no node has run yet", remedy="floe-bench step next")
        return self._go(step, one=True, again=again)

    def skip(self, step_id: str = "") -> Step:
        step = self._standing(step_id)
        failed = step.stop is not None and not step.stop.before and step.stop.asset is not None
        at = step.node(step.stop.asset) if failed and step.stop and step.stop.asset else None
        asset = at.asset if at is not None and at.place is Place.FAILED else step.next
        if asset is None:
            raise StepRefused("no node is left to skip", remedy="floe-bench step next")
        table = step.node(asset).table
        step = order.skipped(step, asset, {table: self._head(table)})
        self._stepper().left_out(step, [step.node(asset)])
        words = f"{step.node(asset).name} {step.node(asset).message}"
        return self._settled(replace(step, stop=Stop(StopKind.NEXT, step.next or asset, step.next is not None, words)))

    def pause(self, run_id: str = "", cancelled: Callable[[], bool] = _never) -> Step:
        ordinary = self._ordinary(run_id)
        if ordinary is not None:
            return self._rest(ordinary, cancelled)
        step = self._find(run_id)
        going = self._going.get(step.step_id)
        if going is None:
            raise StepRefused(
                f"step {step.step_id[:8]} does not run: it is {step.state}", remedy="floe-bench step status"
            )
        going.pausing.set()
        return step

    def _ordinary(self, run_id: str) -> str | None:
        """The run that goes and is not a stepped one."""
        if any(run_id and (step.step_id.startswith(run_id) or step.run_id.startswith(run_id)) for step in self.steps()):
            return None
        if run_id:
            return self._boot.orchestrator(parsed=False).run(run_id).run_id
        if self._going:
            return None
        going = [run for run in active_runs(self._board.state) if run.status is RunStatus.RUNNING]
        return going[0].run_id if going else None

    def _rest(self, run_id: str, cancelled: Callable[[], bool]) -> Step:
        """A stepped run of what a run that is paused had not made."""
        orchestrator, stepper = self._boot.orchestrator(), self._stepper()
        request = stepper.pause(run_id)
        while not (run := orchestrator.run(run_id)).status.over:
            if cancelled():
                raise Cancelled(f"run {run_id[:8]} ends before its next asset; nobody waits for the rest of it")
            time.sleep(_LOOK_S)
        ran = {node.node_id for node in run.nodes if node.status in (NodeStatus.SUCCESS, NodeStatus.WARNED)}
        found = stepper.select(request, cancelled=cancelled)
        made = {asset.asset for asset in self._boot.assets or () if asset.node_id in ran}
        left = Selected(
            tuple(each for each in found.assets if each not in made),
            tuple(check for check in found.checks if check.node_id not in ran),
        )
        nodes = order.ordered(self._boot.assets or (), left)
        if not nodes:
            raise StepRefused(f"run {run_id[:8]} had made all of it before it could be paused")
        return self._opened(request, nodes, after_run_id=run_id, kind=StopKind.PAUSED)

    def abort(self, step_id: str = "") -> Step:
        step = self._find(step_id)
        going = self._going.get(step.step_id)
        if going is not None:
            going.cancelled.set()
            going.standing.wait(_END_S)
            step = self._steps[step.step_id]
        return step if step.state.over else self._over(step, StepState.ABORTED)

    # ── breakpoints ───────────────────────────────────────────────────────────────────────────────────────────────

    def breakpoints(self) -> tuple[Breakpoint, ...]:
        return self._breakpoints

    def set_breakpoint(self, wanted: Breakpoint) -> tuple[Breakpoint, ...]:
        self._boot.orchestrator()
        known = {asset.asset for asset in self._boot.assets or ()}
        if wanted.asset not in known | {breakpoint.EVERY}:
            raise NoSuchNode(f"there is no asset '{wanted.asset}'", remedy="floe-bench assets")
        return self._with_breakpoints(breakpoint.put(self._breakpoints, wanted))

    def clear_breakpoint(self, asset: str) -> tuple[Breakpoint, ...]:
        return self._with_breakpoints(tuple(each for each in self._breakpoints if each.asset != asset))

    def _with_breakpoints(self, breakpoints: tuple[Breakpoint, ...]) -> tuple[Breakpoint, ...]:
        with self._lock:
            self._breakpoints = breakpoints
            self._ledger.keep_breakpoints(breakpoints)
        self._board.emit(BreakpointsChanged(breakpoints))
        return breakpoints

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """What goes is interrupted: it stands then, and can go on when the bench is open again."""
        with self._lock:
            going = list(self._going.values())
        for each in going:
            each.cancelled.set()
        for each in going:
            each.standing.wait(_END_S)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _opened(
        self, request: RunRequest, nodes: tuple[StepNode, ...], *, after_run_id: str | None, kind: StopKind
    ) -> Step:
        first = nodes[0]
        step = Step(
            step_id=str(uuid.uuid4()),
            run_id=str(uuid.uuid4()),
            state=StepState.STOPPED,
            request=replace(request, launched_by="step"),
            nodes=nodes,
            stop=Stop(kind, first.asset, before=True, words=f"before {first.name}"),
            started_at=datetime.now(UTC),
            after_run_id=after_run_id,
        )
        self._stepper().open(step)
        return self._settled(step)

    def _go(self, step: Step, *, one: bool, again: str | None = None) -> Step:
        if again is None and step.next is None:
            return self._settled(replace(step, stop=None))
        going = Going(replace(step, state=StepState.RUNNING, stop=None), self._world(), one=one, again=again)
        with self._lock:
            if step.step_id in self._going:
                raise _goes(step)
            self._going[step.step_id] = going
        self._keep(going.step)

        def stretch() -> None:
            going.run()
            with self._lock:
                self._going.pop(step.step_id)
            self._settled(going.step)
            going.standing.set()

        threading.Thread(target=stretch, name=f"step-{step.step_id[:8]}", daemon=True).start()
        return going.step

    def _settled(self, step: Step) -> Step:
        """It stands, or nothing is left to run."""
        if step.stop is None or (step.next is None and step.stop.kind is StopKind.NEXT):
            failed = any(node.place is Place.FAILED for node in step.nodes)
            return self._over(step, StepState.FAILED if failed else StepState.SUCCESS)
        step = replace(step, state=StepState.STOPPED)
        self._stepper().stopped(step)
        self._keep(step)
        return step

    def _over(self, step: Step, state: StepState) -> Step:
        stepper = self._stepper()
        stepper.left_out(step, [node for node in step.nodes if node.place is Place.BLOCKED])
        step = replace(step, state=state, stop=None, ended_at=datetime.now(UTC))
        stepper.close(step)
        self._keep(step)
        return step

    def _keep(self, step: Step) -> None:
        with self._lock:
            self._steps[step.step_id] = step
            self._ledger.keep(step)
        self._board.emit(StepChanged(step))

    def _reconcile(self) -> None:
        """What a killed engine left running stands: its node was interrupted with the engine."""
        with self._lock:
            left = [
                step
                for step in self._steps.values()
                if step.state is StepState.RUNNING and step.step_id not in self._going
            ]
            for step in left:
                at = next((node.asset for node in step.nodes if node.place is Place.RUNNING), None) or step.next
                if at is None:
                    self._settled(replace(step, stop=None))
                    continue
                step = order.given_back(step, at, "the engine ended while it ran")
                words = f"the engine ended while {step.node(at).name} ran"
                self._settled(replace(step, stop=Stop(StopKind.INTERRUPTED, at, before=True, words=words)))

    def _find(self, prefix: str) -> Step:
        self._reconcile()
        known = list(reversed(self._steps.values()))
        if not prefix:
            found = [step for step in known if not step.state.over][:1] or known[:1]
            if not found:
                raise NoSuchStep("no run was stepped yet", remedy="floe-bench step start")
            return found[0]
        found = [step for step in known if step.step_id.startswith(prefix) or step.run_id.startswith(prefix)]
        if len(found) != 1:
            how = "more than one stepped run starts" if found else "no stepped run starts"
            raise NoSuchStep(f"{how} with '{prefix}'", remedy="floe-bench step status")
        return found[0]

    def _standing(self, step_id: str) -> Step:
        step = self._find(step_id)
        if step.state.over:
            raise StepRefused(f"step {step.step_id[:8]} is over: {step.state}", remedy="floe-bench step start")
        if step.step_id in self._going:
            raise _goes(step)
        return step

    def _world(self) -> World:
        return World(
            stepper=self._stepper(),
            breakpoints=lambda: self._breakpoints,
            usual=self._usual,
            inputs=self._inputs,
            head=self._head,
            effect=self._effect,
            read_again=self._read_again,
            changed=self._keep,
        )

    def _stepper(self) -> Stepper:
        # Also a project that cannot be read now has runs that must be told, stopped and ended.
        orchestrator = self._boot.orchestrator(parsed=False)
        if not isinstance(orchestrator, CanStep):
            raise StepRefused("this orchestrator's runs cannot be stepped")
        return orchestrator.stepper()

    def _read_again(self) -> None:
        self._boot.catch_up()
        self._boot.orchestrator()

    def _usual(self, asset: str, run_id: str) -> Usual:
        return usual_of(self._board.state, asset, but=run_id)

    def _head(self, table: str) -> int | None:
        try:
            return self._boot.catalog().table(TableName.parse(table)).snapshot_id
        except NoSuchTable:
            return None

    def _effect(self, table: str, before: int | None, after: int, cancelled: Callable[[], bool]) -> Effect:
        return counted(
            self._boot.catalog(),
            self._boot.compute(),
            TableName.parse(table),
            before=before,
            after=after,
            key=next((asset.unique_key for asset in self._boot.assets or () if asset.table == table), ()),
            cancelled=cancelled,
            told=lambda percent: self._board.emit(ComparisonProgressed(table, after, percent)),
        )

    def _inputs(self, node: StepNode) -> tuple[Input, ...]:
        known = {asset.asset: asset for asset in self._boot.assets or ()}
        record = self._boot.orchestrator(parsed=False).materializations().get(node.asset)
        read = record.inputs if record else {}
        tables = [known[key].table for key in node.upstream if key in known]
        return tuple(Input(table, self._head(table), read.get(table)) for table in tables)


def _node(step: Step, asset: str) -> StepNode:
    found = next((node for node in step.nodes if node.asset == asset), None)
    if found is None:
        raise NoSuchNode(f"step {step.step_id[:8]} has no asset '{asset}'", remedy="floe-bench step status")
    return found


def _goes(step: Step) -> StepRefused:
    return StepRefused(f"step {step.step_id[:8]} runs already", remedy="floe-bench step pause")
