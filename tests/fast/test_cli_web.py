"""The command that serves the app to a browser; how the page behaves is tested in a real one."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from floe_bench.cli.terminal import Terminal
from tests.builders import dbt_project
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


def test_it_serves_what_it_printed_and_keeps_the_engine_for_as_long(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from floe_bench.cli.page.server import PageServer

    attending: list[int] = []
    monkeypatch.setattr(PageServer, "run", lambda server: attending.append(line.engine.attending))
    found = line("web", "--json").json
    assert list(found) == ["url", "port"]
    assert found["url"].startswith(f"http://127.0.0.1:{found['port']}/?token=")
    assert (attending, line.engine.attending) == ([1], 0)
    assert len({line("web").out for _ in range(3)}) == 3, "a token of its own each time"


def test_a_port_that_is_taken_is_said_before_anything_starts(line: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = line("web", "--port", str(port))
    assert outcome.code == 2 and f"port {port}" in outcome.err
    assert line.engine.starts == 0


def test_a_page_is_as_good_as_a_terminal_for_the_app() -> None:
    page = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    assert Terminal.of_process(page).interactive
    assert not Terminal.of_process({}).interactive
