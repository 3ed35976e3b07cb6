"""What a user can do on the SQL screen, as one list: footer, help and the key reference are drawn from it."""

from __future__ import annotations

from typing import Protocol

from floe_bench.state import BenchState
from floe_bench.tui import reason
from floe_bench.tui.action import ScreenAction
from floe_bench.tui.asking import shown_result
from floe_bench.tui.plotting import first_plot
from floe_bench.tui.view import View


class SqlDoer(Protocol):
    """What the app can do for an action of the SQL screen."""

    def run(self) -> None: ...
    def explain(self) -> None: ...
    def choose_moment(self) -> None: ...
    def show_history(self) -> None: ...
    def turn_lock(self) -> None: ...
    def export(self) -> None: ...
    def save_model(self) -> None: ...
    def plot(self) -> None: ...
    def undo(self) -> None: ...
    def step_box(self, by: int) -> None: ...
    def step_result(self, by: int) -> None: ...
    def close_result(self) -> None: ...
    def copy(self) -> None: ...
    def show_help(self) -> None: ...
    def leave(self) -> None: ...


SqlAction = ScreenAction[SqlDoer, View]


def _nothing_typed(state: BenchState, view: View) -> str:
    if said := reason.not_ready(state, view):
        return said
    return "" if view.asking is not None and view.asking.text.strip() else "write a statement first"


def _no_model(state: BenchState, view: View) -> str:
    if said := reason.not_now(state, view) or _nothing_typed(state, view):
        return said
    past = view.asking is not None and bool(view.asking.at)
    return "a model reads tables as they are when it runs; choose now first" if past else ""


def _no_result(state: BenchState, view: View) -> str:
    return "" if shown_result(view.asking) is not None else "there is no result yet"


def _nothing_found(state: BenchState, view: View) -> str:
    if said := reason.not_ready(state, view) or _no_result(state, view):
        return said
    found = shown_result(view.asking)
    if found is not None and found.written:
        return "this statement wrote; running it again would write again"
    return "" if found is not None and found.answer is not None and not found.plan else "this result has no rows"


def _nothing_to_plot(state: BenchState, view: View) -> str:
    found = shown_result(view.asking)
    if found is None or found.answer is None or found.plan or not found.answer.rows:
        return "there are no rows to plot"
    return "" if first_plot(found.answer, 0) is not None else "no column of this result has numbers"


def _nothing_written(state: BenchState, view: View) -> str:
    if said := reason.not_now(state, view) or _no_result(state, view):
        return said
    found = shown_result(view.asking)
    written = found.written if found is not None else ()
    if not written:
        return "this statement changed no table"
    return "" if written[0].before is not None else f"{written[0].table} had no snapshot before"


def _not_chosen_here(state: BenchState, view: View) -> str:
    return reason.in_the_past(view) or reason.not_ready(state, view)


def _in_the_past(state: BenchState, view: View) -> str:
    if said := reason.in_the_past(view):
        return said
    past = view.asking is not None and bool(view.asking.at)
    return "in the past nothing can be written; choose now first" if past else ""


SQL_ACTIONS: tuple[SqlAction, ...] = (
    SqlAction("run", ("ctrl+j", "f5"), "run", "Run what is selected, else all that is typed, in a process of its own.",
              lambda doer: doer.run(), _nothing_typed, rank=1),
    SqlAction("explain", ("f6",), "explain", "Run it and say which step took how long, instead of the rows.",
              lambda doer: doer.explain(), _nothing_typed, rank=5),
    SqlAction("moment", ("f7",), "as of", "Ask every table as it was: at a snapshot, on a branch or tag, or at a time.",
              lambda doer: doer.choose_moment(), _not_chosen_here, rank=4),
    SqlAction("history", ("f8",), "history", "What was asked in this project; enter puts it in the editor.",
              lambda doer: doer.show_history(), reason.not_ready, rank=6),
    SqlAction("export", ("ctrl+s",), "export",
              "Write all rows of the result to a file: .csv, .parquet, .json, .jsonl or .md. It is run again for that.",
              lambda doer: doer.export(), _nothing_found, rank=7),
    SqlAction("save_model", ("f9",), "save model",
              "Make a dbt model of what is selected, else of all that is typed: a new file, which is shown first.",
              lambda doer: doer.save_model(), _no_model, rank=11),
    SqlAction("lock", ("ctrl+l",), "unlock",
              "Let statements change rows (INSERT, UPDATE, DELETE, MERGE), each after plan and question; or lock.",
              lambda doer: doer.turn_lock(), _in_the_past, rank=8),
    SqlAction("next_box", ("tab",), "next box", "In the editor the first of the offered words; else the other box.",
              lambda doer: doer.step_box(1)),
    SqlAction("previous_box", ("shift+tab",), "box before", "The other box.", lambda doer: doer.step_box(-1)),
    SqlAction("previous_result", ("f2", "H"), "result before", "The result before; H in the results only.",
              lambda doer: doer.step_result(-1), _no_result),
    SqlAction("next_result", ("f3", "L"), "next result", "The next result; L in the results only.",
              lambda doer: doer.step_result(1), _no_result, rank=9),
    SqlAction("close_result", ("x",), "close", "In the results: close this one, and end it if it still runs.",
              lambda doer: doer.close_result(), _no_result, rank=12, plain=True),
    SqlAction("undo", ("u",), "undo", "In the results: take back what the statement wrote, after a look at the plan.",
              lambda doer: doer.undo(), _nothing_written, rank=13, plain=True),
    SqlAction("plot", ("p",), "plot",
              "In the results: the column under the cursor as a curve over times or numbers, or as bars over names.",
              lambda doer: doer.plot(), _nothing_to_plot, rank=10, plain=True),
    SqlAction("copy", ("Y",), "copy command", "In the results: copy the command that asks the same in a shell.",
              lambda doer: doer.copy(), _no_result, plain=True),
    SqlAction("help", ("f1",), "help", "These keys, searchable with /; enter does what the key does.",
              lambda doer: doer.show_help(), rank=2),
    SqlAction("leave", ("escape",), "back",
              "End what runs, go from a row to its rows, to the editor, to where you came from: one at a time.",
              lambda doer: doer.leave(), rank=3),
)  # fmt: skip
SQL_BY_NAME = {action.name: action for action in SQL_ACTIONS}
