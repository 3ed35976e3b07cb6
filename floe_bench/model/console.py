"""The orchestrator's own web interface, started on demand."""

from __future__ import annotations

from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.stack import StackState


@dataclass(frozen=True, slots=True)
class Console:
    """``url`` is its first page, on loopback; ``link`` leads to what was asked for. Empty while it does not run."""

    state: StackState = StackState.STOPPED
    url: str = ""
    link: str = ""
    port: int | None = None
    pid: int | None = None
    log: str = ""
    """The file that it writes into."""
    since: datetime | None = None
