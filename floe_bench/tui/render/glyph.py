"""Glyph, tone and word of every state: never colour alone, always one cell wide."""

from __future__ import annotations

from typing import NamedTuple

from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import NodeStatus, RunStatus
from floe_bench.model.stack import StackState
from floe_bench.tui.render.text import Span, Tone

OPEN, SHUT = "▾", "▸"
CRITICAL = "┃"
AGAIN = "↻"
CURRENT, OLDER, FOREIGN, LATER = "●", "○", "◇", "◌"
VIEW = "≡"


class Mark(NamedTuple):
    glyph: str
    tone: Tone
    word: str

    @property
    def span(self) -> Span:
        return Span(self.glyph, self.tone)


ASSET = {
    AssetStatus.NEVER: Mark("○", Tone.FAINT, "never"),
    AssetStatus.FRESH: Mark("✓", Tone.OK, "fresh"),
    AssetStatus.STALE: Mark("!", Tone.WARN, "stale"),
    AssetStatus.FAILED: Mark("✗", Tone.BAD, "failed"),
    AssetStatus.RUNNING: Mark("▶", Tone.RUN, "running"),
    AssetStatus.EXTERNAL: Mark("·", Tone.SOFT, "source"),
    AssetStatus.UNKNOWN: Mark("?", Tone.SOFT, "not known"),
}
RUN = {
    RunStatus.QUEUED: Mark("○", Tone.SOFT, "queued"),
    RunStatus.RUNNING: Mark("▶", Tone.RUN, "running"),
    RunStatus.STOPPED: Mark("‖", Tone.WARN, "stopped"),
    RunStatus.CANCELLING: Mark("◐", Tone.WARN, "cancelling"),
    RunStatus.SUCCESS: Mark("✓", Tone.OK, "done"),
    RunStatus.FAILED: Mark("✗", Tone.BAD, "failed"),
    RunStatus.CANCELLED: Mark("⊘", Tone.SOFT, "cancelled"),
}
NODE = {
    NodeStatus.RUNNING: Mark("▶", Tone.RUN, "running"),
    NodeStatus.SUCCESS: Mark("✓", Tone.OK, "done"),
    NodeStatus.FAILED: Mark("✗", Tone.BAD, "failed"),
    NodeStatus.WARNED: Mark("!", Tone.WARN, "warned"),
    NodeStatus.SKIPPED: Mark("⊘", Tone.FAINT, "skipped"),
}
LOST = Mark("⊘", Tone.SOFT, "not finished")
"""A node whose run ended before it did."""
STACK = {
    StackState.STOPPED: Mark("○", Tone.SOFT, "stopped"),
    StackState.STARTING: Mark("◐", Tone.WARN, "starting"),
    StackState.READY: Mark("●", Tone.OK, "ready"),
    StackState.FAILED: Mark("✗", Tone.BAD, "failed"),
    StackState.STOPPING: Mark("◐", Tone.WARN, "stopping"),
}
OPERATION = {"append": Tone.OK, "overwrite": Tone.WARN, "delete": Tone.BAD, "replace": Tone.RUN}
LAUNCHED_BY = {"app": "by you", "cli": "by cli", "dagster": "by dagster", "step": "stepped"}
