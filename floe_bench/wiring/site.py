"""The chosen adapters for one project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.config.redaction import Redactor
from floe_bench.config.settings import load_settings
from floe_bench.model.answer import LogLine
from floe_bench.model.finding import Finding
from floe_bench.model.project import Project
from floe_bench.model.reset import Reset
from floe_bench.model.stack import Endpoints, StackOffer
from floe_bench.ports.carry import Carrier
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.orchestrator import Orchestrator
from floe_bench.ports.site import Running
from floe_bench.ports.stack import CanKeep, CanWatermark, Stack
from floe_bench.wiring import plugin

_HISTORY = {
    "dagster": "the run history",
    "runs": "the runs' logs",
    "steps": "stepped runs",
    "rehearsals": "rehearsals",
    "undo": "what was taken back",
}
_CACHES = {"dbt": "parsed manifests"}


class ProjectSite:
    """Reads settings and stack once; adapters are imported when they are first needed."""

    def __init__(self, project: Project, *, stack: str) -> None:
        self._settings = load_settings(project.root)
        module = self._settings.dagster_module
        self._project = replace(project, dagster_module=module) if module else project
        self._redactor = Redactor()
        self._chosen = stack
        self._spec = spec = load_spec(project.root / stack if "/" in stack else stack)
        self._stack: Stack = plugin.load("stacks", spec.driver)(spec, state_dir=project.state_dir)
        self._orchestrator: Orchestrator = plugin.load("orchestrators", "dagster")(self._project)

    @property
    def project(self) -> Project:
        return self._project

    @property
    def stack(self) -> Stack:
        return self._stack

    def offers(self) -> tuple[StackOffer, ...]:
        from floe_bench.wiring.offer import offers

        # From elsewhere one goes back to the project's own.
        return offers(self._project.root, named=(self._chosen, self._settings.stack))

    def other_stack(self, name: str) -> Stack:
        root = self._project.root
        spec = load_spec(root / name if "/" in name else name)
        found: Stack = plugin.load("stacks", spec.driver)(spec, state_dir=self._project.state_dir)
        return found

    def carrier(self, source: Endpoints, target: Endpoints, *, name: str) -> Carrier:
        from floe_bench.adapters.iceberg.carry import IcebergCarrier

        self._learn(source)
        return IcebergCarrier(source, target, name=name)

    def clean(self, text: str) -> str:
        return self._redactor(text)

    @property
    def orchestrator(self) -> Orchestrator:
        return self._orchestrator

    def catalog(self, endpoints: Endpoints) -> CatalogReader:
        self._learn(endpoints)
        able = self._spec.capabilities
        watermarks = {"watermark": self._stack.watermark} if isinstance(self._stack, CanWatermark) else {}
        found: CatalogReader = plugin.load("catalogs", "rest")(
            endpoints,
            moves_together="multi_table_commit" in able,
            serves_views="views" in able,
            **watermarks,
        )
        return found

    def compute(self, endpoints: Endpoints) -> Compute:
        found: Compute = plugin.load("computes", "duckdb")(
            endpoints, state_dir=self._project.state_dir, memory_limit=self._settings.memory_limit
        )
        return found

    def environment(self, endpoints: Endpoints) -> dict[str, str]:
        """What dbt's profile and PyIceberg find in the environment of a run; secrets in clear."""
        from floe_bench.adapters.dbt.profile import write_profile
        from floe_bench.adapters.iceberg.catalog import environment

        self._learn(endpoints)
        profile = write_profile(
            endpoints,
            profile_name=self._project.profile,
            namespace=self._project.namespace,
            directory=self._project.state_dir / "dbt" / "profiles",
            state_dir=self._project.state_dir,
            threads=self._settings.threads,
            memory_limit=self._settings.memory_limit,
        )
        return {**environment(endpoints), **profile}

    def logs(self, source: str, lines: int, running: Running) -> tuple[LogLine, ...]:
        from floe_bench.wiring.log import read_logs

        found = read_logs(source, lines, running=running, stack=self._stack, state_dir=self._project.state_dir)
        return tuple(replace(line, text=self.clean(line.text)) for line in found)

    def examine(self, running: Running) -> tuple[Finding, ...]:
        from floe_bench.wiring.examination import examine

        return tuple(replace(found, detail=self.clean(found.detail)) for found in examine(self, running))

    def connect(self, tool: str, *, show_secrets: bool, endpoints: Endpoints) -> str:
        from floe_bench.wiring.handoff import handoff

        return handoff(tool, show_secrets=show_secrets, endpoints=endpoints, site=self)

    def forget(self) -> Reset:
        others = self._other_keepers()
        there = {what: at for what, at in self._remembered() if at.exists()}
        history = [what for what in there if what in _HISTORY.values()]
        lost = [what for what in there if not (others and what in history)]
        for what in lost:
            shutil.rmtree(there[what])
        kept = f"{', '.join(history)}: they tell of tables in {' and '.join(others)}, too"
        return Reset(tuple(f"{what} in {there[what]}" for what in lost), (kept,) if others and history else ())

    def _remembered(self) -> Iterator[tuple[str, Path]]:
        for folder, what in {**_HISTORY, **_CACHES}.items():
            yield what, self._project.state_dir / folder

    def _other_keepers(self) -> list[str]:
        """Names of the project's other stacks that have data."""
        from floe_bench.adapters.stacks.spec import specs

        own = [self._settings.stack] if "/" in self._settings.stack else []
        stacks = {name: self.other_stack(name) for name in (*(spec.name for spec in specs()), *own)}
        found = {name: stack for name, stack in stacks.items() if name.rpartition("/")[2] != self._spec.name}
        return [name for name, stack in found.items() if isinstance(stack, CanKeep) and stack.keeps()]

    def _learn(self, endpoints: Endpoints) -> None:
        known = (endpoints.client_secret, endpoints.s3_secret_key)
        self._redactor.add(*(secret.reveal() for secret in known if secret is not None))
