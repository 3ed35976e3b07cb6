"""What `connect` prints is enough for the stock tools, in processes that know nothing of the bench."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import duckdb
import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.model.project import Project
from floe_bench.model.stack import Endpoints
from floe_bench.ports.site import Site
from floe_bench.wiring.handoff import handoff
from tests.builders import dbt_project
from tests.contracts.lakehouse import lakehouse as lakehouse


class FakeSite:
    def __init__(self, project: Project) -> None:
        self.project = project


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = dbt_project(tmp_path / "shop")
    namespace = f"shop_{uuid.uuid4().hex[:8]}"
    return cast(Site, FakeSite(Project("shop", root, root, namespace, "shop")))


def clean_environment(tmp_path: Path) -> dict[str, str]:
    ours = ("DBT_", "PYICEBERG_", "FLOE_", "DAGSTER_", "AWS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(tmp_path), "DO_NOT_TRACK": "1"}


def in_shell(command: str, env: Mapping[str, str], *, cwd: Path) -> str:
    done = subprocess.run(["sh", "-c", command], env=dict(env), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("show_secrets", [False, True], ids=["from the environment", "inline"])
def test_stock_dbt_builds_into_the_lakehouse(
    lakehouse: Endpoints, site: Site, tmp_path: Path, show_secrets: bool
) -> None:
    root = site.project.root
    (root / "models").mkdir()
    (root / "models" / "numbers.sql").write_text("select 1 as n union all select 2")
    folder = tmp_path / "profiles"
    folder.mkdir()
    profile = handoff("dbt", show_secrets=show_secrets, endpoints=lakehouse, site=site)
    (folder / "profiles.yml").write_text(profile)
    exports = "" if show_secrets else handoff("env", show_secrets=True, endpoints=lakehouse, site=site)
    dbt = shlex.quote(str(Path(sys.executable).parent / "dbt"))
    in_shell(f"{exports}\n{dbt} build --profiles-dir {folder}", clean_environment(tmp_path), cwd=root)
    table = open_catalog(lakehouse).load_table((site.project.namespace, "numbers"))
    assert sorted(table.scan().to_arrow().column("n").to_pylist()) == [1, 2]


@pytest.mark.parametrize("show_secrets", [False, True], ids=["from the environment", "inline"])
def test_stock_pyiceberg_writes_and_reads(lakehouse: Endpoints, site: Site, tmp_path: Path, show_secrets: bool) -> None:
    settings = handoff("pyiceberg", show_secrets=show_secrets, endpoints=lakehouse, site=site)
    (tmp_path / ".pyiceberg.yaml").write_text(settings)
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(f"""
        import pyarrow as pa
        from pyiceberg.catalog import load_catalog
        catalog = load_catalog("floe")
        catalog.create_namespace("{site.project.namespace}")
        rows = pa.table({{"n": [1, 2]}})
        table = catalog.create_table("{site.project.namespace}.numbers", rows.schema)
        table.append(rows)
        print(table.scan().to_arrow().num_rows)
        """)
    )
    exports = "" if show_secrets else handoff("env", show_secrets=True, endpoints=lakehouse, site=site)
    environment = {**clean_environment(tmp_path), "PYICEBERG_HOME": str(tmp_path)}
    said = in_shell(f"{exports}\n{shlex.quote(sys.executable)} {program}", environment, cwd=tmp_path)
    assert said.split() == ["2"]


@pytest.mark.parametrize("show_secrets", [False, True], ids=["from the environment", "inline"])
def test_duckdb_attaches_writes_and_reads(lakehouse: Endpoints, site: Site, show_secrets: bool) -> None:
    from floe_bench.adapters.dbt.profile import environment

    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    if not show_secrets:
        # DuckDB's shell has this function; the library does not.
        values = ", ".join(f"'{name}': '{value}'" for name, value in environment(lakehouse).items())
        connection.execute(f"create macro getenv(name) as map {{{values}}}[name]")
    connection.execute(handoff("duckdb", show_secrets=show_secrets, endpoints=lakehouse, site=site))
    table = f"lake.{site.project.namespace}.numbers"
    connection.execute(f"create schema lake.{site.project.namespace}")
    connection.execute(f"create table {table} as select 42 as n")
    assert connection.execute(f"select n from {table}").fetchall() == [(42,)]
