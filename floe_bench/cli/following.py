"""Saying what happens while a verb is at work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from floe_bench.cli.session import Session
from floe_bench.errors import BenchError
from floe_bench.events import Event

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@contextmanager
def following(session: Session, client: BenchClient, show: Callable[[Event], None]) -> Iterator[None]:
    """The answer of the verb has it all again, so nothing waits for this."""
    over = threading.Event()

    def follow() -> None:
        with suppress(BenchError):  # the engine went away: the verb says so
            for event in client.events():
                if over.is_set():
                    return
                show(event)

    threading.Thread(target=follow, name="progress", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        session.diagnostics.clear()
