"""Waiting for a service, with an eye on the clock, the user and the service's own life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from floe_bench.errors import BenchError, Cancelled

_LOOK_EVERY_S = 0.02


class Died(Exception):
    """The process ended while it was waited for."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What ends a wait early. ``deadline`` is on the monotonic clock."""

    alive: Callable[[], bool]
    cancelled: Callable[[], bool]
    deadline: float

    def look(self) -> None:
        """Raises Cancelled, Died, TimeoutError."""
        if self.cancelled():
            raise Cancelled("the start of the stack was cancelled")
        if not self.alive():
            raise Died
        if time.monotonic() > self.deadline:
            raise TimeoutError


def until(ready: Callable[[], bool], watch: Watch) -> None:
    """Poll something quick. Raises as ``Watch.look``."""
    while not ready():
        watch.look()
        time.sleep(_LOOK_EVERY_S)


def until_done(attempt: Callable[[], None], watch: Watch) -> None:
    """Try something that may block or fail, until it passes once; what it last failed with explains a timeout.

    An attempt that never returns is left behind on its thread. Raises as ``Watch.look``.
    """
    failed: BenchError | None = None
    try:
        while True:
            outcome = _Outcome(attempt)
            until(outcome.over, watch)
            failed = outcome.error
            if failed is None:
                return
            until(_after(_LOOK_EVERY_S), watch)
    except TimeoutError as error:
        raise TimeoutError(failed.message if failed else "no answer") from error


class _Outcome:
    def __init__(self, attempt: Callable[[], None]) -> None:
        self.error: BenchError | None = None
        self._attempt = attempt
        self._thread = threading.Thread(target=self._run, name="stack-gate", daemon=True)
        self._thread.start()

    def over(self) -> bool:
        self._thread.join(_LOOK_EVERY_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._attempt()
        except BenchError as error:
            self.error = error


def _after(wait_s: float) -> Callable[[], bool]:
    at = time.monotonic() + wait_s
    return lambda: time.monotonic() >= at
