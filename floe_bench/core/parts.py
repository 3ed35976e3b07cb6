"""What the verbs of the core work with: the parts of a bench, of which the boot is the giver."""

from __future__ import annotations

from typing import Protocol

from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.orchestrator import Orchestrator


class Tables(Protocol):
    """Each call may wait for the boot, and raises what made it fail."""

    def catalog(self) -> CatalogReader: ...

    def compute(self) -> Compute: ...


class Parts(Tables, Protocol):
    def orchestrator(self, *, parsed: bool = True) -> Orchestrator: ...


class Launching(Parts, Protocol):
    """For verbs that begin a run."""

    def catch_up(self) -> None:
        """Read what was saved until now: a run that begins before that would say that it was made with older code."""
