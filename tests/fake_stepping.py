"""Stepping from plain data: verbs are recorded, and a test says what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Flag

from floe_bench.errors import Cancelled, NoSuchStep
from floe_bench.events import BreakpointsChanged, Event, StepChanged
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Breakpoint, Outlook, Step, StepState


@dataclass
class FakeStepping:
    tell: Callable[[Event], object]
    known: dict[str, Step] = field(default_factory=dict)
    outlooks: Mapping[str, Outlook] = field(default_factory=dict)
    """Asset -> what is known of it before it runs."""
    becomes: dict[str, Step] = field(default_factory=dict)
    """Verb -> where the run stands after it."""
    said: list[tuple[str, str]] = field(default_factory=list)
    stops: tuple[Breakpoint, ...] = ()
    looked: list[str] = field(default_factory=list)
    """Assets that somebody looked ahead at."""
    blocked: Flag | None = None
    """Looking ahead waits for it."""

    def start(self, request: RunRequest) -> Step:
        self.said.append(("start", request.select or ""))
        return self._become("start", "")

    def status(self, step_id: str = "") -> Step:
        return self._find(step_id)

    def steps(self) -> tuple[Step, ...]:
        return tuple(reversed(self.known.values()))

    def next(self, step_id: str = "") -> Step:
        return self._verb("next", step_id)

    def proceed(self, step_id: str = "") -> Step:
        return self._verb("proceed", step_id)

    def retry(self, step_id: str = "") -> Step:
        return self._verb("retry", step_id)

    def skip(self, step_id: str = "") -> Step:
        return self._verb("skip", step_id)

    def pause(self, run_id: str = "") -> Step:
        return self._verb("pause", run_id)

    def abort(self, step_id: str = "") -> Step:
        self.becomes.setdefault("abort", replace(self._find(step_id), state=StepState.ABORTED, stop=None))
        return self._verb("abort", step_id)

    def wait(self, step_id: str = "", cancelled: object = None) -> Step:
        return self._find(step_id)

    def outlook(self, step_id: str, asset: str, cancelled: Callable[[], bool] | None = None) -> Outlook:
        self.looked.append(asset)
        while self.blocked is not None and not self.blocked.wait(0.01):
            if cancelled is not None and cancelled():
                raise Cancelled("cancelled")
        return self.outlooks.get(asset, Outlook(asset))

    def breakpoints(self) -> tuple[Breakpoint, ...]:
        return self.stops

    def set_breakpoint(self, wanted: Breakpoint) -> tuple[Breakpoint, ...]:
        return self._stop((*self.stops, wanted))

    def clear_breakpoint(self, asset: str) -> tuple[Breakpoint, ...]:
        return self._stop(tuple(each for each in self.stops if each.asset != asset))

    def _stop(self, stops: tuple[Breakpoint, ...]) -> tuple[Breakpoint, ...]:
        self.stops = stops
        self.tell(BreakpointsChanged(stops))
        return stops

    def _verb(self, verb: str, step_id: str) -> Step:
        self.said.append((verb, step_id))
        return self._become(verb, step_id)

    def _become(self, verb: str, step_id: str) -> Step:
        step = self.becomes.get(verb) or self._find(step_id)
        self.known[step.step_id] = step
        self.tell(StepChanged(step))
        return step

    def _find(self, step_id: str) -> Step:
        found = [step for step in self.steps() if step_id in ("", step.step_id, step.run_id)]
        if not found:
            raise NoSuchStep(f"no stepped run starts with '{step_id}'", remedy="floe-bench step status")
        return found[0]
