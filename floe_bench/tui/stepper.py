"""What each action of the step screen does, and reading what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.events import StepChanged
from floe_bench.model.run import NodeStatus, RunRequest
from floe_bench.model.step import Breakpoint, Condition, Place, Step, StepNode
from floe_bench.state import nodes_of
from floe_bench.tui.chosen import run_to_repeat
from floe_bench.tui.glance import (
    BOXES,
    Compared,
    Comparison,
    Failing,
    Glance,
    GlanceOf,
    StepView,
    begins,
    comparison_of,
    is_long,
    joined,
    node_in_view,
    ran,
    standing,
    step_of,
    wanted,
)
from floe_bench.tui.later import later
from floe_bench.tui.plan import repeat_plan, selected_plan
from floe_bench.tui.source import Source
from floe_bench.tui.step_actions import STEP_ACTIONS, STEP_BY_NAME
from floe_bench.tui.taking_back import PLAN
from floe_bench.tui.view import Link, Question, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

OPEN, GLANCE, COMPARE = "step", "glance", "compare"
"""Keys of the numbered reads."""
_SAMPLES, _FAILING = 50, 50
_SETTLE_S = 0.08


class Stepper:
    """The one writer of ``view.stepping``, and the ``StepDoer``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._waits = False
        self._asked: GlanceOf | None = None

    # From the bench

    def begin(self) -> None:
        """The stepped run that stands, or a new one over the selection."""
        state, view = self._app.bench_state, self._app.view
        step = standing(state)
        if step is not None:
            self.show(step.step_id)
            return
        run = run_to_repeat(state, view)
        plan = selected_plan(state, view) if run is None else repeat_plan(state, run)
        request = RunRequest(plan.select, plan.exclude or None, plan.full_refresh, "step")
        self._app.say("stepping: a run that stands before its first node …")
        self._app.bridge.read(OPEN, lambda client: StepChanged(client.stepping.start(request)))

    def pause_run(self, run_id: str) -> None:
        self._app.say("pausing: the run ends before its next asset …")
        self._app.bridge.read(OPEN, lambda client: StepChanged(client.stepping.pause(run_id)))

    def opened(self, answer: object) -> None:
        """The answer to either of them."""
        if isinstance(answer, StepChanged):
            self._app.tell(answer)
            self._app.look(notice=None)
            self.show(answer.step.step_id)
        elif isinstance(answer, Trouble):
            self._app.say(f"step: {answer.message}" + (f" → {answer.remedy}" if answer.remedy else ""), "bad")

    def show(self, step_id: str) -> None:
        from floe_bench.tui.screens.step import StepScreen

        self._app.look(stepping=StepView(step_id))
        if not isinstance(self._app.screen, StepScreen):
            self._app.push_screen(StepScreen())

    # What it looks at

    def forget(self) -> None:
        """What was asked for belongs to another engine."""
        self._asked = None

    def follow(self) -> None:
        """Read what is wanted now, once; what is on its way for something else is given up."""
        view, state = self._app.view.stepping, self._app.bench_state
        want = wanted(state, view)
        if view is None or want is None or want == self._asked:
            return
        if view.glance is not None and begins(view.glance.of, want):
            # What it runs was compiled when it was looked at; again would only take time from it.
            self._asked = want
            self._app.look(stepping=replace(view, glance=replace(view.glance, of=want)))
            return
        if self._waits or self._app.view.link is not Link.LIVE:
            return
        self._waits = True
        later(self._app, _SETTLE_S, self._read)

    def move(self, asset: str) -> None:
        view = self._app.view.stepping
        if view is not None and view.asset != asset:
            self._app.look(stepping=replace(view, asset=asset))

    def take(self, answer: object) -> None:
        view = self._app.view.stepping
        if view is None:
            return
        if isinstance(answer, Glance):
            self._app.look(stepping=replace(view, glance=answer))
        elif isinstance(answer, Trouble):
            self._app.say(f"{answer.message}" + (f" → {answer.remedy}" if answer.remedy else ""), "bad")

    def take_compared(self, answer: object) -> None:
        known = self._known_comparison()
        if known is None:
            return
        if isinstance(answer, Compared) and answer.of == known.of:
            diff = answer.diff if known.diff is None else joined(known.diff, answer.diff)
            whole = diff.left <= 0 or not answer.diff.samples
            self._show_comparison(replace(known, asked_at=None, diff=diff, pages=known.pages + 1, whole=whole))
        elif isinstance(answer, Trouble):
            self._show_comparison(replace(known, asked_at=None, trouble=answer))

    def more(self) -> None:
        """The next page of samples, if there is one and none is on its way."""
        known, node = self._known_comparison(), node_in_view(self._app.bench_state, self._app.view.stepping)
        if known is not None and node is not None and known.has_more:
            self._compare(known, node)

    def _known_comparison(self) -> Comparison | None:
        return comparison_of(self._app.bench_state, self._app.view.stepping)

    def _show_comparison(self, comparison: Comparison) -> None:
        view = self._app.view.stepping
        if view is not None:
            self._app.look(stepping=replace(view, comparison=comparison))

    def _compare(self, comparison: Comparison, node: StepNode) -> None:
        effect = node.effect
        if effect is None:
            return
        of, offset = comparison.of, comparison.pages * _SAMPLES
        self._app.look(progress=None)
        self._show_comparison(replace(comparison, asked_at=self._app.now()))

        def compared(client: BenchClient, cancelled: Callable[[], bool]) -> Compared:
            ends = (effect.from_snapshot, effect.to_snapshot)
            return Compared(of, client.diff(node.table, *ends, limit=_SAMPLES, offset=offset, cancelled=cancelled))

        self._app.bridge.inspect(COMPARE, compared)

    def _read(self) -> None:
        self._waits = False
        view, state = self._app.view.stepping, self._app.bench_state
        want, step, node = wanted(state, view), step_of(state, view), node_in_view(state, view)
        if want is None or step is None or node is None or want == self._asked:
            return
        self._asked = want
        failed = tuple(
            each.node_id
            for each in nodes_of(state, step.run_id).values()
            if each.is_check and each.status is NodeStatus.FAILED and each.node_id in {c.node_id for c in node.checks}
        )
        self._app.bridge.inspect(GLANCE, lambda client, cancelled: _glance(client, want, step, node, failed, cancelled))
        known = view.comparison if view is not None else None
        if known is None or known.of != want:
            self._app.bridge.drop(COMPARE)
            if ran(node):
                self._compare(Comparison(want), node)

    # On the step screen

    def perform(self, name: str) -> None:
        question = self._app.view.question
        if question is not None:
            self._app.look(question=None)
            if question.action == "abort" and name in ("abort", "yes"):
                self._app.say("aborting …")
                self._verb("abort", lambda client, step_id: client.stepping.abort(step_id))
            return
        if name == "yes":
            return
        action = STEP_BY_NAME[name]
        reason = action.disabled_reason(self._app.bench_state, self._app.view.stepping)
        if reason:
            self._app.say(f"{action.label}: {reason}", "warn")
        else:
            action.do(self)

    def next(self) -> None:
        self._go("next", lambda client, step_id: client.stepping.next(step_id))

    def proceed(self) -> None:
        self._go("continue", lambda client, step_id: client.stepping.proceed(step_id))

    def retry(self) -> None:
        self._go("retry", lambda client, step_id: client.stepping.retry(step_id))

    def skip(self) -> None:
        self._go("skip", lambda client, step_id: client.stepping.skip(step_id))

    def pause(self) -> None:
        self._app.say("stopping after the node at work …")
        self._verb("pause", lambda client, step_id: client.stepping.pause(step_id))

    def abort(self) -> None:
        text = "Abort this run? What was made stays; the node at work is cancelled."
        self._app.look(question=Question("abort", text, "abort it"), notice=None)

    def undo(self, *, downstream: bool) -> None:
        node = node_in_view(self._app.bench_state, self._app.view.stepping)
        if node is not None:
            asset = node.asset
            self._app.say("looking what an undo would do …")
            self._app.bridge.read(PLAN, lambda client: client.undo.plan(asset=asset, downstream=downstream))

    def turn_breakpoint(self) -> None:
        state, node = self._app.bench_state, node_in_view(self._app.bench_state, self._app.view.stepping)
        if node is None:
            return
        if any(each.asset == node.asset for each in state.breakpoints):
            self._breakpoint(f"no breakpoint on {node.name}", lambda c: c.stepping.clear_breakpoint(node.asset))
        else:
            self._set(Breakpoint(node.asset))

    def choose_breakpoint(self) -> None:
        from floe_bench.tui.screens.condition import ConditionMenu

        node = node_in_view(self._app.bench_state, self._app.view.stepping)
        if node is not None:
            self._app.push_screen(ConditionMenu(node), lambda chosen: self._set(chosen) if chosen else None)

    def open_source(self) -> None:
        node = node_in_view(self._app.bench_state, self._app.view.stepping)
        asset = (self._app.bench_state.assets or {}).get(node.asset) if node is not None else None
        step = step_of(self._app.bench_state, self._app.view.stepping)
        if node is not None and asset is not None and step is not None:
            message = node.message if node.place is Place.FAILED else ""
            source = Source(asset.path, None, node.node_id, step.run_id if message else None, message)
            self._app.open_source(source, then=self.look_again)

    def look_again(self) -> None:
        view = self._app.view.stepping
        if view is not None:
            self._app.look(stepping=replace(view, version=view.version + 1, glance=None, comparison=None))

    def step_box(self, by: int) -> None:
        view = self._app.view.stepping
        if view is not None:
            box = BOXES[(BOXES.index(view.box) + by) % len(BOXES)]
            self._app.look(stepping=replace(view, box=box))

    def show_help(self) -> None:
        from floe_bench.tui.screens.screen_keys import ScreenKeys

        keys = ScreenKeys(STEP_ACTIONS, lambda view: view.stepping)
        self._app.push_screen(keys, lambda name: self.perform(name) if name else None)

    def back(self) -> None:
        known, now = self._known_comparison(), self._app.now()
        if known is not None and is_long(known, now):
            self._app.bridge.drop(COMPARE)
            self._show_comparison(replace(known, asked_at=None, given_up=True))
            self._app.say("the comparison was given up")
        else:
            self.leave()

    def leave(self) -> None:
        from floe_bench.tui.screens.step import StepScreen

        self._asked = None
        if isinstance(self._app.screen, StepScreen):
            self._app.pop_screen()
        self._app.bridge.drop(GLANCE)
        self._app.bridge.drop(COMPARE)
        self._app.look(stepping=None)

    def _set(self, breakpoint: Breakpoint) -> None:
        name = breakpoint.asset.rpartition("/")[2]
        where = "before it" if breakpoint.condition is Condition.ALWAYS else f"if {breakpoint.words}"
        self._breakpoint(f"breakpoint on {name}: {where}", lambda client: client.stepping.set_breakpoint(breakpoint))

    def _breakpoint(self, said: str, call: Callable[[BenchClient], object]) -> None:
        def change(client: BenchClient) -> str:
            call(client)
            return said

        self._app.bridge.do("breakpoint", change)

    def _go(self, verb: str, call: Callable[[BenchClient, str], Step]) -> None:
        """The cursor goes along with the run again."""
        view = self._app.view.stepping
        if view is not None:
            self._app.look(stepping=replace(view, asset=None), notice=None)
        self._verb(verb, call)

    def _verb(self, verb: str, call: Callable[[BenchClient, str], Step]) -> None:
        view = self._app.view.stepping
        if view is None:
            return
        step_id = view.step_id

        def speak(client: BenchClient) -> str:
            call(client, step_id)
            return ""

        self._app.bridge.do(verb, speak)


def _glance(
    client: BenchClient,
    of: GlanceOf,
    step: Step,
    node: StepNode,
    failed: tuple[str, ...],
    cancelled: Callable[[], bool],
) -> Glance:
    if not ran(node):
        return Glance(of, outlook=client.stepping.outlook(of.step_id, of.asset, cancelled=cancelled))
    names = {check.node_id: check.name for check in node.checks}
    return Glance(
        of,
        code=client.code(step.run_id, node.node_id, cancelled=cancelled),
        failing=tuple(
            Failing(
                names[each],
                client.code(step.run_id, each).compiled,
                client.failing_rows(step.run_id, each, _FAILING, cancelled=cancelled),
            )
            for each in failed
            if not each.startswith("unit_test.")
        ),
    )
