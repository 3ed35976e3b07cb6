"""The app: the one writer of state and view, and the doer of user actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.events import Event as TextualEvent
from textual.events import Key, Resize
from textual.reactive import reactive
from textual.screen import Screen

from floe_bench.events import (
    CarryProgressed,
    CheckEvaluated,
    ComparisonProgressed,
    DriftProgressed,
    Event,
    FilesSaved,
    Logged,
    PhaseEnded,
    PhaseStarted,
    ProjectReread,
)
from floe_bench.state import BenchState, reduce
from floe_bench.tui.action import key_of
from floe_bench.tui.actions import ACTIONS, BY_NAME
from floe_bench.tui.arrangement import Arrangement
from floe_bench.tui.asker import ASK, HISTORY, PAST, WORDS, Asker
from floe_bench.tui.bridge import Bridge
from floe_bench.tui.comparing import DIFF, Comparing
from floe_bench.tui.drifting import DRIFT
from floe_bench.tui.explorer import LOOK, METADATA, Explorer
from floe_bench.tui.hands import Hands
from floe_bench.tui.herald import Herald
from floe_bench.tui.inbox import Inbox, coalesced
from floe_bench.tui.inspector import INSPECT, Inspector
from floe_bench.tui.keeper import CONNECT, TEND, WATCH, Keeper
from floe_bench.tui.later import later
from floe_bench.tui.links import table_for
from floe_bench.tui.logbook import Logbook
from floe_bench.tui.messages import (
    Asked,
    Closed,
    Copied,
    Done,
    Dragged,
    Entered,
    Filtered,
    Happened,
    Linked,
    Looked,
    MoreWanted,
    NodeChosen,
    Queried,
    Read,
    RowOpened,
    Selected,
    ServiceChosen,
    Tended,
    Turned,
    Unlinked,
)
from floe_bench.tui.past.cursor import BOARD, LAKE, TimeCursor
from floe_bench.tui.past.moment import moment_typed
from floe_bench.tui.pulse import Pulse
from floe_bench.tui.recovery import Recovery
from floe_bench.tui.rehearsing import REHEARSAL
from floe_bench.tui.render import saved
from floe_bench.tui.saving import SAVING
from floe_bench.tui.screens import read_ahead
from floe_bench.tui.screens.bench import BenchScreen, is_whole
from floe_bench.tui.since import SINCE
from floe_bench.tui.snapshot_reader import SnapshotReader
from floe_bench.tui.source import Source
from floe_bench.tui.stepper import COMPARE, GLANCE, OPEN, Stepper
from floe_bench.tui.switching import CARRY, OFFERS, SWITCH, Switching
from floe_bench.tui.taking_back import PLAN
from floe_bench.tui.tempo import Tempo
from floe_bench.tui.theme import FLOE_DARK, OURS, VARIABLE_DEFAULTS
from floe_bench.tui.typed import Typed
from floe_bench.tui.upkeep import UPKEEP
from floe_bench.tui.view import AsOf, Link, Notice, View

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

FOLD_MOST = 400
"""Events per fold: a burst is folded in slices, and keys get in between."""
NARROW = 110
_NOTICE_S = 5.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BenchApp(App[None]):
    """``connect`` may take seconds and may raise; it is called in a thread, after the first paint."""

    CSS_PATH = Path(__file__).with_name("floe_bench.tcss")
    TITLE = "floe-bench"
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"
    BINDINGS: ClassVar = []

    bench_state: reactive[BenchState] = reactive(BenchState(), repaint=False, init=False, always_update=True)
    view: reactive[View] = reactive(View(), repaint=False, init=False)
    beat: reactive[int] = reactive(0, repaint=False, init=False)
    """Grows as time passes while something on the screen shows it."""

    def __init__(
        self,
        connect: Callable[[], BenchClient],
        *,
        choose_stack: Callable[[str], None] = lambda stack: None,
        clock: Callable[[], datetime] = _utc_now,
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        for ours in OURS:
            self.register_theme(ours)
        self.theme = FLOE_DARK.name
        self.logbook = Logbook()
        self._clock = clock
        self._zone = zone
        self._inbox = Inbox(lambda: self.post_message(Happened()))
        self.bridge = Bridge(connect, inbox=self._inbox, post=self.post_message)
        self.live = BenchState()
        """What is so now. ``bench_state`` is what is shown of it: the same, or what was so at a moment that is past."""
        self.cursor = TimeCursor(self)
        self.comparing = Comparing(self)
        self._hands = Hands(self)
        self._inspector = Inspector(self)
        self.stepper = Stepper(self)
        self._snapshot_reader = SnapshotReader(self)
        self.explorer = Explorer(self)
        self.keeper = Keeper(self)
        self.asker = Asker(self)
        self.switching = Switching(self, choose_stack)
        self._arrangement = Arrangement(self)
        self._recovery = Recovery(self)
        self._pulse = Pulse(self)
        self.herald = Herald(self, self._behind_the_screen)
        self._takers: Mapping[str, Callable[[object], None]] = {
            INSPECT: self._inspector.take,
            OPEN: self.stepper.opened,
            GLANCE: self.stepper.take,
            COMPARE: self.stepper.take_compared,
            LOOK: self.explorer.take,
            METADATA: self.explorer.take_metadata,
            DRIFT: self.explorer.drift.take,
            UPKEEP: self.explorer.planned,
            WATCH: self.keeper.take,
            TEND: self.keeper.tended,
            CONNECT: self.keeper.connected,
            OFFERS: self.switching.offered,
            CARRY: self.switching.carried,
            DIFF: self.comparing.take,
            SINCE: self._hands.since.take,
            PLAN: self._hands.take_plan,
            REHEARSAL: self._hands.take_rehearsal,
            PAST: self.asker.take_past,
            HISTORY: self.asker.take_history,
            SAVING: self.asker.saving.take,
            LAKE: self.cursor.take,
            BOARD: self.cursor.worked_out,
        }
        """Who takes the answer of a numbered read; the others are of snapshots."""
        self._generation = 0
        self._started_at = clock()
        self._tempo = Tempo(self, self._fold)
        self._typed = Typed(self)
        self._notices = 0

    def now(self) -> datetime:
        return self._clock()

    def then(self) -> datetime:
        as_of = self.view.as_of
        return as_of.at if as_of is not None else self.now()

    @property
    def zone(self) -> tzinfo | None:
        """The user's; None is the machine's."""
        return self._zone

    def get_default_screen(self) -> Screen[None]:
        return BenchScreen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for action in ACTIONS:
            if action.do is not None:
                said = action.disabled_reason(self.bench_state, self.view) or action.help
                yield SystemCommand(
                    f"{action.group}: {action.label}",
                    f"{key_of(action, self.view)}  {said}",
                    lambda name=action.name: self.perform(name),
                )

    def on_mount(self) -> None:
        self._resize(self.size.width)
        self.call_after_refresh(self.start)
        self.call_after_refresh(Thread(target=read_ahead, name="screens", daemon=True).start)
        self._pulse.begin()

    def choose_theme(self, name: str) -> None:
        """For now and for the next time in this project."""
        self._arrangement.choose_theme(name)

    def on_resize(self, event: Resize) -> None:
        self._resize(event.size.width)

    # Events

    async def on_event(self, event: TextualEvent) -> None:
        if isinstance(event, Key):
            self._tempo.keyed()
            if self._typed.sent_on(event):
                return
        await super().on_event(event)

    def on_happened(self, message: Happened) -> None:
        self._tempo.wake()

    def _fold(self) -> bool:
        """Take a slice of what waits into state; whether more waits, for after the keys that came meanwhile."""
        if not self.screen_stack:  # it is closing: what still comes in is nobody's any more
            return False
        before = self.live if self._recovery.coming is None else self._recovery.coming
        state = before
        taken = self._inbox.take(FOLD_MOST)
        for event in coalesced(event for generation, event in taken if generation == self._generation):
            if isinstance(event, Logged):
                self.logbook.add(event.lines)
            elif isinstance(event, FilesSaved):
                self.say(saved.reading(event))
            elif isinstance(event, ProjectReread):
                self.say(saved.reread(event), "ok")
            elif isinstance(event, ComparisonProgressed):
                self.look(progress=event)
            elif isinstance(event, CarryProgressed):
                self.look(carrying=event)
            elif isinstance(event, CheckEvaluated):
                self._hands.since.told(event)
            elif isinstance(event, DriftProgressed):
                self.explorer.drift.told(event)
            else:
                state = reduce(state, event)
        if self._recovery.coming is None:
            self._become(before, state)
        else:
            self._recovery.take(state)
        return bool(self._inbox)

    def _become(self, before: BenchState, state: BenchState) -> None:
        if state is before:
            return
        opened = state.project if state.project is not before.project else None
        if opened is not None:
            self._arrangement.restore(Path(opened.root))  # before panes draw, so that they land on what was selected
        self.live = state
        self.bench_state = self.cursor.shown(before, state)
        self.herald.follow(before, state)
        if opened is not None:
            self._arrangement.bind(Path(opened.root))
        if self.view.table is None:
            self.look(table=table_for(state, self.view.selection, None))
        self._inspector.follow()
        self.stepper.follow()
        self._snapshot_reader.follow()
        self.explorer.follow()
        self.switching.follow()

    def become(self, state: BenchState) -> None:
        self._become(self.live, state)

    def show_as_of(self, as_of: AsOf | None, state: BenchState) -> None:
        """Another moment: ``state`` is what was so then."""
        before = moment_typed(self.view.as_of, self.zone)
        self.bench_state = state
        self.look(as_of=as_of)
        self.asker.as_of(before)
        self._inspector.follow()

    def _behind_the_screen(self, text: str) -> None:
        """Straight to the terminal, as Textual itself does for the clipboard: it moves no cursor and draws nothing."""
        if self._driver is not None:
            self._driver.write(text)

    def tell(self, event: Event) -> None:
        self._become(self.live, reduce(self.live, event))

    # The engine

    def start(self) -> None:
        self._started_at = self.now()
        if self.view.lost is not None:
            self._recovery.begin()
            self._generation = self.bridge.start()
            return
        self._snapshot_reader.forget()
        self._inspector.forget()
        self.stepper.forget()
        self.logbook.clear()
        self.cursor.forget()
        self.look(link=Link.CONNECTING, trouble=None, table=None, unread=None, reading=None, diff=None, question=None)
        self.bench_state = self.live = BenchState()
        self.tell(PhaseStarted("engine", "engine", self._started_at))
        self._generation = self.bridge.start()

    def on_linked(self, message: Linked) -> None:
        if message.generation != self._generation:
            return
        if self._recovery.coming is None:
            self.tell(PhaseEnded("engine", (self.now() - self._started_at).total_seconds()))
        else:
            self.logbook.clear()  # the new engine says the last lines again
        self.look(link=Link.LIVE)

    def renew(self, state: BenchState) -> None:
        """Another engine than before is whole: what it says counts from now on."""
        self._snapshot_reader.forget()
        self._inspector.forget()
        self.stepper.forget()
        self.look(lost=None, trouble=None, unread=None, reading=None)
        self._become(self.live, state)
        self.say("the engine is back", "ok")
        self.cursor.again()

    def on_unlinked(self, message: Unlinked) -> None:
        if message.generation != self._generation or self.view.link is Link.STOPPING:
            return
        if self.view.lost is not None or is_whole(self.bench_state, self.view):
            self._recovery.lose(message.trouble)
            return
        if self.view.link is Link.CONNECTING:
            spent_s = (self.now() - self._started_at).total_seconds()
            self.tell(PhaseEnded("engine", spent_s, error=message.trouble.message, remedy=message.trouble.remedy))
        self.look(link=Link.BROKEN, trouble=message.trouble, question=None)

    def on_done(self, message: Done) -> None:
        if message.verb == SWITCH:
            self.switching.done(message)
        elif message.trouble is not None:
            said = f"{message.verb}: {message.trouble.message}"
            self.say(f"{said} → {message.trouble.remedy}" if message.trouble.remedy else said, "bad")
        elif message.text:
            self.say(message.text, "ok")
            self.explorer.changed(message.verb)

    def on_closed(self, message: Closed) -> None:
        self._arrangement.write()
        self.exit()

    # Reads

    def read_again(self) -> None:
        """Whatever was read may be old."""
        self.cursor.again()
        self._inspector.again()
        self._snapshot_reader.forget()
        self._snapshot_reader.follow()

    def on_read(self, message: Read) -> None:
        if not self.bridge.is_latest(message.key, message.number):
            return
        take = self._takers.get(message.key)
        if message.key.startswith(ASK):
            self.asker.take(message.key, message.answer)
        elif message.key.startswith(WORDS):
            self.asker.take_words(message.answer)
        elif take is not None:
            take(message.answer)
        else:
            self._snapshot_reader.take(message.key, message.answer)

    # What the user looks at

    def on_selected(self, message: Selected) -> None:
        table = table_for(self.bench_state, message.selection, self.view.table)
        unread = self.view.unread if table == self.view.table else None
        self.look(selection=message.selection, table=table, unread=unread)
        self._snapshot_reader.follow()

    def on_entered(self, message: Entered) -> None:
        self.look(place=message.place)

    def on_node_chosen(self, message: NodeChosen) -> None:
        self.stepper.move(message.asset)

    def action_table_act(self, name: str) -> None:
        self.explorer.perform(name)

    def on_looked(self, message: Looked) -> None:
        self.explorer.change(**message.changed)

    def action_stack_act(self, name: str) -> None:
        self.keeper.perform(name)

    def on_service_chosen(self, message: ServiceChosen) -> None:
        self.keeper.choose(message.service)

    def on_tended(self, message: Tended) -> None:
        self.keeper.change(**message.changed)

    def action_ask_act(self, name: str) -> None:
        self.asker.perform(name)

    def on_queried(self, message: Queried) -> None:
        self.asker.change(**message.changed)

    def on_row_opened(self, message: RowOpened) -> None:
        self.asker.show_row(message.row)

    def action_step_act(self, name: str) -> None:
        self.stepper.perform(name)

    def open_source(self, source: Source, *, then: Callable[[], None]) -> None:
        self._hands.open(source, then=then)

    def on_asked(self, message: Asked) -> None:
        self.perform(message.action)

    def say(self, text: str, tone: str = "soft") -> None:
        """One line for the user, for a few seconds."""
        self._notices += 1
        number = self._notices
        self.look(notice=Notice(text, tone))
        later(self, _NOTICE_S, lambda: self.look(notice=None) if number == self._notices else None)

    def on_filtered(self, message: Filtered) -> None:
        self.look(filter=message.text, filtering=not message.done)

    def on_dragged(self, message: Dragged) -> None:
        self.look(shares=message.shares)

    def on_turned(self, message: Turned) -> None:
        self.look(drawing=replace(self.view.drawing, **message.changed))  # type: ignore[arg-type]

    def on_more_wanted(self, message: MoreWanted) -> None:
        from floe_bench.tui.screens.sql import SqlScreen

        if isinstance(self.screen, SqlScreen):
            self.asker.more()
        elif self.view.drift is not None:
            self.explorer.drift.more()
        elif self.view.stepping is not None:
            self.stepper.more()
        elif self.view.tab == "diff":
            self.comparing.more()
        else:
            self._inspector.more()

    def on_copied(self, message: Copied) -> None:
        self.copy_to_clipboard(message.text)
        self.say(f"copied {message.what}", "ok")

    def look(self, **changed: object) -> None:
        self.view = replace(self.view, **changed)  # type: ignore[arg-type]
        if "inspection" not in changed:
            self._inspector.follow()
        if "stepping" in changed:
            self.stepper.follow()
        if "looking" in changed:
            self.explorer.follow()
        self._arrangement.keep()

    def _resize(self, width: int) -> None:
        self.look(narrow=width < NARROW)

    # User actions

    def action_act(self, name: str) -> None:
        self.perform(name)

    def perform(self, name: str) -> None:
        """Do the action of that name, or say why not. ``tab:NAME`` shows a tab of the drawer."""
        if self.view.question is not None:
            self._hands.answer(name)
            return
        if name.startswith("tab:"):
            self._hands.show_tab(name.removeprefix("tab:"))
            return
        under = self.screen.under_cursor() if isinstance(self.screen, BenchScreen) else None
        if under is not None and under != self.view.selection:
            self.on_selected(Selected(under))
        action = BY_NAME[name]
        reason = action.disabled_reason(self.bench_state, self.view)
        if reason:
            self.say(f"{action.label}: {reason}", "warn")
        elif action.do is not None:
            action.do(self._hands)
