"""The bench: header, three panes, drawer, footer; or the start, or the size that is needed."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from floe_bench.state import BenchState
from floe_bench.tui.actions import ACTIONS
from floe_bench.tui.composed import Composed
from floe_bench.tui.messages import Dragged
from floe_bench.tui.panes.assets import AssetsPane
from floe_bench.tui.panes.boot import BootPane
from floe_bench.tui.panes.chrome import Footer, Header, ProblemLine, TabLine
from floe_bench.tui.panes.drawer import Drawer
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.lineage import LineagePane
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.runs import RunsPane
from floe_bench.tui.panes.seam import Layout, dragged, seam_at
from floe_bench.tui.panes.snapshots import SnapshotsPane
from floe_bench.tui.panes.too_small import TooSmall
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.view import LINEAGE, SHARES_DEFAULT, Link, Selection, Shares, View

LEAST = (80, 24)


class BenchScreen(Composed):
    AUTO_FOCUS: ClassVar[str | None] = "LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action.keys), f"app.act('{action.name}')", action.label, show=False, id=action.name)
        for action in ACTIONS
        if action.keys
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shares: Shares | None = None
        self._seam: int | None = None
        """The border that is being dragged."""
        self._due = False

    def compose(self) -> ComposeResult:
        self._assets, self._drawer = AssetsPane(), Drawer()
        self._columns = (self._assets, RunsPane(), SnapshotsPane())
        self._panes: tuple[Pane, ...] = (*self._columns, LineagePane())
        yield TooSmall(LEAST)
        yield Header()
        yield TabLine()
        yield ProblemLine()
        yield BootPane()
        with Vertical(id="bench"):
            with Horizontal(id="panes"):
                yield from self._columns
            yield self._panes[-1]
            yield self._drawer
        yield Footer()

    def on_mount(self) -> None:
        self.watch(self.app, "bench_state", self._changed, init=False)
        self.watch(self.app, "view", self._changed, init=False)
        self._arrange()

    def on_resize(self) -> None:
        small = self.size.width < LEAST[0] or self.size.height < LEAST[1]
        self.set_class(small, "-small")
        self._arrange()

    def _changed(self) -> None:
        if not self._due:
            self._due = True
            self.call_next(self._arrange)

    def catch_up(self) -> None:
        """Arrange now what would be arranged soon: the next key is here already."""
        if self._due:
            if facts(self).view.filtering:
                self._assets.catch_up()  # it shows the field
            self._arrange()

    def _arrange(self) -> None:
        self._due = False
        if not self.children:
            return
        known = facts(self)
        state, view = known.bench_state, known.view
        whole = is_whole(state, view)
        in_drawer = view.place == Drawer.place
        self.set_class(view.single, "-single")
        self.set_class(whole, "-whole")
        self.set_class(view.as_of is not None, "-past")
        self.query_one(BootPane).display = not whole
        self.query_one("#bench").display = whole or in_drawer
        for pane in self._panes:
            pane.display = view.place == pane.place or (not view.single and pane.place != LINEAGE)
        away = view.place == LINEAGE or (view.single and in_drawer)
        self.query_one("#panes").display = whole and not away
        self._share_out(view.shares)
        self._drawer.display = in_drawer or not view.single
        self._drawer.set_class(not whole, "-alone")
        if whole or in_drawer:
            self._focus()  # at once: the next key may be here already
            self.call_after_refresh(self._focus)  # what was not on the screen before

    def under_cursor(self) -> Selection | None:
        """Of the pane with the focus. Keys can be quicker than the message that tells what they moved to."""
        return next((found for pane in self._panes if (found := pane.under_cursor())), None)

    def _share_out(self, shares: Shares) -> None:
        if shares == self._shares:
            return
        self._shares = shares
        for pane, share in zip(self._columns, shares, strict=False):
            pane.styles.width = f"{share}fr"
        drawer = self._drawer
        if shares[3] == SHARES_DEFAULT[3]:
            drawer.styles.height = drawer.styles.max_height = None
        else:
            drawer.styles.height, drawer.styles.max_height = f"{shares[3]}%", "80%"

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and "@click" not in event.style.meta:
            self._seam = seam_at(self._layout(), *event.screen_offset)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if not event.button:
            self._seam = None  # let go outside of the terminal
        if self._seam is None:
            return
        shares = facts(self).view.shares
        wanted = dragged(self._layout(), self._seam, shares, *event.screen_offset)
        if wanted != shares:
            self.post_message(Dragged(wanted))

    def on_mouse_up(self) -> None:
        if self._seam is not None:
            self._seam = None
            self.clear_selection()

    def _layout(self) -> Layout:
        three = (self.query_one(AssetsPane), self.query_one(RunsPane), self.query_one(SnapshotsPane))
        shown = () if facts(self).view.single else tuple(pane.region for pane in three if pane.region)
        return Layout(self.query_one("#bench").region, shown, self.query_one(Drawer).region)

    def _focus(self) -> None:
        """The list of the place that the view names has the focus."""
        view = facts(self).view
        if isinstance(self.focused, Input) and self.focused.display and self.focused.parent is not self._assets:
            return  # somebody is typing
        place = view.place
        wanted: Widget | None = self._drawer.lines if place == Drawer.place else None
        for pane in self._panes:
            if pane.place == place:
                wanted = pane.focused_by(view)
        if wanted is not None and self.focused is not wanted and wanted.display:
            if isinstance(wanted, LineList) and place != LINEAGE:
                wanted.go_to_mark()
            self.set_focus(wanted)


def is_whole(state: BenchState, view: View) -> bool:
    """Whether there is a bench to show: one with an engine, or what was last known of one that went away."""
    shown = view.link in (Link.LIVE, Link.STOPPING) or view.lost is not None
    return state.booted is not None and state.booted.ok and shown
