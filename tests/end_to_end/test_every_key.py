"""Every action of the bench's table, by its key, in the real app in a terminal, over a real project."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from floe_bench.tui.actions import ACTIONS
from tests.contracts.workbench import processes, shop
from tests.end_to_end.screen import Screen, app

ESC, ENTER, TAB, BACK_TAB, RIGHT = "\x1b", "\r", "\t", "\x1b[Z", "\x1b[C"
PANES = {"assets": (0, 46), "runs": (47, 102), "snapshots": (103, 160)}
NO_SMALL = "select order_id, amount from {{ ref('stg_orders') }} where amount < 6\n"

Claim = Callable[[str, str], object]
"""Of what was on the screen before the key, and after it."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = shop(tmp_path / "shop", **{"tests/no_small_orders.sql": NO_SMALL})
    for name, variable in (("vi", "EDITOR"), ("surf", "BROWSER")):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv(variable, str(program))
    monkeypatch.delenv("VISUAL", raising=False)
    yield root
    for process in processes(root):
        process.kill()


def shows(*words: str) -> Claim:
    return lambda before, now: all(word in now for word in words)


def gone(word: str) -> Claim:
    return lambda before, now: word not in now


def changed(before: str, now: str) -> bool:
    return before != now


def under_cursor(text: str) -> str:
    return next((line for line in text.splitlines()[:30] if "›" in line), "")


def moved(before: str, now: str) -> bool:
    return under_cursor(before) != under_cursor(now) != ""


def at(pane: str) -> Claim:
    first, last = PANES[pane]
    return lambda before, now: "›" in under_cursor(now)[first:last]


