"""The app as lines: what is typed, what is said, and that nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.cli.output import Output
from floe_bench.cli.plain import Speaker
from floe_bench.cli.terminal import Terminal
from floe_bench.events import (
    FilesSaved,
    NodeChanged,
    ProblemFound,
    ProblemSolved,
    ProjectReread,
    RunChanged,
    RunsListed,
)
from floe_bench.model.run import NodeStatus, RunStatus
from tests.builders import after, dbt_project, node, run
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str | BaseException) -> None:
    waiting: Iterator[str | BaseException] = iter(lines)

    def answer(prompt: str) -> str:
        said = next(waiting, EOFError())
        if isinstance(said, BaseException):
            raise said
        return said

    monkeypatch.setattr("builtins.input", answer)


def test_commands_are_those_of_the_shell_on_the_same_engine(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "run", "", "floe-bench assets", "quit", "never typed")
    outcome = line("--plain", tty=True)
    assert outcome.code == 0
    assert "shop: 4 assets: 4 never. 0 runs going." in outcome.out
    assert "success" in outcome.out and "fresh  staging/stg_orders" in outcome.out
    assert line.engine.starts == 1 and not line.engine.running


def test_nothing_is_drawn_no_colour_no_box_and_only_letters(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "run", "assets", "runs", "status", "snapshots marts.customer_totals", "help")
    outcome = line("--plain", tty=True)
    drawn = {char for char in outcome.out + outcome.err if not char.isprintable() or ord(char) > 0x2BFF} - {"\n"}
    assert drawn == set()
    assert not [char for char in outcome.out + outcome.err if 0x2500 <= ord(char) <= 0x25FF], "boxes and shapes"


def test_what_is_no_command_ends_nothing(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "tea", "'unfinished", KeyboardInterrupt(), "tables --nope", "tables")
    outcome = line("--plain")
    assert outcome.code == 0
    assert "'tea' is neither" in outcome.err and "not a command line" in outcome.out and "--nope" in outcome.err


def said(*events: object) -> list[str]:
    speaker = Speaker(Output(Terminal.of_process({})))
    return [words for event in events for _, words in speaker.words(event)]  # type: ignore[arg-type]


def test_runs_of_others_are_told_in_words_each_thing_once() -> None:
    going = run(status=RunStatus.RUNNING, started_at=after(0), ended_at=None, selection="stg_orders")
    done = run(
        status=RunStatus.FAILED, started_at=after(0), ended_at=after(90), selection="stg_orders", error="no\nluck"
    )
    made = node(status=NodeStatus.SUCCESS, rows=1)
    lines = said(
        RunsListed(()), RunChanged(going), RunChanged(going), NodeChanged(going.run_id, made),
        NodeChanged(going.run_id, made), RunChanged(done),
    )  # fmt: skip
    assert lines == [
        f"run 7f3a0000, stg_orders, by {going.launched_by}: running",
        "model stg_orders: success, 1 row",
        f"run 7f3a0000, stg_orders, by {going.launched_by}: failed after 1 min 30 s: no luck",
    ]


def test_saved_files_and_problems_are_told_in_one_line_each() -> None:
    assert said(
        FilesSaved(("models/a.sql",)),
        ProjectReread(("models/a.sql",), ("x/new",), ("x/a",), (), 0.5),
        ProjectReread(("notes.md",), (), (), (), 0.5),
        ProblemFound("dbt project", "it is\nbroken", "mend it", "models/a.sql:3"),
        ProblemSolved("dbt project"),
    ) == [
        "saved models/a.sql; the project is read again",
        "changed: x/a; new: x/new",
        "no asset changed",
        "problem with dbt project at models/a.sql:3: it is broken; mend it",
        "dbt project is well again",
    ]


@pytest.mark.parametrize("where", [("--no-color", "assets"), ("assets", "--no-color")])
def test_no_color_takes_the_colours_out_of_every_command(line: CommandLine, where: tuple[str, ...]) -> None:
    assert "\x1b[" in line("assets", tty=True).out
    outcome = line(*where, tty=True)
    assert "\x1b[3" not in outcome.out + outcome.err
    assert line("assets", tty=True, environ={"NO_COLOR": "1"}).out == outcome.out


def test_no_color_reaches_the_app(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("NO_COLOR", "")
    line("--no-color", tty=True)
    assert len(line.apps) == 1 and os.environ["NO_COLOR"] == "1"
