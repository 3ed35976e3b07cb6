"""Bisections from plain data: a test says what is found, and which evaluations are told on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Flag

from floe_bench.errors import Cancelled, NoSuchNode
from floe_bench.events import CheckEvaluated, Event
from floe_bench.model.bisection import Bisection


@dataclass
class FakeChecks:
    tell: Callable[[Event], object]
    known: dict[str, Bisection] = field(default_factory=dict)
    """By the name that is typed."""
    asked: list[tuple[str, bool]] = field(default_factory=list)
    held: Flag | None = None
    """The answer waits for it, after all evaluations were told."""
    gave_up: int = 0

    def bisect(self, check: str, every: bool = False, cancelled: Callable[[], bool] | None = None) -> Bisection:
        self.asked.append((check, every))
        if check not in self.known:
            raise NoSuchNode(f"there is no test '{check}'", remedy="floe-bench runs RUN lists the tests of a run")
        found = self.known[check]
        for evaluation in found.evaluations:
            self.tell(CheckEvaluated(found.check, evaluation, found.moments))
        while self.held is not None and not self.held.wait(0.01):
            if cancelled is not None and cancelled():
                self.gave_up += 1
                raise Cancelled("cancelled")
        return found
