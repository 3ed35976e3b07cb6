"""The services of the stack, what there is to know of one, and its log."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult

from floe_bench.model.answer import LogLine
from floe_bench.state import BenchState
from floe_bench.tui.messages import ServiceChosen, Tended
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.service import LOG_HEAD, fact_lines, log_line, service_line
from floe_bench.tui.render.text import Line, Span, Tone, clean
from floe_bench.tui.services import LOG, SERVICES, chosen_service, services_of
from floe_bench.tui.view import Trouble, View


class ServiceList(Watcher):
    def compose(self) -> ComposeResult:
        yield LineList(self._draw)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def sync(self, state: BenchState, view: View) -> None:
        tending, found = view.tending, services_of(state, view.tending)
        if tending is None:
            return
        items = [Item(each.service, each) for each in found]
        if not items:
            said = self.waiting_for("asking what runs") if tending.look is None else face.empty("Nothing runs.")
            items = [Item(("face", at), line, still=True) for at, line in enumerate(said)]
        self.styles.height = max(len(items), 2) + 2
        self.lines.show(items)
        lit = tending.box == SERVICES
        self.set_class(lit, "-lit")
        taken = [each.memory_bytes for each in found if each.memory_bytes is not None]
        memory = f"{unit.size(sum(taken))} in memory" if taken else "memory not measured"
        title = (Span("Services", Tone.LIT if lit else Tone.SOFT, bold=lit),)
        doing = (Span(f"◐ {clean(tending.doing)} …", Tone.WARN),) if tending.doing else (Span(memory, Tone.SOFT),)
        self.label(title, doing)

    def _draw(self, item: Item, width: int) -> Line:
        return item.of if isinstance(item.of, Line) else service_line(item.of, width, facts(self).now())

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.item is not None and self.lines.has_focus and isinstance(message.item.key, str):
            self.post_message(ServiceChosen(message.item.key))

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.how != "shut":
            self.post_message(Tended(box=LOG))


class ServiceFacts(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        known, service = facts(self), chosen_service(state, view.tending)
        lines: Iterable[Line] = ()
        if service is not None:
            lines = fact_lines(service, known.now(), known.zone)
        self.query_one(LineView).show(tuple(lines))
        self.label((Span(clean(service.name) if service is not None else "Service", Tone.SOFT),))


class ServiceLog(Watcher):
    def compose(self) -> ComposeResult:
        yield LineList(self._draw, cursor=False, follow=True)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def sync(self, state: BenchState, view: View) -> None:
        tending, service = view.tending, chosen_service(state, view.tending)
        if tending is None:
            return
        room = max(self.lines.size.width - GUTTER - 1, 30)
        look = tending.look
        lines: Iterable[Line | LogLine]
        if tending.fault:
            lines = face.broken(Trouble(tending.fault, tending.remedy), room)
        elif look is None or service is None or look.of != service.service:
            lines = self.waiting_for("reading the log")
        else:
            lines = look.log or face.empty("No log lines yet.")
        self.lines.show([Item(at, line, still=True) for at, line in enumerate(lines)])
        lit = tending.box == LOG
        self.set_class(lit, "-lit")
        name = f"Log of {clean(service.name)}" if service is not None else "Log"
        foot = (Span("g oldest · G follows", Tone.SOFT),) if lit else (Span("tab goes into it", Tone.SOFT),)
        self.label((Span(name, Tone.LIT if lit else Tone.SOFT, bold=lit),), foot)

    def _draw(self, item: Item, width: int) -> Line:
        if isinstance(item.of, Line):
            return item.of
        return log_line(item.of, facts(self).zone, narrow=width < LOG_HEAD * 8)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        if message.how == "shut":
            self.post_message(Tended(box=SERVICES))
