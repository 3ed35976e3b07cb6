"""What a user can do on the step screen, in one table: its footer, its help and the key reference are drawn from it."""

from __future__ import annotations

from typing import Protocol

from floe_bench.model.step import Place, Step, StepState
from floe_bench.state import BenchState
from floe_bench.tui.action import ScreenAction
from floe_bench.tui.glance import StepView, node_in_view, step_of


class StepDoer(Protocol):
    """What the app can do for an action of the step screen."""

    def next(self) -> None: ...
    def proceed(self) -> None: ...
    def pause(self) -> None: ...
    def retry(self) -> None: ...
    def skip(self) -> None: ...
    def abort(self) -> None: ...
    def undo(self, *, downstream: bool) -> None: ...
    def turn_breakpoint(self) -> None: ...
    def choose_breakpoint(self) -> None: ...
    def open_source(self) -> None: ...
    def look_again(self) -> None: ...
    def step_box(self, by: int) -> None: ...
    def show_help(self) -> None: ...
    def back(self) -> None: ...
    def leave(self) -> None: ...


StepAction = ScreenAction[StepDoer, StepView | None]


def _not_standing(state: BenchState, view: StepView | None) -> str:
    step = step_of(state, view)
    if step is None:
        return "there is no stepped run here"
    if step.state.over:
        return f"the run is over: {step.state}; s on the bench starts another"
    return "a node is at work; p stops after it" if step.state is StepState.RUNNING else ""


def _nothing_ran(state: BenchState, view: StepView | None) -> str:
    if reason := _not_standing(state, view):
        return reason
    return "" if _has_run(step_of(state, view)) else "no node has run yet; n runs the first"


def _nothing_to_skip(state: BenchState, view: StepView | None) -> str:
    if reason := _not_standing(state, view):
        return reason
    step = step_of(state, view)
    left = step is not None and (step.next is not None or any(node.place is Place.FAILED for node in step.nodes))
    return "" if left else "no node is left to skip"


def _does_not_go(state: BenchState, view: StepView | None) -> str:
    step = step_of(state, view)
    return "" if step is not None and step.state is StepState.RUNNING else "it stands already"


def _over(state: BenchState, view: StepView | None) -> str:
    step = step_of(state, view)
    return "" if step is not None and not step.state.over else "the run is over"


def _nothing_written(state: BenchState, view: StepView | None) -> str:
    step, node = step_of(state, view), node_in_view(state, view)
    if step is not None and step.state is StepState.RUNNING:
        return "a node is at work; p stops after it"
    return "" if node is not None and node.effect is not None else "it wrote nothing in this run"


def _no_source(state: BenchState, view: StepView | None) -> str:
    node = node_in_view(state, view)
    asset = (state.assets or {}).get(node.asset) if node else None
    return "" if asset is not None and asset.path else "the project does not say where it is written"


def _has_run(step: Step | None) -> bool:
    return step is not None and any(node.attempts for node in step.nodes)


STEP_ACTIONS: tuple[StepAction, ...] = (
    StepAction("next", ("n",), "next", "Run the next node with its tests, and stop.",
               lambda doer: doer.next(), _not_standing, rank=1),
    StepAction("proceed", ("c",), "continue", "Run to the next breakpoint, or to the end.",
               lambda doer: doer.proceed(), _not_standing, rank=2),
    StepAction("retry", ("r",), "retry", "Run the node that ran last once more, from its file as it is now.",
               lambda doer: doer.retry(), _nothing_ran, rank=3),
    StepAction("skip", ("k",), "skip",
               "Leave the next node out, or a failed one as it is: what reads it reads its table as it was.",
               lambda doer: doer.skip(), _nothing_to_skip, rank=4),
    StepAction("turn_breakpoint", ("b",), "breakpoint", "Stop before this asset, and no more. Kept with the project.",
               lambda doer: doer.turn_breakpoint(), rank=7),
    StepAction("choose_breakpoint", ("B",), "condition",
               "Stop after this asset if rows changed, a check failed, the schema changed, or it was slow.",
               lambda doer: doer.choose_breakpoint(), rank=11),
    StepAction("pause", ("p",), "pause", "Stop after the node at work.",
               lambda doer: doer.pause(), _does_not_go, rank=8),
    StepAction("abort", ("x",), "abort", "End the run; the node at work is cancelled, what was made stays. Asks once.",
               lambda doer: doer.abort(), _over, rank=9),
    StepAction("undo", ("u",), "undo", "Take back what this asset's last run wrote, after a look at the plan.",
               lambda doer: doer.undo(downstream=False), _nothing_written, rank=12),
    StepAction("undo_downstream", ("U",), "undo downstream", "As undo, with everything that was made from it.",
               lambda doer: doer.undo(downstream=True), _nothing_written),
    StepAction("open_source", ("o",), "open", "Open its file in $VISUAL or $EDITOR; then r runs it again.",
               lambda doer: doer.open_source(), _no_source, rank=10),
    StepAction("look_again", ("R",), "look again", "Compile the node again, from its file as it is now.",
               lambda doer: doer.look_again()),
    StepAction("next_box", ("tab",), "next box", "Order, SQL, what it did: the next one.",
               lambda doer: doer.step_box(1)),
    StepAction("previous_box", ("shift+tab",), "box before", "The one before.", lambda doer: doer.step_box(-1)),
    StepAction("help", ("question_mark", "f1"), "help", "These keys, searchable with /; enter does what the key does.",
               lambda doer: doer.show_help(), rank=5),
    StepAction("back", ("escape",), "bench", "Give up a comparison that takes long; else back to the bench.",
               lambda doer: doer.back(), rank=6),
    StepAction("leave", ("q", "s"), "bench", "Back to the bench; the run stands where it stands.",
               lambda doer: doer.leave()),
)  # fmt: skip
STEP_BY_NAME = {action.name: action for action in STEP_ACTIONS}
