"""What each action of the SQL screen does, and taking what came of statements."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from floe_bench.model.command import last, to_type
from floe_bench.model.query import QueryPage, StatementPlan, Words
from floe_bench.tui.asking import (
    BOXES,
    EDITOR,
    RESULTS,
    History,
    PastLook,
    Result,
    SqlView,
    beside,
    named_in,
    shown_result,
    with_result,
)
from floe_bench.tui.past.moment import moment_typed
from floe_bench.tui.plotting import first_plot
from floe_bench.tui.render import unit
from floe_bench.tui.saving import ModelSaving
from floe_bench.tui.sql_actions import SQL_ACTIONS, SQL_BY_NAME
from floe_bench.tui.taking_back import PLAN
from floe_bench.tui.view import Question, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp
    from floe_bench.tui.inspection import Answer
    from floe_bench.tui.screens.sql import SqlScreen

ASK = "ask "
"""Begins the key of the numbered read of a result; its number follows."""
WORDS, PAST, HISTORY = "words", "past", "asked before"
_PAGE, _FIRST_PAGE = 2000, 500
_MOMENTS = 200


class Asker:
    """The one writer of ``view.asking``, and the ``SqlDoer``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._number = 0
        self._waiting: Result | None = None
        self._read: frozenset[str] = frozenset()
        self.saving = ModelSaving(app)

    def begin(self, text: str = "", at: str = "") -> None:
        """What was asked before is still there; ``text`` is put in front of it."""
        from floe_bench.tui.screens.sql import SqlScreen

        asking = self._app.view.asking or SqlView(at=self._as_of())
        if text:
            at = at or self._as_of()
            asking = replace(asking, text=text, at=at, unlocked=asking.unlocked and not at)
        self._app.look(asking=replace(asking, box=EDITOR))
        if not isinstance(self._app.screen, SqlScreen):
            self._app.push_screen(SqlScreen(asking.text))
        self._app.bridge.read(WORDS, lambda client: client.querying.words())

    def as_of(self, before: str) -> None:
        """The whole bench went to another moment, and the screen with it, unless it had been at one of its own."""
        asking = self._app.view.asking
        if asking is not None and (self._as_of() or asking.at == before):
            self._app.look(asking=replace(asking, at=self._as_of(), unlocked=False))

    @property
    def _screen(self) -> SqlScreen | None:
        """None where another is on top."""
        from floe_bench.tui.screens.sql import SqlScreen

        return self._app.screen if isinstance(self._app.screen, SqlScreen) else None

    def _as_of(self) -> str:
        return moment_typed(self._app.view.as_of, self._app.zone)

    def change(self, **changed: object) -> None:
        """Fields of ``SqlView``, as a part of the screen says."""
        asking = self._app.view.asking
        if asking is None or self._screen is None:
            return
        if any(getattr(asking, name) != value for name, value in changed.items()):
            self._app.look(asking=replace(asking, **changed))  # type: ignore[arg-type]
        if "text" in changed or "words" in changed:
            self._read_columns()

    # What it looks at

    def take(self, key: str, answer: object) -> None:
        asking = self._app.view.asking
        number = int(key.removeprefix(ASK))
        known = next((each for each in asking.results if each.number == number), None) if asking else None
        if asking is None or known is None:
            return
        if isinstance(answer, StatementPlan):
            self._planned(replace(known, asked_at=None, plan_first=answer.steps), writes=answer.writes)
            return
        if isinstance(answer, Trouble):
            changed = replace(known, asked_at=None, trouble=answer)
        elif isinstance(answer, QueryPage):
            changed = known.with_page(answer)
            if answer.written:
                self._app.read_again()
        else:
            return
        self._app.look(asking=replace(asking, results=with_result(asking.results, changed)))

    def take_words(self, answer: object) -> None:
        asking = self._app.view.asking
        if asking is None or not isinstance(answer, Words):
            return  # without words nothing is completed, and that is all
        if answer.tables or answer.functions:
            self._read = frozenset()
            words = replace(answer, columns={})
        else:
            words = replace(asking.words, columns={**asking.words.columns, **answer.columns})
        self._app.look(asking=replace(asking, words=words))
        self._read_columns()

    def _read_columns(self) -> None:
        asking = self._app.view.asking
        if asking is None:
            return
        new = tuple(table for table in named_in(asking.text, asking.words) if table not in self._read)
        if new:
            self._read |= set(new)
            self._app.bridge.read(f"{WORDS}{len(self._read)}", lambda client: client.querying.words(new))

    def more(self) -> None:
        """The next page of the result that is shown."""
        result = shown_result(self._app.view.asking)
        if result is None or result.asked_at is not None or result.trouble is not None or result.answer is None:
            return
        if result.answer.truncated:
            self._put(replace(result, asked_at=self._app.now()))
            self._app.bridge.inspect(
                f"{ASK}{result.number}",
                lambda client, cancelled: client.querying.more(result.query_id, _PAGE, cancelled=cancelled),
            )

    def show_row(self, row: int | None) -> None:
        result = shown_result(self._app.view.asking)
        if result is not None:
            self._put(replace(result, row=row))

    # On the SQL screen

    def perform(self, name: str) -> None:
        question = self._app.view.question
        if question is not None:
            self._app.look(question=None)
            waiting, self._waiting = self._waiting, None
            if waiting is not None and name in ("run", "yes"):
                self._start(waiting, write=True)
            elif waiting is not None:
                self._forget(waiting)
            return
        if name == "yes":
            return
        if self._screen is not None:
            self.change(text=self._screen.box.editor.text)
        action = SQL_BY_NAME[name]
        reason = action.disabled_reason(self._app.bench_state, self._app.view)
        if reason:
            self._app.say(f"{action.label}: {reason}", "warn")
        else:
            action.do(self)

    def run(self) -> None:
        self._ask(self._typed())

    def explain(self) -> None:
        self._ask(f"explain analyze {self._typed()}", reads=True)

    def _typed(self) -> str:
        assert self._screen is not None
        return self._screen.box.statement

    def _ask(self, sql: str, *, reads: bool = False) -> None:
        asking = self._app.view.asking
        if asking is None:
            return
        self._number += 1
        result = Result(self._number, sql, asking.at)
        if asking.unlocked and not reads:
            self._fetch(result, lambda client, cancelled: client.querying.plan(sql, cancelled=cancelled))
        else:
            self._start(result, write=False)

    def _planned(self, result: Result, *, writes: bool) -> None:
        """What only reads is not asked about; nor is anybody who went away, or locked rows again, meanwhile."""
        asking = self._app.view.asking
        if asking is None or self._screen is None or not asking.unlocked:
            self._forget(result)
        elif not writes:
            self._start(result, write=True)
        else:
            if self._waiting is not None:
                self._forget(self._waiting)
            self._waiting = result
            self._put(result)
            question = Question("run", "This changes rows, as a snapshot. Run it?", "run it")
            self._app.look(question=question, notice=None)

    def _start(self, result: Result, *, write: bool) -> None:
        self._fetch(
            result,
            lambda client, cancelled: client.querying.open(
                result.sql, result.at, write, _FIRST_PAGE, cancelled=cancelled
            ),
        )

    def _fetch(self, result: Result, call: Callable[[BenchClient, Callable[[], bool]], Answer]) -> None:
        asking = self._app.view.asking
        if asking is None:
            return
        begun = replace(result, asked_at=self._app.now(), plan_first=())
        others = tuple(each for each in asking.results if each.number != begun.number)
        self._app.look(asking=replace(asking, results=(*others, begun), shown=begun.number))
        self._app.bridge.inspect(f"{ASK}{begun.number}", call)

    def _forget(self, result: Result) -> None:
        asking = self._app.view.asking
        if asking is not None:
            next_one = beside(asking, -1) if asking.shown == result.number else asking.shown
            left = tuple(each for each in asking.results if each.number != result.number)
            self._app.look(asking=replace(asking, results=left, shown=next_one if left else None))

    def choose_moment(self) -> None:
        asking = self._app.view.asking
        tables = named_in(asking.text, asking.words) if asking is not None else ()
        self._app.bridge.read(PAST, lambda client: _past(client, tables))

    def take_past(self, answer: object) -> None:
        from floe_bench.tui.screens.sql_sheets import MomentSheet

        if isinstance(answer, Trouble):
            self._say(answer)
        elif isinstance(answer, PastLook) and self._screen is not None:
            self._app.push_screen(MomentSheet(answer), self._go_to)

    def _go_to(self, at: str | None) -> None:
        from floe_bench.tui.screens.sql_sheets import NOW

        if at is not None:
            self.change(at="" if at == NOW else at, unlocked=False)

    def show_history(self) -> None:
        self._app.bridge.read(HISTORY, lambda client: History(client.querying.asked()))

    def take_history(self, answer: object) -> None:
        from floe_bench.tui.screens.sql_sheets import HistorySheet

        if isinstance(answer, Trouble):
            self._say(answer)
        elif isinstance(answer, History) and self._screen is not None:
            self._app.push_screen(HistorySheet(answer), self._put_back)

    def _put_back(self, sql: str | None) -> None:
        if sql is not None and self._screen is not None:
            self._screen.box.put(sql)
            self.change(box=EDITOR)

    def turn_lock(self) -> None:
        asking = self._app.view.asking
        if asking is not None:
            self.change(unlocked=not asking.unlocked)
            said = "rows can be changed, each time after a question" if not asking.unlocked else "statements only read"
            self._app.say(said, "warn" if not asking.unlocked else "ok")

    def export(self) -> None:
        from floe_bench.tui.screens.sql_sheets import FileSheet

        result = shown_result(self._app.view.asking)
        if result is not None:
            self._app.push_screen(FileSheet(f"query-{result.number}.csv"), lambda path: self._write(result, path))

    def _write(self, result: Result, path: str | None) -> None:
        if path is None:
            return
        target = str(Path(path).expanduser().absolute())
        self._app.say(f"writing {target} …")
        self._app.bridge.do("export", lambda client: _exported(client, result, target))

    def save_model(self) -> None:
        self.saving.begin(self._typed())

    def plot(self) -> None:
        from floe_bench.tui.screens.plot import PlotSheet

        result = shown_result(self._app.view.asking)
        answer = result.answer if result is not None else None
        if answer is None or self._screen is None:
            return
        plot = first_plot(answer, self._screen.results.column)
        if plot is not None:
            self._app.push_screen(PlotSheet(answer, plot))

    def undo(self) -> None:
        """Through the same look at the plan as an undo on the bench."""
        result = shown_result(self._app.view.asking)
        written = result.written[0] if result is not None and result.written else None
        if written is not None and written.before is not None:
            table, before = written.table, written.before
            self._app.say("looking what taking it back would do …")
            self._app.bridge.read(PLAN, lambda client: client.undo.plan_rollback(table, before))

    def step_box(self, by: int) -> None:
        asking = self._app.view.asking
        if asking is not None:
            self.change(box=BOXES[(BOXES.index(asking.box) + by) % len(BOXES)])

    def step_result(self, by: int) -> None:
        asking = self._app.view.asking
        if asking is not None:
            self.change(shown=beside(asking, by))

    def close_result(self) -> None:
        asking, result = self._app.view.asking, shown_result(self._app.view.asking)
        if asking is None or result is None:
            return
        self._app.bridge.drop(f"{ASK}{result.number}")
        if result.query_id:
            self._app.bridge.do("close", lambda client: client.querying.close(result.query_id))
        self._forget(result)
        self.change(box=RESULTS if len(asking.results) > 1 else EDITOR)

    def copy(self) -> None:
        result = shown_result(self._app.view.asking)
        if result is not None:
            how = ("--at", result.at) if result.at else ("--write",) if result.written else ()
            self._app.copy_to_clipboard(to_type("query", *how, *last(result.sql)))
            self._app.say("copied the command that asks this in a shell", "ok")

    def show_help(self) -> None:
        from floe_bench.tui.screens.screen_keys import ScreenKeys

        keys = ScreenKeys(SQL_ACTIONS, lambda view: view)
        self._app.push_screen(keys, lambda name: self.perform(name) if name else None)

    def leave(self) -> None:
        """One thing at a time: what runs, the row, the results, the screen."""
        asking, result = self._app.view.asking, shown_result(self._app.view.asking)
        if asking is None:
            return
        if result is not None and result.asked_at is not None:
            self._app.bridge.drop(f"{ASK}{result.number}")
            self._put(replace(result, asked_at=None, trouble=Trouble("It was ended before it was done.")))
        elif result is not None and result.row is not None:
            self._put(replace(result, row=None))
        elif asking.box == RESULTS:
            self.change(box=EDITOR)
        else:
            self._app.pop_screen()

    def _put(self, changed: Result) -> None:
        asking = self._app.view.asking
        if asking is not None:
            self._app.look(asking=replace(asking, results=with_result(asking.results, changed)))

    def _say(self, trouble: Trouble) -> None:
        self._app.say(trouble.message + (f" → {trouble.remedy}" if trouble.remedy else ""), "bad")


def _past(client: BenchClient, tables: tuple[str, ...]) -> PastLook:
    found = [(table, each) for table in tables for each in client.snapshots(table)]
    found.sort(key=lambda pair: pair[1].committed_at, reverse=True)
    return PastLook(tuple(found[:_MOMENTS]))


def _exported(client: BenchClient, result: Result, target: str) -> str:
    done = client.export.query(result.sql, target, at=result.at)
    return f"{unit.plural(done.rows, 'row')}, {unit.size(done.bytes)}: {done.path}"
