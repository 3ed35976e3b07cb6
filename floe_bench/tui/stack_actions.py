"""What a user can do on the stack screen, as one list: footer, help and the key reference are drawn from it."""

from __future__ import annotations

from typing import Protocol

from floe_bench.model.stack import StackState
from floe_bench.state import BenchState, active_runs
from floe_bench.tui.action import ScreenAction
from floe_bench.tui.reason import in_the_past
from floe_bench.tui.services import chosen_service, status_in_view
from floe_bench.tui.view import Link, View


class StackDoer(Protocol):
    """What the app can do for an action of the stack screen."""

    def restart(self) -> None: ...
    def stop(self) -> None: ...
    def choose_connection(self) -> None: ...
    def switch(self) -> None: ...
    def copy(self) -> None: ...
    def step_box(self, by: int) -> None: ...
    def show_help(self) -> None: ...
    def leave(self) -> None: ...


StackAction = ScreenAction[StackDoer, View]


def _no_service(state: BenchState, view: View) -> str:
    if view.link is not Link.LIVE:
        return "the engine is not there"
    return "" if chosen_service(state, view.tending) is not None else "the stack has no service yet"


def _cannot_change(state: BenchState, view: View) -> str:
    if reason := in_the_past(view) or _no_service(state, view):
        return reason
    if view.tending is not None and view.tending.doing:
        return f"{view.tending.doing}; wait for its end"
    if state.booted is None:
        return "the bench is still starting"
    return "" if state.booted.ok else "the start failed; r on the bench tries again"


def _cannot_stop(state: BenchState, view: View) -> str:
    if reason := _cannot_change(state, view):
        return reason
    service = chosen_service(state, view.tending)
    stopped = service is not None and service.state is StackState.STOPPED
    return f"{service.name} is stopped" if service is not None and stopped else ""


def _not_ready(state: BenchState, view: View) -> str:
    if reason := _no_service(state, view):
        return reason
    status = status_in_view(state, view.tending)
    ready = status is not None and status.state is StackState.READY
    return "" if ready else "there is an address once the stack is ready"


def _cannot_leave(state: BenchState, view: View) -> str:
    if reason := in_the_past(view):
        return reason
    if view.link is not Link.LIVE:
        return "the engine is not there"
    if view.tending is not None and view.tending.doing:
        return f"{view.tending.doing}; wait for its end"
    if state.booted is None:
        return "the bench is still starting"
    return "a run is going; cancel it on the bench first" if active_runs(state) else ""


STACK_ACTIONS: tuple[StackAction, ...] = (
    StackAction("restart", ("r",), "restart", "Start the service again, also a stopped one; ports and data stay.",
                lambda doer: doer.restart(), _cannot_change, rank=1),
    StackAction("stop", ("x",), "stop", "Stop the service, and leave it so until it is restarted. Asks first.",
                lambda doer: doer.stop(), _cannot_stop, rank=2),
    StackAction("connection", ("c",), "copy connection",
                "Settings for PyIceberg, DuckDB, Spark, Trino, dbt or a shell; secrets are named, never shown.",
                lambda doer: doer.choose_connection(), _not_ready, rank=3),
    StackAction("switch", ("S",), "switch stack",
                "Go to another stack of the project, with the tables copied over or not; says which can start here.",
                lambda doer: doer.switch(), _cannot_leave, rank=7),
    StackAction("next_box", ("tab",), "next box", "Services, or the log of the one that is chosen.",
                lambda doer: doer.step_box(1)),
    StackAction("previous_box", ("shift+tab",), "box before", "The one before.", lambda doer: doer.step_box(-1)),
    StackAction("copy", ("Y",), "copy", "Copy the command that follows this log in a shell.",
                lambda doer: doer.copy(), _no_service, rank=6),
    StackAction("help", ("question_mark", "f1"), "help", "These keys, searchable with /; enter does what the key does.",
                lambda doer: doer.show_help(), rank=4),
    StackAction("leave", ("escape", "q"), "bench", "Back to the bench.", lambda doer: doer.leave(), rank=5),
)  # fmt: skip
STACK_BY_NAME = {action.name: action for action in STACK_ACTIONS}
