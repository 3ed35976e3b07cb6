"""Says that a long run has ended, to somebody who looks elsewhere: a bell, or a word for the desktop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.config.settings import Settings
from floe_bench.model.run import Run, RunStatus
from floe_bench.state import BenchState, active_runs
from floe_bench.tui.render.text import clean, cut
from floe_bench.tui.render.unit import seconds

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

_LONGEST = 120
_WORDS = {RunStatus.SUCCESS: "went well", RunStatus.FAILED: "failed", RunStatus.CANCELLED: "was cancelled"}

SIGNALS: Mapping[str, Callable[[str], str]] = {
    "bell": lambda said: "\a",
    # iTerm2, WezTerm, kitty, Windows Terminal, ghostty; the second: urxvt, foot, ghostty, VTE.
    "osc9": lambda said: f"\x1b]9;{said}\a",
    "osc777": lambda said: f"\x1b]777;notify;floe-bench;{said.replace(';', ',')}\a",
}
"""What is written to the terminal, by the name in the settings."""


class Herald:
    """Silent until ``listen``. ``write`` reaches the terminal behind the screen's back."""

    def __init__(self, app: BenchApp, write: Callable[[str], object]) -> None:
        self._app, self._write = app, write
        self._signals: tuple[str, ...] = ()
        self._least_s = 0

    def listen(self, settings: Settings) -> None:
        self._signals, self._least_s = settings.notify, settings.notify_after_s

    def follow(self, before: BenchState, state: BenchState) -> None:
        """A run that was over when it was first heard of is no news."""
        if not self._signals or before.runs is state.runs:
            return
        for run in ended(before, state, self._least_s, self._app.now()):
            said = sentence(run, self._app.now(), state.project.name if state.project else "")
            for name in self._signals:
                self._write(SIGNALS[name](said))


def ended(before: BenchState, state: BenchState, least_s: float, now: datetime) -> tuple[Run, ...]:
    """Runs that came to their end between the two and had taken that long."""
    going = {run.run_id for run in active_runs(before)}
    over = (run for run in state.runs or () if run.run_id in going and run.status.over)
    return tuple(run for run in over if _took_s(run, now) >= least_s)


def sentence(run: Run, now: datetime, project: str) -> str:
    """With nothing in it that a terminal would obey: names and selections are others' text."""
    what = f"run {run.run_id[:4]} ({run.selection or 'all'})"
    took = seconds(_took_s(run, now))
    return cut(clean(f"{project}: {what} {_WORDS.get(run.status, run.status.value)} after {took}"), _LONGEST)


def _took_s(run: Run, now: datetime) -> float:
    begun = run.started_at or run.queued_at
    return ((run.ended_at or now) - begun).total_seconds() if begun else 0.0