class Walk:
    """Presses keys and holds what they show against a claim; remembers which actions that were."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.done: list[str] = []

    def __call__(self, name: str, keys: str, claim: Claim) -> None:
        before = self.screen.look()
        self.screen.press(keys)
        self.screen.until(lambda text: claim(before, text), f"{name}, by {keys!r}", within_s=30)
        self.done.append(name)

    def tab(self, foot: str) -> None:
        """The tab of the drawer that says ``foot`` in its border."""
        self("drawer", "4", lambda before, now: not under_cursor(now))
        for _ in range(8):
            with suppress(AssertionError):
                self.screen.shows(foot, within_s=2)
                return
            self("next_tab", "L", lambda before, now: True)
        self.screen.shows(foot, within_s=2)

    def back(self, *, until: Claim) -> None:
        """Out of what lies over the bench; a message that is still there goes first."""
        with suppress(AssertionError):
            self.screen.press(ESC)
            self.screen.until(lambda text: until("", text), "one esc is enough", within_s=2)
            self.done.append("dismiss")
            return
        self("dismiss", ESC, until)


def over(screen: Screen, word: str) -> None:
    """Until nothing runs any more, and the run reads so."""
    screen.until(lambda text: "nothing running" in text and word in text, f"the run is over: {word}")


@pytest.mark.timeout(300)
def test_every_action_does_in_a_terminal_what_its_key_says(project: Path) -> None:
    with app(project) as screen:
        screen.until(lambda text: "customer_totals" in text and "6 assets" in text, "the assets are shown")
        walk = Walk(screen)
        walk("console", "w", shows("web interface"))
        _help_and_palette(walk)
        _running(walk)
        _moving(walk)
        _looking(walk)
        _drawer(walk)
        _taking_back(walk)
        _stepping(walk)
        _cancelling(walk)
        walk("rehearse", "P", shows("rehearsing on branches"))
        screen.until(lambda text: "nothing running" in text, "the rehearsal is over")
        screen.shows("web ●")
        walk("quit", "q", lambda before, now: not screen.child.isalive() or now != before)
        assert screen.ended() == 0
    assert {action.name for action in ACTIONS} - set(walk.done) == set()


def _help_and_palette(walk: Walk) -> None:
    walk("help", "?", shows("Keys in Assets", "enter does it"))
    walk.back(until=gone("Keys in Assets"))
    walk("palette", ":", shows("Search for commands"))
    walk.back(until=gone("Search for commands"))


def _running(walk: Walk) -> None:
    walk("pause", "p", shows("pause: no run is at work"))
    walk("run_menu", "M", shows("downstream too"))
    walk("run_menu", "a", shows("enter run"))
    walk.screen.press(ENTER)
    over(walk.screen, "checks failed")
    walk("runs", "2", at("runs"))
    walk("since", "b", shows("Since when does"))
    walk.screen.shows("looked at")
    walk.screen.shows("esc back")
    walk.back(until=gone("Since when does"))
    walk("error", "E", shows("order_id", "amount"))
    walk("retry", "R", shows("failed again: 2 assets"))
    walk.screen.press(ENTER)
    walk.screen.shows("↻")
    over(walk.screen, "↻")
    walk("assets", "1", at("assets"))
    walk("edges", "g", lambda before, now: "▾" in under_cursor(now))
    walk("up_down", "j", moved)
    walk("materialize", "m", shows("is queued"))
    over(walk.screen, "3 runs")


def _moving(walk: Walk) -> None:
    walk("runs", "2", at("runs"))
    walk("snapshots", "3", at("snapshots"))
    walk("assets", "1", at("assets"))
    walk("next_place", TAB, at("runs"))
    walk("previous_place", BACK_TAB, at("assets"))
    walk("edges", "G", moved)
    walk("up_down", "k", moved)
    walk("pages", "\x02", moved)
    walk("edges", "g", lambda before, now: "▾" in under_cursor(now))
    walk("open", ENTER, lambda before, now: "▸" in under_cursor(now))
    walk("open", ENTER, lambda before, now: "▾" in under_cursor(now))
    walk("up_down", "j", moved)
    walk.tab("s compiled, source, change")
    walk("previous_tab", "H", shows("e errors"))
    walk("jump", "\x0f", shows("1 assets"))
    walk("jump", "s", at("snapshots"))
    walk("assets", "1", at("assets"))


def _looking(walk: Walk) -> None:
    walk("filter", "/", shows("words, status:"))
    walk("filter", "totals", shows("1 of 6 assets"))
    walk.screen.press(ENTER)
    walk.back(until=shows("6 assets · by group"))
    for by in ("by namespace", "in one list", "by group"):
        walk("grouping", "v", shows(by))
    walk("filter", "/", shows("words, status:"))
    walk("filter", "stg\r", shows("1 of 6 assets"))
    walk("copy", "y", shows("copied staging/stg_orders"))
    walk("diff", "d", shows("rows", "file"))
    walk("open_source", "o", shows("edited stg_orders.sql"))
    walk("lineage", "l", shows("Lineage  staging/stg_orders"))
    walk.back(until=gone("Lineage  staging/stg_orders"))
    walk("refresh", "r", shows("looking again"))
    walk("zoom", "z", shows("2 Runs"))
    walk("zoom", "z", gone("2 Runs"))
    walk("wider", ">", changed)
    walk("first_sizes", "=", changed)
    walk("narrower", "<", changed)
    walk("first_sizes", "=", changed)
    walk("drag", "\x1b[<0;47;12M\x1b[<32;60;12M\x1b[<0;60;12m", changed)
    walk("first_sizes", "=", changed)
    walk("tables", "t", shows("Timeline"))
    walk.back(until=shows("2 Materializations"))
    walk("theme", "T", shows("theme floe-light"))
    walk("save_screen", "S", shows("saved", ".svg"))


def _drawer(walk: Walk) -> None:
    walk.tab("e errors")
    walk("errors_only", "e", shows("warnings and errors"))
    walk("errors_only", "e", gone("warnings and errors"))
    walk("node_only", "n", shows("only  of "))
    walk("node_only", "n", gone("only  of "))
    walk("search_log", "/", shows("words to look for"))
    walk("search_log", "zzzz\r", shows("No line is like that"))
    walk.back(until=gone("No line is like that"))
    walk.tab("s compiled, source, change")
    walk("code_face", "s", shows("{{ ref("))
    walk("next_tab", "L", shows("checks passed"))
    walk("open_check", ENTER, changed)
    walk("next_tab", "L", shows("customer_id"))
    walk("columns", RIGHT, changed)
    walk("copy_cell", "y", shows("copied"))


def _taking_back(walk: Walk) -> None:
    walk("assets", "1", at("assets"))
    walk("undo", "u", shows("Undo: 1 table"))
    walk("undo", ENTER, gone("Undo: 1 table"))
    walk("redo", "\x12", shows("Redo: 1 table"))
    walk("redo", ESC, gone("Redo: 1 table"))
    walk("undo_downstream", "U", shows("everything made from it"))
    walk("undo_downstream", ESC, gone("everything made from it"))


def _stepping(walk: Walk) -> None:
    walk("step", "s", shows("stopped before", "Order"))
    walk("step", ESC, shows("2 Materializations"))


def _cancelling(walk: Walk) -> None:
    walk("run_menu", "M", shows("downstream too"))
    walk("run_menu", "a", shows("enter run"))
    walk("run_menu", "v", shows("a YAML mapping"))
    walk("run_menu", "rows: 100000000\r", shows("rows: 100000000"))
    walk.screen.press(ENTER)
    walk.screen.shows("1 active")
    walk("cancel", "c", shows("cancel it"))
    walk("cancel", "y", shows("cancell"))
    over(walk.screen, "cancelled")
