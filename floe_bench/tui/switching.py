"""Going from one stack of the project to another, with its tables or without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from floe_bench.model.carry import Carriage
from floe_bench.tui.messages import Done
from floe_bench.tui.render import unit
from floe_bench.tui.view import Link, Notice, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp
    from floe_bench.tui.screens.stack_sheet import Choice

OFFERS, CARRY = "offers", "carry"
"""Keys of the numbered reads."""
SWITCH = "switch"


class Switching:
    """The old engine ends, a new one boots on the other stack, and then the tables come over if they shall.

    ``choose`` tells whoever starts engines which stack from here on.
    """

    def __init__(self, app: BenchApp, choose: Callable[[str], None]) -> None:
        self._app, self._choose = app, choose
        self._bound: Choice | None = None
        self._left, self._kept = "", False

    def begin(self) -> None:
        self._app.bridge.read(OFFERS, lambda client: client.carrying.offers())

    def offered(self, answer: object) -> None:
        from floe_bench.tui.screens.stack_sheet import StackSheet

        status = self._app.bench_state.stack
        if isinstance(answer, Trouble):
            self._app.say(answer.message, "bad")
        elif isinstance(answer, tuple) and status is not None and self._app.view.tending is not None:
            self._app.push_screen(StackSheet(answer, status.stack), self._go)

    def _go(self, choice: Choice | None) -> None:
        status = self._app.bench_state.stack
        if choice is None or status is None:
            return
        self._bound, self._left, self._kept = choice, choice.left, status.kept
        self._choose(choice.stack)
        self._app.keeper.close()
        self._app.look(link=Link.STOPPING, notice=Notice(f"switching to {choice.stack} …", "warn"))
        self._app.bridge.do(SWITCH, _ended)

    def done(self, message: Done) -> None:
        """An engine that could not be asked any more is gone all the same, or the new one says so."""
        self._app.look(notice=None)
        self._app.start()

    def follow(self) -> None:
        """The new engine is whole, or will not become so. It may be so before its link is heard of."""
        bound, booted = self._bound, self._app.bench_state.booted
        if bound is None or booted is None or self._app.view.link is Link.STOPPING:
            return
        self._bound = None
        if not booted.ok:
            self._app.say(f"{bound.stack} did not start; i and then S go back to {self._left}", "bad")
            return
        if self._kept:
            self._app.bridge.do("keep", _kept)
        if bound.carry:
            from floe_bench.tui.screens.carriage import CarryingSheet

            left = self._left
            self._app.look(carrying=None)
            self._app.push_screen(CarryingSheet(left, bound.stack), self._ended_early)
            self._app.bridge.inspect(CARRY, lambda client, cancelled: client.carrying.carry(left, cancelled=cancelled))
        else:
            self._app.say(f"on {bound.stack} now", "ok")

    def _ended_early(self, early: bool | None) -> None:
        """What is at work is taken back by the engine."""
        if early:
            self._app.bridge.drop(CARRY)
            at = self._app.view.carrying
            came = "no table" if at is None or at.number == 1 else unit.plural(at.number - 1, "table")
            self._app.say(f"ended: {came} carried, each whole; i, S and c go on from there", "warn")

    def carried(self, answer: object) -> None:
        from floe_bench.tui.screens.carriage import CarriageSheet, CarryingSheet

        if isinstance(self._app.screen, CarryingSheet):
            self._app.screen.dismiss(False)
        if isinstance(answer, Trouble):
            said = f"nothing was carried: {answer.message}"
            self._app.say(f"{said} → {answer.remedy}" if answer.remedy else said, "bad")
        elif isinstance(answer, Carriage):
            came = sum(not each.fault for each in answer.tables)
            said = (
                f"{came} of {unit.plural(len(answer.tables), 'table')} carried from {answer.source}, all rows compared"
            )
            self._app.say(said, "ok" if answer.whole else "warn")
            self._app.push_screen(CarriageSheet(answer))


def _ended(client: BenchClient) -> None:
    client.shutdown()


def _kept(client: BenchClient) -> None:
    client.keep(True)
