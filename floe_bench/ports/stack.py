"""Someone who can run a lakehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from floe_bench.errors import StackUnavailable
from floe_bench.events import Event
from floe_bench.model.answer import LogLine
from floe_bench.model.stack import Endpoints, StackStatus

Emit = Callable[[Event], None]


class Stack(Protocol):
    """One lakehouse of one project. Blocking; one caller at a time."""

    def up(self, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        """Start it, or attach to what of it already runs, and wait until it answers.

        Every step is a ``PhaseStarted`` … ``PhaseEnded`` pair. Idempotent. Ready means: an authenticated catalog call
        and one real write and read through the object store succeeded.

        Raises:
            StackUnavailable: it can never start here, and why.
            StackNotReady: retryable; a service died or did not answer in time, with its last log lines.
            Cancelled: ``cancelled`` turned true while waiting; nothing is left running.
        """

    def attach(self) -> Endpoints:
        """Of a stack that runs already, without starting or stopping anything.

        Raises:
            StackNotReady: it does not run.
        """

    def down(self) -> None:
        """Stop it and wait until it is gone; data stays. Nothing to stop is not an error."""

    def reset(self) -> tuple[str, ...]:
        """Stop it and delete catalog and objects together; returns what was deleted, in words."""

    def status(self) -> StackStatus:
        """What runs now, asked from the operating system and not from memory."""


@runtime_checkable
class CanTailLogs(Protocol):
    def tail(self, lines: int) -> Iterator[LogLine]:
        """The last ``lines`` log lines of every service, oldest first."""


@runtime_checkable
class CanForesee(Protocol):
    def obstacle(self) -> StackUnavailable | None:
        """What would keep it from starting on this machine; starts and fetches nothing."""
