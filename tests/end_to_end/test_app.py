"""The app as a person uses it: in a terminal, on the demo, with everything real."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.config.bundled import bundled
from floe_bench.config.project import find_project
from floe_bench.engine import protocol
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from floe_bench.model.run import RunStatus
from tests.contracts.workbench import eventually, kill_left, processes
from tests.end_to_end.screen import Screen, app

ENDLESS = "select count(*) as n from range(1000000000) a, range(1000000000) b\n"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "demo"
    shutil.copytree(bundled("demo"), root, ignore=shutil.ignore_patterns(".floe-bench", "__pycache__", "target"))
    yield root
    kill_left(root)


def looking(root: Path) -> EngineClient:
    client = connect(find_project(root), start=False)
    assert client is not None
    return client


def materialize_all(screen: Screen) -> None:
    screen.press("M")
    screen.shows("downstream too")
    screen.press("a")
    screen.shows("enter run")
    screen.press("\r")


@pytest.mark.timeout(900)
def test_the_app_boots_materializes_shows_the_snapshots_cancels_and_leaves_nothing(demo: Path) -> None:
    start = time.monotonic()
    with app(demo) as screen:
        screen.shows("floe-bench")
        first_frame_s = time.monotonic() - start
        screen.shows("Start the object store")
        screen.until(lambda text: "mart_customers" in text and "stg_orders" in text, "the assets are shown")

        materialize_all(screen)
        client = looking(demo)
        try:
            assert eventually(lambda: client.runs(1) and client.runs(1)[0].status.over)
            run = client.run(client.runs(1)[0].run_id)
            assert run.status is RunStatus.SUCCESS, run
            assert run.launched_by == "app"
            short = run.run_id[:4]
            before = screen.until(lambda text: short in text, "the run is shown").count(short)
            made = client.snapshots("marts.mart_customers")
            assert made[-1].run_id == run.run_id
            screen.press("3")
            screen.until(lambda text: text.count(short) > 1 and text.count(short) >= before, "a snapshot with its run")

            (demo / "models" / "endless.sql").write_text(ENDLESS)
            assert eventually(lambda: any(each.asset.endswith("/endless") for each in client.assets()))
            materialize_all(screen)
            assert eventually(lambda: client.runs(1)[0].run_id != run.run_id)
            second = client.runs(1)[0].run_id
            assert eventually(lambda: client.runs(1)[0].status is RunStatus.RUNNING)
            screen.shows("1 active")
            screen.press("c")
            screen.until(lambda text: "esc" in text.splitlines()[-1], "it asks")
            screen.press("y")
            assert eventually(lambda: client.run(second).status.over)
            assert client.run(second).status is RunStatus.CANCELLED
            # The app hears of it a moment later; before, it would ask whether to cancel the run.
            screen.until(lambda text: f"{second[:4]}  cancelled" in text, "the run reads as cancelled")
            ports = client.status().services[0].ports
        finally:
            client.close(wait=False)
        screen.press("q")
        assert screen.ended() == 0

    assert eventually(lambda: not processes(demo)), processes(demo)
    assert not protocol.socket_path(demo / ".floe-bench").exists()
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    # Generous: the machine that runs this may be busy with other things.
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", "import textual.app, textual.screen"], check=True)
    assert first_frame_s < max(10, 10 * (time.monotonic() - start))


@pytest.mark.timeout(900)
def test_the_app_says_what_is_missing_where_there_is_no_project_and_offers_the_demo(tmp_path: Path) -> None:
    with app(tmp_path) as screen:
        screen.shows("no dbt_project.yml")
        screen.shows("Open the bundled demo instead?")
        screen.press("n\r")
        assert screen.ended() == 4
    assert list(tmp_path.iterdir()) == []
