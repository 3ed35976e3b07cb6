"""What is written about the command line, held against the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from floe_bench.cli.diagnostics import EXIT_CODES
from floe_bench.cli.group import COMMANDS
from floe_bench.cli.main import PROGRAM, cli
from floe_bench.cli.reference import reference
from floe_bench.cli.verb import Verb, verbs
from floe_bench.errors import BenchError
from floe_bench.tui import screens

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAVY = ("dagster", "dbt", "duckdb", "pyarrow", "pyiceberg", "textual", "rich", "msgspec", "sqlalchemy")


def _verbs() -> dict[str, Verb]:
    root = click.Context(cli, info_name=PROGRAM)
    return {words: verb for name in COMMANDS for words, verb in verbs(name, cli.get_command(root, name))}


def test_every_word_of_the_list_is_a_command_or_a_group_of_commands() -> None:
    assert {words.partition(" ")[0] for words in _verbs()} == set(COMMANDS)


def test_the_written_reference_is_the_generated_one() -> None:
    assert REFERENCE.read_text() == reference(), f"run: python -m floe_bench.cli.reference > {REFERENCE.name}"


@pytest.mark.parametrize("name", _verbs())
def test_every_command_has_its_name_and_the_shared_options_with_a_purpose_and_an_example(name: str) -> None:
    command = _verbs()[name]
    assert command.name == name.rpartition(" ")[2]
    assert command.help
    assert command.examples and any(f"floe-bench {name}" in line for line, _ in command.examples)
    shared = {"project", "stack", "quiet"} | ({"json"} if name != "completion" else set())
    assert shared <= {parameter.name for parameter in command.params}


@pytest.mark.parametrize("name", _verbs())
def test_every_option_has_a_help_text(name: str) -> None:
    assert [each.name for each in _verbs()[name].params if isinstance(each, click.Option) and not each.help] == []


def test_every_exit_code_of_the_error_tree_is_documented() -> None:
    stack, codes = [BenchError], set()
    while stack:
        kind = stack.pop()
        codes.add(kind.exit_code)
        stack.extend(kind.__subclasses__())
    assert codes <= set(EXIT_CODES)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["snapshots", "--help"], ["completion", "zsh"]])
def test_help_loads_no_engine_library_and_no_screen(arguments: list[str], tmp_path: Path) -> None:
    assert _loaded(arguments, tmp_path) == (0, [])


def test_a_stopped_status_loads_no_engine_library_and_no_screen(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    code, loaded = _loaded(["status", "--json"], tmp_path)
    assert code == 0
    assert set(loaded) <= {"msgspec"}, "the client speaks msgspec; nothing heavier"


def test_help_imports_no_command_but_the_one_asked_for(tmp_path: Path) -> None:
    probe = "import sys; names = [n for n in sys.modules if n.startswith('floe_bench.cli.commands.')]; print(names)"
    done = _python(f"from floe_bench.cli.main import run\nrun(['runs', '--help'])\n{probe}", tmp_path)
    assert done.stdout.splitlines()[-1] == "['floe_bench.cli.commands.runs']"


def test_the_first_frame_imports_one_screen_and_nothing_of_what_an_engine_can_be_asked(tmp_path: Path) -> None:
    shown = "import floe_bench.cli.commands.open, floe_bench.cli.screen, floe_bench.tui.app"
    assert _modules("floe_bench.tui.screens.", shown, tmp_path) == ["floe_bench.tui.screens.bench"]
    assert _modules("floe_bench.ports", shown, tmp_path) == []


def test_the_other_screens_are_read_behind_the_first_frame(tmp_path: Path) -> None:
    there = {f"floe_bench.tui.screens.{file.stem}" for file in Path(screens.__file__).parent.glob("[a-z]*.py")}
    assert len(there) > 20
    assert (
        set(
            _modules("floe_bench.tui.screens.", "from floe_bench.tui.screens import read_ahead; read_ahead()", tmp_path)
        )
        == there
    )


def _modules(beginning: str, after: str, folder: Path) -> list[str]:
    done = _python(
        f"import sys\n{after}\nprint(*sorted(name for name in sys.modules if name.startswith({beginning!r})))", folder
    )
    return done.stdout.split()


def _loaded(arguments: list[str], folder: Path) -> tuple[int, list[str]]:
    code = (
        "import sys\nfrom floe_bench.cli.main import run\n"
        f"code = run({arguments!r})\n"
        f"print(code, *sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = _python(code, folder)
    assert done.returncode == 0, done.stderr
    code_text, *loaded = done.stdout.splitlines()[-1].split()
    return int(code_text), loaded


def _python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, timeout=60)
