"""What every part of the screen does: watch state and view, and draw when its own slice of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol, cast

from textual.geometry import Region
from textual.widget import Widget

from floe_bench.state import BenchState
from floe_bench.tui.later import later
from floe_bench.tui.panes.paint import ansi_of, content_of
from floe_bench.tui.render import face
from floe_bench.tui.render.text import Line, Span
from floe_bench.tui.view import View

_WAIT_S = 0.5


class Facts(Protocol):
    """What a part may know of the app."""

    bench_state: BenchState
    view: View
    beat: int

    def now(self) -> datetime: ...

    def then(self) -> datetime:
        """The moment that the bench is shown as of."""

    @property
    def zone(self) -> tzinfo | None: ...


def facts(widget: Widget) -> Facts:
    return cast(Facts, widget.app)


class Watcher(Widget):
    """``sync`` is called on mount, and once after changes of state, view or size; ``tick`` when time passed."""

    _labelled: tuple[object, ...] = ()
    _due = False
    _awaited: tuple[str, datetime] | None = None
    _awaits = _waking = False

    def label(self, title: Sequence[Span], foot: Sequence[Span] = ()) -> None:
        """Title and foot in the border, drawn again when they say something else."""
        palette = ansi_of(self)
        wanted = (tuple(title), tuple(foot), palette)
        if wanted != self._labelled:
            self._labelled = wanted
            # As their properties set them; those draw the whole widget again, and not the two lines.
            self._border_title = content_of(title, ansi=palette)
            self._border_subtitle = content_of(foot, ansi=palette) if foot else None
            left, above = self.content_offset
            width, height = self.outer_size
            self.refresh(Region(-left, -above, width, 1), Region(-left, height - 1 - above, width, 1))

    def waiting_for(self, what: str) -> Sequence[Line]:
        """With the time since this was first said; drawn again until ``sync`` has something else to say."""
        now = facts(self).now()
        if self._awaited is None or self._awaited[0] != what:
            self._awaited = (what, now)
        self._awaits = True
        if not self._waking:
            self._waking = True
            later(self, _WAIT_S, self._wake)
        return face.loading(what, (now - self._awaited[1]).total_seconds())

    def on_mount(self) -> None:
        self.watch(self.app, "bench_state", self._changed, init=False)
        self.watch(self.app, "view", self._changed, init=False)
        self.watch(self.app, "beat", self._ticked, init=False)
        self.watch(self.app, "theme", self._changed, init=False)
        self._sync()

    def on_resize(self) -> None:
        self._sync()

    def _changed(self) -> None:
        """What one key or one fold changes in several steps is drawn once, when they are over."""
        if not self._due:
            self._due = True
            self.call_next(self._sync)

    def catch_up(self) -> None:
        """Draw now what would be drawn soon."""
        if self._due:
            self._sync()

    def _sync(self) -> None:
        self._due = False
        if self.children:
            known = facts(self)
            self._awaits = False
            self.sync(known.bench_state, known.view)
            if not self._awaits:
                self._awaited = None

    def _wake(self) -> None:
        self._waking = False
        if self._awaits:
            self._sync()

    def _ticked(self) -> None:
        self.tick()

    def sync(self, state: BenchState, view: View) -> None: ...

    def tick(self) -> None: ...
