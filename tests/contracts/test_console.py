"""Dagster's own web interface, the real one, on a project of ours."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from floe_bench.adapters.orchestrators.dagster.console import MARK
from floe_bench.errors import BenchError, NoSuchRun
from floe_bench.events import ConsoleChanged
from floe_bench.model.console import Console
from floe_bench.model.stack import StackState
from tests.contracts.test_engine import swept
from tests.contracts.workbench import ASSETS, Workbench, attend, eventually, opened, processes, shop


def asked(console: Console, query: str) -> Any:
    request = urllib.request.Request(
        f"{console.url}/graphql", json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def of_console(root: Path) -> list[psutil.Process]:
    return processes(root, marked=MARK)


def listening(found: list[psutil.Process]) -> set[tuple[str, int]]:
    """Address and port of everything that they listen on."""
    sockets = [each for process in found for each in process.net_connections("tcp")]
    return {(each.laddr.ip, each.laddr.port) for each in sockets if each.status == psutil.CONN_LISTEN}


def told(bench: Workbench) -> list[StackState]:
    return [event.console.state for event in bench.events(ConsoleChanged)]


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_answers_on_loopback_lists_the_projects_assets_and_runs_and_is_gone_with_the_engine(tmp_path: Path) -> None:
    root = shop(tmp_path)
    with opened(root) as bench:
        assert bench.client.console.status() == Console()
        run = bench.run(select="raw_orders")
        found: list[Console] = []
        callers = [threading.Thread(target=lambda: found.append(bench.client.console.open())) for _ in range(2)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        console, same = found
        assert console == same, "two that ask at once get one"
        assert console.port is not None
        assert listening(of_console(root)) == {("127.0.0.1", console.port)}
        bench.until(lambda: told(bench) == [StackState.STARTING, StackState.READY], "both states were told")

        nodes = asked(console, "{assetNodes {assetKey {path}}}")["assetNodes"]
        assert {"/".join(node["assetKey"]["path"]) for node in nodes} == ASSETS
        runs = asked(console, "{runsOrError {... on Runs {results {runId status}}}}")["runsOrError"]["results"]
        assert runs == [{"runId": run.run_id, "status": "SUCCESS"}]
        assert bench.client.console.open(asset="staging/stg_orders").link == f"{console.url}/assets/staging/stg_orders"
        assert bench.client.console.open(run_id=run.run_id[:8]).link == f"{console.url}/runs/{run.run_id}"
        with pytest.raises(NoSuchRun):
            bench.client.console.open(run_id="nobody")

        killed = max(of_console(root), key=lambda each: "dagster_webserver" in each.cmdline()[:3])
        killed.kill()
        bench.until(lambda: told(bench)[-1] is StackState.FAILED, "its death was told")
        again = bench.client.console.open()
        assert (again.port, again.state) == (console.port, StackState.READY), "a page in a browser comes back to life"
        log = Path(console.log)
        assert log == root / ".floe-bench" / "logs" / "dagster-webserver.log"
        assert "Serving dagster-webserver" in log.read_text()
    assert of_console(root) == []
    assert free(console.port)


def test_a_run_that_is_launched_in_it_starts_without_a_daemon_and_is_followed(tmp_path: Path) -> None:
    root = shop(tmp_path, without=("shop_assets.py", "floe-bench.toml"))
    with opened(root) as bench:
        console = bench.client.console.open()
        repository = 'repositoryLocationName: "floe_bench.code_location", repositoryName: "__repository__"'
        selector = f'{{{repository}, jobName: "__ASSET_JOB", assetSelection: [{{path: ["shop", "raw_orders"]}}]}}'
        launched = asked(
            console,
            f"mutation {{launchRun(executionParams: {{selector: {selector}}}) "
            "{__typename ... on LaunchRunSuccess {run {runId}}}}",
        )["launchRun"]
        run_id = launched["run"]["runId"]
        bench.until(lambda: bench.statuses(run_id), "the run is told")
        run = bench.over(run_id)
        assert (run.status.value, run.launched_by) == ("success", "dagster")
        bench.client.console.close()
        assert of_console(root) == []


def test_it_is_gone_soon_after_a_killed_engine_and_at_the_next_start_when_its_leash_was_killed_too(
    tmp_path: Path,
) -> None:
    root = shop(tmp_path, without=("shop_assets.py", "floe-bench.toml"))
    with swept(root):
        client = attend(root)
        assert client.console.open().state is StackState.READY
        os.kill(client.engine_pid, signal.SIGKILL)
        assert eventually(lambda: not of_console(root))

        client = attend(root)
        console = client.console.open()
        assert console.pid is not None
        for pid in (console.pid, client.engine_pid):
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(of_console(root)) >= 1)

        client = attend(root)
        try:
            client.runs(1)
            assert of_console(root) == []
        finally:
            client.shutdown()
            with pytest.raises(BenchError):
                client.status()
