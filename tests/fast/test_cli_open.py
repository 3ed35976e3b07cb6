"""The app and the demo: what opens, where, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import dbt_project
from tests.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine()


def _answer(monkeypatch: pytest.MonkeyPatch, *, confirm: bool, folder: str = "floe-demo") -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **__: confirm)
    monkeypatch.setattr("click.prompt", lambda *_, **__: folder)


def test_without_a_terminal_it_says_what_to_type_and_starts_nothing(line: CommandLine, tmp_path: Path) -> None:
    dbt_project(tmp_path)
    outcome = line()
    assert outcome.code == 2
    assert "terminal" in outcome.err and "floe-bench run" in outcome.err
    assert line.apps == [] and line.engine.starts == 0


def test_on_a_terminal_the_app_opens_at_once_and_the_engine_only_when_it_asks(
    line: CommandLine, tmp_path: Path
) -> None:
    dbt_project(tmp_path)
    assert line(tty=True).code == 0
    ((connect, theme),) = line.apps
    assert theme is None and line.engine.starts == 0
    assert connect() is line.bench
    assert line.engine.projects[-1].root == tmp_path


@pytest.mark.parametrize("arguments", [["shop"], ["./shop"], ["--project", "shop"]])
def test_a_path_and_the_option_open_that_project(line: CommandLine, tmp_path: Path, arguments: list[str]) -> None:
    dbt_project(tmp_path / "shop")
    assert line(*arguments, tty=True).code == 0
    line.apps[0][0]()
    assert line.engine.projects[-1].root == tmp_path / "shop"


def test_a_command_word_wins_over_a_folder_of_its_name(line: CommandLine, tmp_path: Path) -> None:
    dbt_project(tmp_path)
    dbt_project(tmp_path / "tables", name="other")
    assert line("tables", "--json").json == []
    line("./tables", tty=True)
    line.apps[0][0]()
    assert line.engine.projects[-1].name == "other"


def test_a_path_without_a_project_is_exit_4_and_offers_nothing(line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert line("empty", tty=True).code == 4
    assert line("./nowhere", tty=True).code == 4


def test_the_theme_of_the_settings_reaches_the_app(line: CommandLine, tmp_path: Path) -> None:
    dbt_project(tmp_path)
    (tmp_path / "floe-bench.toml").write_text('theme = "nord"\n')
    line(tty=True)
    assert line.apps[0][1] == "nord"


def test_without_a_project_a_terminal_is_offered_the_demo(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, confirm=True, folder="here")
    outcome = line(tty=True)
    assert outcome.code == 0 and "no dbt_project.yml" in outcome.err
    assert (tmp_path / "here" / "dbt_project.yml").is_file()
    line.apps[0][0]()
    assert line.engine.projects[-1].root == tmp_path / "here"


def test_a_declined_demo_is_exit_4_and_leaves_nothing(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, confirm=False)
    assert line(tty=True).code == 4
    assert list(tmp_path.iterdir()) == [] and line.apps == []


def test_demo_on_a_terminal_copies_and_opens_the_app(line: CommandLine, tmp_path: Path) -> None:
    assert line("demo", tty=True).code == 0
    assert (tmp_path / "floe-demo" / "dbt_project.yml").is_file()
    assert len(line.apps) == 1 and line.engine.starts == 0


def test_demo_without_a_terminal_builds_it_and_prints_what_was_made(line: CommandLine) -> None:
    outcome = line("demo")
    assert outcome.code == 0
    summary = outcome.out[outcome.out.index("asset  ") :].splitlines()
    assert summary[0].split() == ["asset", "table", "rows", "snapshot"]
    assert len(summary) == 5 and summary[-1].startswith("marts/customer_totals")
    assert "open it: floe-bench" in outcome.err


def test_demo_in_json_is_the_stream_of_the_run(line: CommandLine) -> None:
    assert line("demo", "--json", tty=True).json_lines[-1]["event"] == "run_finished"
    assert line.apps == []


def test_a_demo_that_fails_to_build_is_exit_1(line: CommandLine) -> None:
    line.bench.break_model("stg_orders", "no")
    assert line("demo").code == 1


def test_demo_opens_an_existing_copy_as_it_is(line: CommandLine, tmp_path: Path) -> None:
    line("demo", "mine", tty=True)
    (tmp_path / "mine" / "models" / "own.sql").write_text("select 1 as one")
    assert line("demo", "mine", tty=True).code == 0
    assert (tmp_path / "mine" / "models" / "own.sql").read_text() == "select 1 as one"


@pytest.mark.parametrize("kind", ["file", "folder", "project"])
def test_demo_refuses_a_place_that_is_taken(line: CommandLine, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "floe-demo"
    if kind == "file":
        target.write_text("mine")
    elif kind == "folder":
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
    else:
        dbt_project(target)
    before = sorted(tmp_path.rglob("*"))
    outcome = line("demo")
    assert outcome.code == 2 and "nothing is overwritten" in outcome.err
    assert sorted(tmp_path.rglob("*")) == before and line.engine.starts == 0


def test_demo_advance_says_what_changed(line: CommandLine) -> None:
    line("demo", tty=True)
    moved = line("demo", "--advance", "--json").json
    assert moved["folder"] == "floe-demo"
    assert moved["changed"] and all(isinstance(each, str) for each in moved["changed"])
    assert "floe-bench run --project floe-demo" in line("demo", "--advance").err


def test_demo_advance_without_a_demo_is_a_usage_error(line: CommandLine, tmp_path: Path) -> None:
    dbt_project(tmp_path / "floe-demo")
    for outcome in (line("demo", "--advance"), line("demo", "--advance", "nowhere")):
        assert outcome.code == 2 and "there is no demo" in outcome.err


def test_inside_the_demo_advance_needs_no_folder(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    line("demo", tty=True)
    monkeypatch.chdir("floe-demo")
    assert line("demo", "--advance").code == 0
