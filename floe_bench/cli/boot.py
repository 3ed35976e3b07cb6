"""The boot, as it is told on stderr."""

from __future__ import annotations

from datetime import datetime

from floe_bench.cli.diagnostics import Diagnostics
from floe_bench.cli.text import duration
from floe_bench.events import Booted, Event, PhaseEnded, PhaseProgressed, PhaseStarted, ProblemFound


class BootProgress:
    """Tells the phases that started after ``since``: those before are replayed history, not this command's wait."""

    def __init__(self, diagnostics: Diagnostics, *, since: datetime) -> None:
        self._diagnostics = diagnostics
        self._since = since
        self._titles: dict[str, str] = {}
        self._live = False

    def __call__(self, event: Event) -> None:
        match event:
            case PhaseStarted(phase=phase, title=title, at=at) if at >= self._since:
                self._live = True
                self._titles[phase] = title
                self._diagnostics.changing(f"{title} …")
            case PhaseProgressed(phase=phase, detail=detail) if phase in self._titles:
                self._diagnostics.changing(f"{self._titles[phase]} … {detail}")
            case PhaseEnded(phase=phase) if phase in self._titles:
                self._ended(event, self._titles.pop(phase))
            case ProblemFound(message=message, remedy=remedy) if self._live:
                self._diagnostics.say(f"{message}; next: {remedy}" if remedy else message)
            case Booted():
                self._diagnostics.clear()

    def _ended(self, phase: PhaseEnded, title: str) -> None:
        outcome = phase.error or phase.detail
        told = f"{title} · {duration(phase.duration_s)}" + (f" · {outcome}" if outcome else "")
        if phase.error:
            self._diagnostics.say(f"✗ {told}")
        else:
            self._diagnostics.passed(f"✓ {told}")
