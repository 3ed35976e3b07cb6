"""Someone who puts the pieces of one project together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from floe_bench.model.answer import LogLine
from floe_bench.model.finding import Finding
from floe_bench.model.project import Project
from floe_bench.model.reset import Reset
from floe_bench.model.stack import Endpoints, StackOffer, StackStatus
from floe_bench.ports.carry import Carrier
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.orchestrator import Orchestrator
from floe_bench.ports.stack import Stack


class Running(Protocol):
    """A site while it runs. Each call waits for the boot and raises what made the boot fail."""

    def status(self) -> StackStatus: ...

    def endpoints(self) -> Endpoints: ...

    def catalog(self) -> CatalogReader: ...

    def compute(self) -> Compute: ...

    def orchestrator(self, *, parsed: bool = True) -> Orchestrator: ...


class Site(Protocol):
    """The chosen adapters for one project; knows products, so that the core need not."""

    @property
    def project(self) -> Project: ...

    @property
    def stack(self) -> Stack: ...

    @property
    def orchestrator(self) -> Orchestrator: ...

    def offers(self) -> tuple[StackOffer, ...]:
        """The stacks of this project, this one among them. Raises ConfigInvalid."""

    def other_stack(self, name: str) -> Stack:
        """Another stack of this project, by its name or folder. Raises StackUnavailable, ConfigInvalid."""

    def carrier(self, source: Endpoints, target: Endpoints, *, name: str) -> Carrier: ...

    def environment(self, endpoints: Endpoints) -> Mapping[str, str]:
        """What a run finds in its environment to reach the stack; secrets in clear."""

    def catalog(self, endpoints: Endpoints) -> CatalogReader: ...

    def compute(self, endpoints: Endpoints) -> Compute: ...

    def clean(self, text: str) -> str:
        """``text`` without secrets."""

    def logs(self, source: str, lines: int, running: Running) -> tuple[LogLine, ...]:
        """Of ``engine``, ``stack``, a service, a run id, or all services when empty; oldest first."""

    def examine(self, running: Running) -> tuple[Finding, ...]:
        """The doctor's findings, in the order in which things depend on each other. Never raises for a finding."""

    def connect(self, tool: str, *, show_secrets: bool, endpoints: Endpoints) -> str:
        """Raises UsageError for an unknown tool."""

    def forget(self) -> Reset:
        """Delete run history and caches. The history stays while another stack of the project has tables: it says what
        made those, too."""
