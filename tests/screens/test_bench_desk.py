"""What is the user's own: keys, theme, sizes, the editor, pictures of the screen; kept per project."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import shop
from hypothesis import given
from hypothesis import strategies as st
from scripted_client import ScriptedClient
from stage import playing, stage

from floe_bench.events import AssetsChanged, ProjectOpened
from floe_bench.tui.actions import ACTIONS
from floe_bench.tui.desk import Desk, read_desk, resized, write_desk
from floe_bench.tui.keymap import keymap
from floe_bench.tui.outside import source_path
from floe_bench.tui.screens.jump import JumpScreen
from floe_bench.tui.view import SHARES_DEFAULT, Shares

TICKETS = "staging/stg_support_tickets"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".floe-bench").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    return tmp_path


def playing_in(root: Path) -> ScriptedClient:
    client = playing()
    assets = tuple(replace(each, path=f"models/{each.asset.split('/')[1]}.sql") for each in shop.assets())
    here = {ProjectOpened: ProjectOpened("customer-360", str(root), "main"), AssetsChanged: AssetsChanged(assets)}
    client.replay = [here.get(type(event), event) for event in client.replay]
    return client


async def test_theme_sizes_grouping_filter_and_selection_are_there_again_the_next_time(root: Path) -> None:
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("greater_than_sign", "T", "v", "slash", *"stg", "enter")
        kept = root / ".floe-bench" / "ui.json"
        await bench.until(lambda: kept.exists() and read_desk(kept).filter == "stg")
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.until(lambda: bench.app.theme == "floe-light")
        view = bench.app.view
        assert (view.filter, view.grouping) == ("stg", "namespace")
        assert view.shares == resized(SHARES_DEFAULT, 0, 1)
        assert "stg_transactions" in bench.pane("AssetsPane") and "raw" not in bench.pane("AssetsPane")
        await bench.until(lambda: bench.app.view.selection.asset == TICKETS)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "[" * 5000,
             '{"shares": [1, 2], "theme": 7, "grouping": "colour", "filter": null}',
             '{"shares": [true, 13, 13, 34]}', '{"shares": [9999, 1, 1, 34]}', "\x00"],
)  # fmt: skip
def test_a_broken_file_is_as_if_nothing_had_been_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "ui.json").write_text(text)
    assert read_desk(tmp_path / "ui.json") == Desk()


def test_a_desk_is_read_as_it_was_written_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    desk = Desk("floe-light", (9, 13, 13, 40), "flat", "tag:x \u202e", "a/b")
    write_desk(tmp_path / "ui.json", desk)
    assert read_desk(tmp_path / "ui.json") == desk
    assert [path.name for path in tmp_path.iterdir()] == ["ui.json"]


def test_where_there_is_no_state_folder_nothing_is_written(tmp_path: Path) -> None:
    write_desk(tmp_path / ".floe-bench" / "ui.json", Desk())
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-1, 1])), max_size=60))
def test_no_pane_ever_gets_too_small_to_read(steps: list[tuple[int, int]]) -> None:
    shares: Shares = SHARES_DEFAULT
    for place, by in steps:
        shares = resized(shares, place, by)
    assert min(shares[:3]) / sum(shares[:3]) >= 0.1 and 15 <= shares[3] <= 75


def test_own_keys_replace_the_ones_of_the_table() -> None:
    own, problems = keymap({"materialize": "ctrl+e", "copy": "Y,ctrl+y", "help": "f2"})
    assert own == {"materialize": ("ctrl+e",), "copy": ("Y", "ctrl+y"), "help": ("f2",)} and problems == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"materialise": "x"}, "there is no action 'materialise'; did you mean materialize?"),
        ({"materialize": "c"}, "c cannot be materialize: it is cancel"),
        ({"materialize": "x", "cancel": "x"}, "x cannot be cancel: it is materialize"),
        ({"materialize": "j"}, "j cannot be materialize: it is moving in a list"),
        ({"up_down": "x"}, "up_down belongs to the list"),
        ({"materialize": ","}, "is no key for materialize"),
    ],
)
def test_a_key_that_cannot_be_had_is_said_and_left_out(given: dict[str, str], said: str) -> None:
    own, problems = keymap(given)
    assert len(problems) == 1 and said in problems[0]
    assert set(own) == set(given) - {"materialise", "up_down", "cancel" if len(given) == 2 else "materialize"}


def test_two_actions_may_swap_their_keys() -> None:
    own, problems = keymap({"materialize": "c", "cancel": "m"})
    assert problems == () and own == {"materialize": ("c",), "cancel": ("m",)}


async def test_a_key_from_the_project_works_and_is_what_the_footer_says(root: Path) -> None:
    (root / "floe-bench.toml").write_text('[keys]\nmaterialize = "x"\n')
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.until(lambda: " x  materialize" in bench.line("Footer"))
        await bench.select(TICKETS)
        await bench.press("m")
        assert bench.client.submitted == []
        await bench.press("x")
        await bench.until(lambda: bench.client.submitted)


async def test_a_wrong_key_is_a_problem_on_the_screen_and_the_others_hold(root: Path) -> None:
    (root / "floe-bench.toml").write_text('[keys]\nmaterialize = "x"\nfly = "F"\n')
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.until(lambda: "keys: there is no action 'fly'" in bench.line("ProblemLine"))
        assert " x  materialize" in bench.line("Footer")


async def test_the_user_has_keys_for_every_project_and_the_project_wins(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = root / "home" / "floe-bench"
    own.mkdir(parents=True)
    (own / "config.toml").write_text('[keys]\nmaterialize = "x"\nzoom = "Z"\n')
    (root / "floe-bench.toml").write_text('[keys]\nmaterialize = "X"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "home"))
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.until(lambda: " X  materialize" in bench.line("Footer") and " Z  zoom" in bench.line("Footer"))


async def test_the_theme_key_goes_through_all_and_comes_back() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        seen = []
        for _ in range(4):
            await bench.press("T")
            seen.append(bench.app.theme)
        assert seen == ["floe-light", "floe-contrast", "ansi-dark", "floe-dark"]


async def test_capital_s_saves_the_screen_and_says_where(root: Path) -> None:
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.press("S")
        (saved,) = (root / ".floe-bench" / "screens").iterdir()
        assert "raw_customers" in saved.read_text() and saved.suffix == ".svg"
        assert "saved" in bench.line("Footer")


async def test_a_screen_that_cannot_be_saved_says_why(root: Path) -> None:
    (root / ".floe-bench" / "screens").write_text("in the way")
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        await bench.press("S")
        assert "could not be saved" in bench.line("Footer")


@contextmanager
def nothing() -> Iterator[None]:
    yield


async def test_o_opens_the_file_of_the_asset_in_the_editor(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor, seen = root / "ed it.py", root / "seen.txt"
    editor.write_text(f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write('\\n'.join(sys.argv[1:]))\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    model = root / "transform" / "models" / "stg_support_tickets.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select 1")
    (root / "transform" / "dbt_project.yml").write_text("name: shop")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{editor}' --wait")
    async with stage(playing_in(root)) as bench:
        monkeypatch.setattr(bench.app, "suspend", nothing)
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("o")
        await bench.until(seen.exists)
        assert seen.read_text() == f"--wait\n{model}"
        assert "edited stg_support_tickets.sql" in bench.line("Footer")


@pytest.mark.parametrize(
    ("editor", "exists", "said"),
    [("", True, "set EDITOR to open"), ("vi", False, "is not in"), ("no-such-editor-7", True, "cannot be started")],
)
async def test_a_file_that_cannot_be_opened_says_why(
    root: Path, monkeypatch: pytest.MonkeyPatch, editor: str, exists: bool, said: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    if exists:
        (root / "models").mkdir()
        (root / "models" / "stg_support_tickets.sql").write_text("select 1")
    async with stage(playing_in(root)) as bench:
        monkeypatch.setattr(bench.app, "suspend", nothing)
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("o")
        assert said in bench.line("Footer")


def test_a_source_outside_of_the_project_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "secret.sql").write_text("x")
    assert source_path(tmp_path / "project", "../secret.sql") is None
    assert source_path(tmp_path / "project", str(tmp_path / "secret.sql")) is None


async def test_on_a_narrow_screen_letters_stand_on_the_tabs() -> None:
    async with stage(playing(), size=(80, 24)) as bench:
        await bench.settled()
        await bench.press("ctrl+o")
        targets = {name: letter for letter, (name, _) in bench.app.screen._targets.items()}
        assert {"assets", "runs", "snapshots", "tab:log", "tab:diff"} <= set(targets)
        await bench.press(targets["runs"])
        await bench.until(lambda: bench.app.view.place == "runs")


async def test_letters_lead_to_every_pane_and_tab_and_any_other_key_leads_nowhere() -> None:
    async with stage(playing()) as bench:
        await bench.settled()
        await bench.press("ctrl+o")
        screen = bench.app.screen
        assert isinstance(screen, JumpScreen)
        targets = {name: letter for letter, (name, _) in screen._targets.items()}
        assert {"assets", "runs", "snapshots", "tab:log", "tab:checks", "tab:diff"} <= set(targets)
        assert all(label.region.right <= 140 for label in screen.children)
        await bench.press(targets["tab:diff"])
        await bench.until(lambda: (bench.app.view.place, bench.app.view.tab) == ("drawer", "diff"))
        await bench.press("ctrl+o", targets["snapshots"])
        await bench.until(lambda: bench.app.view.place == "snapshots")
        await bench.press("ctrl+o", "escape")
        assert bench.app.screen is bench.bench and bench.app.view.place == "snapshots"


def test_every_action_says_why_it_cannot_be_done_before_there_is_anything() -> None:
    from floe_bench.state import BenchState
    from floe_bench.tui.view import View

    harmless = {
        "next_place",
        "previous_place",
        "previous_tab",
        "next_tab",
        "drawer",
        "help",
        "palette",
        "dismiss",
        "quit",
        "theme",
    }
    silent = {action.name for action in ACTIONS if action.do and not action.disabled_reason(BenchState(), View())}
    assert silent == harmless


def test_what_is_kept_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    write_desk(tmp_path / "ui.json", Desk(filter="x"))
    assert json.loads((tmp_path / "ui.json").read_text())["filter"] == "x"
