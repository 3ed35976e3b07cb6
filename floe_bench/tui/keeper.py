"""What each action of the stack screen does, and reading what it looks at again and again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.model.command import to_type
from floe_bench.model.stack import StackStatus
from floe_bench.state import active_runs
from floe_bench.tui.later import later
from floe_bench.tui.render import unit
from floe_bench.tui.services import BOXES, SERVICES, Connection, ServiceLook, StackView, chosen_service
from floe_bench.tui.stack_actions import STACK_ACTIONS, STACK_BY_NAME
from floe_bench.tui.view import Link, Question, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp
    from floe_bench.tui.screens.connection import Tool

WATCH, TEND, CONNECT = "watch services", "tend a service", "connection"
"""Keys of the numbered reads."""
_EVERY_S = 1.0
_LINES = 300
_FILL = 'eval "$(floe-bench connect env --show-secrets)"'


class Keeper:
    """The one writer of ``view.tending``, and the ``StackDoer``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._waits = False

    def begin(self) -> None:
        from floe_bench.tui.screens.stack import StackScreen

        self._app.look(tending=StackView())
        if not isinstance(self._app.screen, StackScreen):
            self._app.push_screen(StackScreen())
        self._read(quick=True)

    def change(self, **changed: object) -> None:
        """Fields of ``StackView``, as a part of the screen says."""
        tending = self._app.view.tending
        if tending is not None:
            self._app.look(tending=replace(tending, **changed))  # type: ignore[arg-type]

    def choose(self, service: str) -> None:
        tending = self._app.view.tending
        if tending is not None and tending.service != service:
            self.change(service=service)
            self._read(quick=True)

    # What it looks at

    def _read(self, *, quick: bool = False) -> None:
        """A log ends with its service; one that is read again goes on with the next. ``quick``: measuring can wait."""
        tending = self._app.view.tending
        if tending is None:
            return
        if self._app.view.link is not Link.LIVE:
            self._read_later()
            return
        chosen = chosen_service(self._app.bench_state, tending)
        of = chosen.service if chosen is not None else ""
        known = tending.look.status if quick and tending.look is not None else None
        self._app.bridge.inspect(WATCH, lambda client, cancelled: _look(client, of, known, quick=quick))

    def _read_later(self) -> None:
        if not self._waits:
            self._waits = True
            later(self._app, _EVERY_S, self._waited)

    def _waited(self) -> None:
        self._waits = False
        self._read()

    def take(self, answer: object) -> None:
        if isinstance(answer, Trouble):
            self.change(fault=answer.message, remedy=answer.remedy)
        elif isinstance(answer, ServiceLook):
            self.change(look=answer, fault="", remedy="")
        self._read_later()

    # On the stack screen

    def perform(self, name: str) -> None:
        question = self._app.view.question
        if question is not None:
            self._app.look(question=None)
            if name in (question.action, "yes"):
                self._carry_out(question)
            return
        if name == "yes":
            return
        action = STACK_BY_NAME[name]
        reason = action.disabled_reason(self._app.bench_state, self._app.view)
        if reason:
            self._app.say(f"{action.label}: {reason}", "warn")
        else:
            action.do(self)

    def restart(self) -> None:
        """Asks only where it may cost somebody something."""
        service = chosen_service(self._app.bench_state, self._app.view.tending)
        active = active_runs(self._app.bench_state)
        if service is None:
            return
        question = Question("restart", "", "restart it", service.service)
        if active:
            text = f"{unit.plural(len(active), 'run')} may fail meanwhile. Restart {service.name}?"
            self._app.look(question=replace(question, text=text), notice=None)
        else:
            self._carry_out(question)

    def stop(self) -> None:
        service = chosen_service(self._app.bench_state, self._app.view.tending)
        if service is not None:
            text = f"Stop {service.name}? Tables cannot be read before it is restarted."
            self._app.look(question=Question("stop", text, "stop it", service.service), notice=None)

    def _carry_out(self, question: Question) -> None:
        service, verb = question.subject, question.action
        self.change(doing=f"{'restarting' if verb == 'restart' else 'stopping'} {service}")
        change = _restarted if verb == "restart" else _stopped
        self._app.bridge.read(TEND, lambda client: change(client, service))

    def tended(self, answer: object) -> None:
        self.change(doing="")
        if isinstance(answer, Trouble):
            said = answer.message.partition("\n")[0]
            self._app.say(f"{said} → {answer.remedy}" if answer.remedy else said, "bad")
        elif isinstance(answer, ServiceLook):
            found = next((each for each in answer.status.services if each.service == answer.of), None)
            if found is not None:
                self._app.say(f"{found.name} is {found.state}", "ok")
        self._read()

    def choose_connection(self) -> None:
        from floe_bench.tui.screens.connection import ConnectionSheet

        self._app.push_screen(ConnectionSheet(), self._connect)

    def _connect(self, tool: Tool | None) -> None:
        if tool is not None:
            self._app.bridge.read(CONNECT, lambda client: Connection(tool.title, client.connect(tool.tool)))

    def connected(self, answer: object) -> None:
        if isinstance(answer, Trouble):
            self._app.say(answer.message + (f" → {answer.remedy}" if answer.remedy else ""), "bad")
        elif isinstance(answer, Connection):
            self._app.copy_to_clipboard(answer.text)
            self._app.say(f"copied for {answer.tool}; its secrets: {_FILL}", "ok")

    def switch(self) -> None:
        self._app.switching.begin()

    def copy(self) -> None:
        service = chosen_service(self._app.bench_state, self._app.view.tending)
        if service is not None:
            self._app.copy_to_clipboard(to_type("logs", "--source", service.service, "--follow"))
            self._app.say("copied the command that shows this in a shell", "ok")

    def step_box(self, by: int) -> None:
        tending = self._app.view.tending
        if tending is not None:
            self.change(box=BOXES[(BOXES.index(tending.box) + by) % len(BOXES)])

    def show_help(self) -> None:
        from floe_bench.tui.screens.screen_keys import ScreenKeys

        keys = ScreenKeys(STACK_ACTIONS, lambda view: view)
        self._app.push_screen(keys, lambda name: self.perform(name) if name else None)

    def leave(self) -> None:
        """Out of the log first."""
        tending = self._app.view.tending
        if tending is not None and tending.box != SERVICES:
            self.change(box=SERVICES)
            return
        self.close()

    def close(self) -> None:
        """Whatever was looked at."""
        from floe_bench.tui.screens.stack import StackScreen

        if isinstance(self._app.screen, StackScreen):
            self._app.pop_screen()
        self._app.bridge.drop(WATCH)
        self._app.look(tending=None)


def _look(client: BenchClient, service: str, known: StackStatus | None, *, quick: bool) -> ServiceLook:
    """Measuring memory takes a daemon a second."""
    status = known or (client.status() if quick else client.services.status())
    of = service or (status.services[0].service if status.services else "")
    return ServiceLook(status, of, client.logs(source=of, lines=_LINES) if of else ())


def _restarted(client: BenchClient, service: str) -> ServiceLook:
    return ServiceLook(client.services.restart(service), service)


def _stopped(client: BenchClient, service: str) -> ServiceLook:
    return ServiceLook(client.services.stop(service), service)
