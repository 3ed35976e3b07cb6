"""Where Dagster and dbt keep their files inside ``.floe-bench``, and the environment their processes get."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.warm.wire import SOCKET_VARIABLE
from floe_bench.config.short_path import short_path
from floe_bench.model.project import Project

_OURS = "# Written by floe-bench"
_DAGSTER_YAML = f"""\
{_OURS}; `dagster dev` and `dagster-webserver` may share this instance.
# A file without that first line is left as it is.
telemetry:
  enabled: false
nux:
  enabled: false
# A run that is launched in the web interface starts at once: no daemon is there to take it out of a queue.
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
"""

PROJECT_VARIABLE = "FLOE_BENCH_PROJECT"
"""Environment variable that tells a code location which project it is for: the JSON of ``Place.describe``."""


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of one project's orchestrator."""

    project: Project

    @property
    def home(self) -> Path:
        """DAGSTER_HOME."""
        return self.project.state_dir / "dagster"

    @property
    def database(self) -> Path:
        """The file whose change tells that a run was added or changed its status."""
        return self.home / "history" / "runs.db"

    @property
    def target(self) -> Path:
        """dbt's target path of the last parse: ``manifest.json``, ``partial_parse.msgpack``."""
        return self.project.state_dir / "dbt" / "target"

    @property
    def last_good(self) -> Path:
        """The manifest of the last successful build, which ``state:`` selectors compare with."""
        return self.project.state_dir / "dbt" / "last_good"

    @property
    def profiles(self) -> Path:
        return self.project.state_dir / "dbt" / "profiles"

    @property
    def manifest(self) -> Path:
        return self.target / "manifest.json"

    @property
    def python(self) -> Path:
        """The project's Python assets as the last parse found them."""
        return self.target.parent / "python_assets.json"

    @property
    def ingredients(self) -> Path:
        """What each node's code is made of, as the last parse found it."""
        return self.target.parent / "ingredients.json"

    @property
    def assets(self) -> Path:
        """All assets as the last reading found them."""
        return self.target.parent / "assets.json"

    def ingredients_by_node(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.ingredients.read_text())) if self.ingredients.exists() else {}

    def python_assets(self) -> list[dict[str, Any]]:
        return list(json.loads(self.python.read_text())) if self.python.exists() else []

    @property
    def runs(self) -> Path:
        return self.project.state_dir / "runs"

    @property
    def links(self) -> Path:
        """Snapshots that carry no mark of ours, with the run and asset that made them; JSON lines."""
        return self.runs / "links.jsonl"

    @property
    def warm(self) -> Path:
        """Socket of the warm parent."""
        return short_path(self.project.state_dir) / "warm.sock"

    def run(self, run_id: str) -> Path:
        """Journal, artifacts and logs of one run."""
        return self.runs / run_id

    def attempt(self, run_id: str) -> Path:
        """What the attempts before the last one of a stepped run's nodes compiled."""
        return self.run(run_id) / "attempt"

    def pause(self, run_id: str) -> Path:
        """A file that asks an ordinary run to end before its next asset."""
        return self.run(run_id) / "pause"

    def prepare(self) -> None:
        """Make the folders, and the instance's configuration unless somebody put their own."""
        for folder in (self.home, self.target, self.last_good, self.profiles, self.runs):
            folder.mkdir(parents=True, exist_ok=True)
        config = self.home / "dagster.yaml"
        said = config.read_text() if config.exists() else _OURS
        if said.startswith(_OURS) and said != _DAGSTER_YAML:
            config.write_text(_DAGSTER_YAML)

    def describe(self) -> str:
        project = self.project
        return json.dumps(
            {
                "name": project.name,
                "root": str(project.root),
                "dbt_dir": str(project.dbt_dir),
                "namespace": project.namespace,
                "profile": project.profile,
                "dagster_module": project.dagster_module,
            }
        )

    @classmethod
    def described(cls, text: str) -> Place:
        """The inverse of ``describe``; a plain folder is accepted too and opened as a project."""
        if not text.lstrip().startswith("{"):
            from floe_bench.config.project import find_project

            return cls(find_project(Path(text)))
        found = json.loads(text)
        return cls(
            Project(
                name=found["name"],
                root=Path(found["root"]),
                dbt_dir=Path(found["dbt_dir"]),
                namespace=found["namespace"],
                profile=found["profile"],
                dagster_module=found["dagster_module"],
            )
        )

    def environment(self, stack: dict[str, str]) -> dict[str, str]:
        """What a Dagster or dbt child process gets; ``stack`` holds the profile's variables, secrets in clear."""
        inherited = {
            # Without bytecode every start compiles dbt and Dagster again, twice the time.
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONDONTWRITEBYTECODE", "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PROFILES_DIR")
        }
        return {
            **inherited,
            **stack,
            "DAGSTER_HOME": str(self.home),
            "DO_NOT_TRACK": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            SOCKET_VARIABLE: str(self.warm),
            PROJECT_VARIABLE: self.describe(),
        }
