"""Dagster's own command on the code location: the run goes to the lakehouse, and appears in the bench."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.config.project import find_project
from floe_bench.core.bench import LocalBench
from floe_bench.model.run import RunStatus
from floe_bench.wiring import open_bench
from tests.builders import dbt_project


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LocalBench]:
    root = dbt_project(tmp_path / "shop")
    (root / "models").mkdir()
    (root / "models" / "numbers.sql").write_text("select 1 as n union all select 2")
    found, _ = open_bench(find_project(root), stack="embedded")
    found.start()
    try:
        yield found
    finally:
        found.close()


def test_a_run_that_dagster_starts_is_a_run_of_the_bench(bench: LocalBench, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    bench.assets()
    pid = bench.status().services[0].pid
    strangers = ("PYICEBERG_", "DBT_", "DAGSTER_", "FLOE_BENCH_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(strangers)}
    dagster = [str(Path(sys.executable).parent / "dagster")]
    done = subprocess.run(
        [*dagster, "asset", "materialize", "--select", "*", "-m", "floe_bench.code_location"],
        # What another project's shell would have left behind must not be believed.
        env={
            **environment,
            "DAGSTER_HOME": str(root / ".floe-bench" / "dagster"),
            "FLOE_BENCH_PROJECT": str(root),
            "PYICEBERG_CATALOG__FLOE__URI": "http://127.0.0.1:1",
            "PYICEBERG_CATALOG__FLOE__CREDENTIAL": "someone:else",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = bench.runs()
    assert (run.status, run.launched_by) == (RunStatus.SUCCESS, "dagster")
    assert [node.name for node in bench.run(run.run_id).nodes] == ["numbers"]
    assert [(table.table, table.rows) for table in bench.tables()] == [("shop.numbers", 2)]
    assert bench.snapshots("shop.numbers")[-1].run_id == run.run_id
    assert bench.status().services[0].pid == pid
