"""What every part of the screen does: watch state and view, and draw when its own slice of them changed."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Protocol, cast

from textual.widget import Widget

from floe_bench.state import BenchState
from floe_bench.tui.view import View


class Facts(Protocol):
    """What a part may know of the app."""

    bench_state: BenchState
    view: View
    beat: int

    def now(self) -> datetime: ...

    @property
    def zone(self) -> tzinfo | None: ...


def facts(widget: Widget) -> Facts:
    return cast(Facts, widget.app)


class Watcher(Widget):
    """``sync`` is called once on mount and after each change of state, view or size; ``tick`` when time passed."""

    def on_mount(self) -> None:
        self.watch(self.app, "bench_state", self._changed, init=False)
        self.watch(self.app, "view", self._changed, init=False)
        self.watch(self.app, "beat", self._ticked, init=False)
        self.watch(self.app, "theme", self._changed, init=False)
        self._changed()

    def on_resize(self) -> None:
        self._changed()

    def _changed(self) -> None:
        if self.children:
            known = facts(self)
            self.sync(known.bench_state, known.view)

    def _ticked(self) -> None:
        self.tick()

    def sync(self, state: BenchState, view: View) -> None: ...

    def tick(self) -> None: ...
