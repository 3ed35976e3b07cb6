"""The command that keeps Dagster's own web interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.errors import ConsoleUnavailable
from floe_bench.events import Event
from floe_bench.model.stack import StackState
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_console import URL


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


def interrupt_after(line: CommandLine, act: object = None) -> None:
    """Ctrl-C as soon as the command waits for what happens; ``act`` comes before."""
    stream = line.bench.events

    def events() -> Iterator[Event]:
        if callable(act):
            act()
        yield from stream()
        raise KeyboardInterrupt

    line.bench.events = events


def test_it_prints_the_address_and_ctrl_c_stops_what_it_started(line: CommandLine) -> None:
    interrupt_after(line)
    outcome = line("dagster")
    assert (outcome.code, outcome.out) == (0, f"{URL}\n")
    assert "Ctrl-C ends it" in outcome.err
    assert line.bench.console.status().state is StackState.STOPPED


def test_with_json_one_object_with_its_documented_fields(line: CommandLine) -> None:
    interrupt_after(line)
    found = line("dagster", "--json").json
    assert list(found) == ["url", "link", "port", "pid", "log"]
    assert found["link"] == found["url"] == URL


def test_an_asset_is_named_as_everywhere_and_a_run_by_the_start_of_its_id(line: CommandLine) -> None:
    interrupt_after(line)
    assert line("dagster", "stg_orders").out == f"{URL}/assets/staging/stg_orders\n"
    assert line("dagster", "--run", "7f3a…").out == f"{URL}/runs/7f3a\n"
    assert line.bench.console.opened == [("staging/stg_orders", None), (None, "7f3a")]


def test_one_that_ran_before_stays(line: CommandLine) -> None:
    line.bench.console.open()
    interrupt_after(line)
    outcome = line("dagster")
    assert outcome.code == 0 and "stays" in outcome.err
    assert line.bench.console.status().state is StackState.READY


def test_one_that_dies_is_an_error_that_names_its_log(line: CommandLine) -> None:
    interrupt_after(line, lambda: None)
    stream = line.bench.events
    dead = iter([True])

    def events() -> Iterator[Event]:
        yield from stream_until_death()

    def stream_until_death() -> Iterator[Event]:
        for event in stream():
            if next(dead, False):
                line.bench.console.die()
            yield event

    line.bench.events = events
    outcome = line("dagster")
    assert outcome.code == ConsoleUnavailable.exit_code
    assert "ended by itself" in outcome.err and "less dagster-webserver.log" in outcome.err


def test_one_that_does_not_start_and_an_unknown_asset_say_so(line: CommandLine) -> None:
    assert "no asset 'nobody'" in line("dagster", "nobody").err
    assert line("dagster", "stg_orders", "--run", "7f3a").code == 2
    line.bench.console.fault = ConsoleUnavailable("it ended while it started", remedy="less x.log")
    outcome = line("dagster")
    assert outcome.code == 3 and "less x.log" in outcome.err
