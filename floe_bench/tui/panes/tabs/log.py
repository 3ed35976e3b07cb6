"""Log lines as they come: live until somebody scrolls up, and only those that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from floe_bench.model.answer import LogLine
from floe_bench.state import BenchState, run_of
from floe_bench.tui.inspection import LinesOf, Want
from floe_bench.tui.logbook import Logbook
from floe_bench.tui.messages import Turned
from floe_bench.tui.panes.field import Field
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.subject import asset_of, subject_of
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean
from floe_bench.tui.view import RUNS, SNAPSHOTS, View

_TONES = {"debug": Tone.FAINT, "info": Tone.TEXT, "warn": Tone.WARN, "error": Tone.BAD}
_DRAIN_S = 0.1
Wanted = Callable[[LogLine], bool]


class _HasLogbook(Protocol):
    logbook: Logbook


class Search(Field):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def action_give_up(self) -> None:
        self.value = ""
        self.post_message(Input.Submitted(self, ""))


class LogTab(Tab):
    tab: ClassVar[str] = "log"
    title: ClassVar[str] = "Log"
    follows: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "app.act('errors_only')", show=False),
        Binding("n", "app.act('node_only')", show=False),
        Binding("slash", "search", show=False),
        Binding("escape", "unsearch", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        search = Search(placeholder="words to look for", compact=True)
        search.display = False
        yield search

    def on_mount(self) -> None:
        self.set_interval(_DRAIN_S, self._drain)

    @classmethod
    def want(cls, state: BenchState, view: View) -> Want | None:
        """The kept log of a run that is over: the screen has heard only what was said since it opened."""
        run_id = _run_id(state, view) if view.drawing.node_only else None
        run = run_of(state, run_id) if run_id else None
        return LinesOf(run.run_id) if run is not None and run.status.over else None

    def head(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        drawing, spans = view.drawing, list[Span]()
        if drawing.errors_only:
            spans.append(Span("warnings and errors", Tone.WARN, act="errors_only"))
        if drawing.node_only:
            spans.append(Span(f"of {_about(state, view)}", Tone.LIT, act="node_only"))
        if drawing.search:
            spans.append(Span(f"/{clean(drawing.search)}", Tone.LIT))
        if not spans:
            return ()
        spans = [each for span in spans for each in (span, Span("  "))]
        return (Line((Span("only  ", Tone.SOFT), *spans)),)

    def foot(self, state: BenchState, view: View) -> str:
        if view.as_of is not None:
            return "until then · e errors · n node · / search"
        live = self.lines.at_end or not self.lines.items
        return f"{'live' if live else 'G live'} · e errors · n node · / search"

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        book = cast(_HasLogbook, self.app).logbook
        wanted = _wanted(state, view)
        want, inspection = self.want(state, view), view.inspection
        if want is not None:
            if inspection is None or inspection.want != want or inspection.lines is None:
                return still(self.waiting(inspection, "reading the log of the run", width) or ())
            kept = [(index, line) for index, line in enumerate(inspection.lines) if wanted(line)]
        else:
            kept = [(number, line) for number, line in book.numbered() if wanted(line)]
        if kept:
            return [Item(number, line) for number, line in kept]
        if view.as_of is not None:
            return still(face.empty("No line of then is kept.", *_ways_out(view)))
        if not book.written and want is None:
            return still(face.empty("No log lines yet."))
        return still(face.empty("No line is like that.", *_ways_out(view)))

    def draw(self, item: Item, width: int) -> Line:
        return item.of if isinstance(item.of, Line) else self._line(item.of)

    def sync(self, state: BenchState, view: View) -> None:
        """Only the drain draws lines, so that a burst of state costs the log nothing."""
        if view.tab == self.tab and self._drawn is None:
            super().sync(state, view)

    def _drain(self) -> None:
        known = facts(self)
        if known.view.tab != self.tab:
            return
        drawing = known.view.drawing
        chosen = known.view.selection if drawing.node_only else None
        written = cast(_HasLogbook, self.app).logbook.written
        drawn = (written, self.size, drawing, chosen, known.view.inspection, known.view.as_of)
        if drawn != self._drawn:
            self._drawn = drawn
            super().sync(known.bench_state, known.view)

    def tick(self) -> None:
        """The drain looks often enough."""

    def action_search(self) -> None:
        search = self.query_one(Search)
        search.value = facts(self).view.drawing.search
        search.display = True
        search.focus()

    def action_unsearch(self) -> None:
        if facts(self).view.drawing.search:
            self.post_message(Turned(search=""))
        else:
            self.app.action_act("dismiss")  # type: ignore[attr-defined]

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self.query_one(Search).display:
            self.post_message(Turned(search=message.value))

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        self.query_one(Search).display = False
        self.lines.focus()
        self.post_message(Turned(search=message.value))

    def _line(self, line: LogLine) -> Line:
        at = line.at.astimezone(facts(self).zone).strftime("%H:%M:%S")
        tone = _TONES.get(line.level, Tone.TEXT)
        return Line((
            Span(f"{at} ", Tone.FAINT),
            cell(line.source, 8, Tone.SOFT),
            Span({"warn": "! ", "error": "✗ "}.get(line.level, "  "), tone),
            Span(clean(line.text), tone),
        ))  # fmt: skip


def _run_id(state: BenchState, view: View) -> str | None:
    chosen = view.selection
    if chosen.origin == RUNS:
        return chosen.run_id
    if chosen.origin == SNAPSHOTS:
        subject = subject_of(state, view)
        return subject.run_id if subject is not None else None
    asset = asset_of(state, view)
    return asset.last_run_id if asset is not None else None


def _wanted(state: BenchState, view: View) -> Wanted:
    drawing = view.drawing
    words = drawing.search.casefold()
    run_id = _run_id(state, view) if drawing.node_only else None
    nodes = _nodes(state, view) if drawing.node_only else frozenset[str]()

    def wanted(line: LogLine) -> bool:
        if drawing.errors_only and line.level not in ("warn", "error"):
            return False
        if drawing.node_only and (line.run_id != run_id or (nodes and line.node_id not in nodes)):
            return False
        if view.as_of is not None and line.at > view.as_of.at:
            return False
        return words in line.text.casefold()

    return wanted


def _nodes(state: BenchState, view: View) -> frozenset[str]:
    """The selected node; empty for a run as a whole."""
    subject = subject_of(state, view)
    return frozenset([subject.node_id]) if subject is not None else frozenset()


def _about(state: BenchState, view: View) -> str:
    subject, run_id = subject_of(state, view), _run_id(state, view)
    name = clean(subject.node_id.rpartition(".")[2]) if subject is not None else ""
    run = f"run {unit.short_run(run_id)}" if run_id else ""
    return " in ".join(filter(None, (name, run))) or "nothing: select an asset, a node or a run"


def _ways_out(view: View) -> list[tuple[str, str]]:
    ways = []
    if view.drawing.errors_only:
        ways.append(("e", "shows every level"))
    if view.drawing.node_only:
        ways.append(("n", "shows every node"))
    if view.drawing.search:
        ways.append(("esc", "takes the search away"))
    return ways
