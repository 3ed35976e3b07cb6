"""What a user would use instead, on the same lakehouse: dbt, Dagster, PyIceberg and DuckDB as they come."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from floe_bench.engine.client import EngineClient

BIN = Path(sys.executable).parent
DEFINITIONS = """\
import os
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

project = DbtProject(
    project_dir=os.environ["BESIDE_PROJECT"],
    profiles_dir=os.environ["BESIDE_PROFILES"],
    target_path=Path(os.environ["BESIDE_TARGET"]),
)
project.prepare_if_dev()


@dbt_assets(manifest=project.manifest_path)
def models(context: dg.AssetExecutionContext, dbt: DbtCliResource):
    yield from dbt.cli(["build"], context=context).stream()


defs = dg.Definitions(assets=[models], resources={"dbt": DbtCliResource(project_dir=project, dbt_executable="dbt")})
"""
QUERY = """\
import sys, duckdb
connection = duckdb.connect()
connection.execute(open(sys.argv[1]).read())
print(connection.execute(sys.argv[2]).fetchall())
"""
LOADED = "{repositoriesOrError{__typename ... on RepositoryConnection{nodes{name}}}}"
WAIT_S = 300.0
_DAGSTER_TARGET = "target-dagster"


@dataclass(frozen=True, slots=True)
class Tools:
    """``folder`` holds their settings, as ``floe-bench connect`` gives them."""

    project: Path
    folder: Path

    @classmethod
    def made(cls, project: Path, folder: Path, client: EngineClient) -> Tools:
        folder.mkdir()
        (folder / "profiles.yml").write_text(client.connect("dbt", show_secrets=True))
        (folder / ".pyiceberg.yaml").write_text(client.connect("pyiceberg", show_secrets=True))
        (folder / "attach.sql").write_text(client.connect("duckdb", show_secrets=True))
        (folder / "definitions.py").write_text(DEFINITIONS)
        (folder / "query.py").write_text(QUERY)
        tools = cls(project, folder)
        # Outside of ``dagster dev`` nobody parses the project for Dagster.
        tools._run([str(BIN / "dbt"), "--quiet", "parse", *tools._where(_DAGSTER_TARGET)])
        return tools

    def dbt(self, *args: str) -> None:
        self._run([str(BIN / "dbt"), "--quiet", *args, *self._where("target")])

    def dagster_materialize(self, key: str) -> None:
        self._run([str(BIN / "dagster"), "asset", "materialize", "-f", self._definitions, "--select", key])

    def pyiceberg(self, *args: str) -> None:
        self._run([str(BIN / "pyiceberg"), "--catalog", "floe", *args])

    def duckdb(self, sql: str) -> None:
        self._run([sys.executable, str(self.folder / "query.py"), str(self.folder / "attach.sql"), sql])

    @contextmanager
    def dagster_dev(self) -> Iterator[None]:
        """Entered when it answers and has the project."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(BIN / "dagster"), "dev", "-f", self._definitions, "-h", "127.0.0.1", "-p", str(port)]
        with (self.folder / "dagster-dev.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.project, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            deadline = time.monotonic() + WAIT_S
            while not _is_loaded(port):
                assert process.poll() is None and time.monotonic() < deadline, "dagster dev does not come up"
                time.sleep(0.1)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _where(self, target: str) -> tuple[str, ...]:
        return "--profiles-dir", str(self.folder), "--target-path", str(self.folder / target)

    @property
    def _definitions(self) -> str:
        return str(self.folder / "definitions.py")

    @property
    def _environment(self) -> dict[str, str]:
        home = self.folder / "dagster"
        home.mkdir(exist_ok=True)
        ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return ours | {
            "PATH": f"{BIN}:{ours.get('PATH', '')}",
            "BESIDE_PROJECT": str(self.project),
            "BESIDE_PROFILES": str(self.folder),
            "BESIDE_TARGET": str(self.folder / _DAGSTER_TARGET),
            "DAGSTER_HOME": str(home),
            "PYICEBERG_HOME": str(self.folder),
            "DO_NOT_TRACK": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, cwd=self.project, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def _is_loaded(port: int) -> bool:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": LOADED}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with suppress(OSError, ValueError), urllib.request.urlopen(asked, timeout=5) as answer:
        found = json.loads(answer.read())["data"]["repositoriesOrError"]
        return bool(found.get("nodes"))
    return False
