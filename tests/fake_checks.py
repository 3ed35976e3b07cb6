"""Bisections from plain data: a test says what is found, and which evaluations are told on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from floe_bench.errors import NoSuchNode
from floe_bench.events import CheckEvaluated, Event
from floe_bench.model.bisection import Bisection


@dataclass
class FakeChecks:
    tell: Callable[[Event], object]
    known: dict[str, Bisection] = field(default_factory=dict)
    """By the name that is typed."""
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def bisect(self, check: str, every: bool = False) -> Bisection:
        self.asked.append((check, every))
        if check not in self.known:
            raise NoSuchNode(f"there is no test '{check}'", remedy="floe-bench runs RUN lists the tests of a run")
        found = self.known[check]
        for evaluation in found.evaluations:
            self.tell(CheckEvaluated(found.check, evaluation, found.moments))
        return found
