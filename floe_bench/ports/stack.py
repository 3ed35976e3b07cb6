"""Someone who can run a lakehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from floe_bench.errors import StackUnavailable
from floe_bench.events import Event
from floe_bench.model.answer import LogLine
from floe_bench.model.stack import Endpoints, StackStatus, Watermark

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
    def sources(self) -> tuple[str, ...]:
        """The words of its services. Nobody is asked."""

    def tail(self, lines: int, service: str = "") -> Iterator[LogLine]:
        """The last ``lines`` log lines of that service, or of all, oldest first; those before a restart of it too."""


@runtime_checkable
class CanRestart(Protocol):
    def restart(self, service: str, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        """Start that service again, whatever state it is in, and wait as ``up`` does; the others go on.

        Raises: as ``up``. What runs stays as it is.
        """


@runtime_checkable
class CanHalt(Protocol):
    def halt(self, service: str) -> None:
        """Stop that service and wait until it is gone; data stays, and the others go on."""


@runtime_checkable
class CanMeasure(Protocol):
    def memory_bytes(self) -> Mapping[str, int]:
        """Of each service that runs, without what the system only caches for it."""


@runtime_checkable
class CanTellSilence(Protocol):
    def silent(self) -> str:
        """What of it takes requests and answers none, in words; empty when all of it answers, or says that it is down.

        Takes seconds at most, whatever state it is in.
        """


@runtime_checkable
class CanRecheck(Protocol):
    def recheck(self) -> Iterator[tuple[str, str]]:
        """Each thing that was set up in its services, and what is wrong with it, if anything. Changes nothing.

        Raises StackNotReady: a service does not answer.
        """


@runtime_checkable
class CanKeep(Protocol):
    def keeps(self) -> bool:
        """Whether data of an earlier start is there. Starts nothing."""


@runtime_checkable
class CanForesee(Protocol):
    def obstacle(self) -> StackUnavailable | None:
        """What would keep it from starting on this machine; starts and fetches nothing."""


@runtime_checkable
class CanWatermark(Protocol):
    def watermark(self) -> Watermark | None:
        """How far it has come, without asking a service; None where that cannot be told.

        In the moment of a write the watermark may change before the write is seen.
        """
