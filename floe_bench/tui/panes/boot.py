"""What is on the screen until the bench is whole."""

from __future__ import annotations

from textual.app import ComposeResult

from floe_bench.state import BenchState
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render.boot import boot_lines, trouble_of
from floe_bench.tui.render.text import Span, Tone
from floe_bench.tui.view import Link, View


class BootPane(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        lines = boot_lines(state, view, self.size.width - 4, facts(self).now())
        self.query_one(LineView).show(lines)
        failed = trouble_of(state, view) is not None
        said = "Stopping" if view.link is Link.STOPPING else "Could not start" if failed else "Starting"
        tone = Tone.BAD if failed else Tone.SOFT
        self.label((Span(said, tone, bold=failed),))
        self.set_class(failed, "-broken")

    def tick(self) -> None:
        known = facts(self)
        self.sync(known.bench_state, known.view)
