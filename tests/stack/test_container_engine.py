"""The whole bench on a stack of containers: engine, Dagster and dbt."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import docker
import psutil
import pytest

from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.config.project import find_project
from floe_bench.engine.reach import connect
from floe_bench.errors import BenchError
from floe_bench.model.run import RunRequest
from tests.contracts.workbench import eventually, kill_left, processes, shop
from tests.stack.on_stacks import CHOSEN, absent


def containers(root: Path, stack: str) -> list[str]:
    place = label.Place((root / ".floe-bench").absolute(), stack)
    client = docker.from_env()
    found = client.containers.list(all=True, filters=place.of_project, ignore_removed=True)
    client.close()
    return [each.name for each in found]


def environment_of(process: psutil.Process) -> dict[str, str]:
    """Empty for one that ended meanwhile."""
    try:
        return process.environ()
    except psutil.NoSuchProcess:  # a zombie is one, too
        return {}


@pytest.mark.parametrize("name", [pytest.param(each, marks=pytest.mark.xdist_group(each)) for each in CHOSEN])
@pytest.mark.timeout(900)
def test_a_run_on_containers_succeeds_and_an_engine_that_is_killed_leaves_none(name: str, tmp_path: Path) -> None:
    if reason := absent(name):
        pytest.skip(f"{name}: {reason}")
    spec = load_spec(name)
    root = shop(tmp_path / "shop")
    project = find_project(root)
    client = connect(project, stack=name)
    assert client is not None
    try:
        unchosen = connect(project)
        assert unchosen is not None and unchosen.status().stack == name
        unchosen.close(wait=False)
        run_id = client.submit(RunRequest(launched_by="test"))
        assert eventually(lambda: client.run(run_id).status.over)
        assert client.run(run_id).status == "success", client.run(run_id)
        assert {table.table for table in client.tables()} >= {"shop.customer_totals", "staging.stg_orders"}
        secrets = (root / ".floe-bench" / "stack" / name / "secrets.json").read_text()
        keys = [
            variable
            for process in processes(root)
            for variable in environment_of(process)
            if variable.startswith(("AWS_ACCESS", "AWS_SECRET", "DBT_ENV_SECRET_FLOE_S3"))
        ]
        assert secrets and (not keys or "vending" not in spec.capabilities)
        os.kill(client.engine_pid, signal.SIGKILL)
        assert eventually(lambda: containers(root, name) == [])
    finally:
        client.close(wait=False)
        with suppress(BenchError):
            left = connect(project, start=False)
            if left is not None:
                left.shutdown()
        kill_left(root)
        ContainerStack(spec, state_dir=root / ".floe-bench").reset()
