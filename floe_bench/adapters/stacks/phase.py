"""One step of a start, as it is told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from floe_bench.errors import BenchError
from floe_bench.events import PhaseEnded, PhaseStarted
from floe_bench.ports.stack import Emit


@contextlib.contextmanager
def told(phase: str, title: str, emit: Emit) -> Iterator[list[str]]:
    """A ``PhaseStarted`` … ``PhaseEnded`` pair around the block; what it puts into the list is the detail."""
    emit(PhaseStarted(phase, title, datetime.now(UTC)))
    start = time.monotonic()
    detail: list[str] = []
    try:
        yield detail
    except BenchError as error:
        emit(PhaseEnded(phase, time.monotonic() - start, error=error.message, remedy=error.remedy))
        raise
    emit(PhaseEnded(phase, time.monotonic() - start, detail="; ".join(detail)))
