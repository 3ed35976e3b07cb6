"""Pressing the keys of the app in a terminal, over a real project, and holding each against what it did."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import pytest

from floe_bench.config.project import find_project
from floe_bench.engine.client import EngineClient
from floe_bench.engine.reach import connect
from tests.contracts.workbench import kill_left, shop
from tests.end_to_end.screen import Screen

ESC, ENTER, TAB, BACK_TAB, RIGHT = "\x1b", "\r", "\t", "\x1b[Z", "\x1b[C"
PANES = {"assets": (0, 46), "runs": (47, 102), "snapshots": (103, 160)}
WITHIN_S = 120.0
NO_SMALL = "select order_id, amount from {{ ref('stg_orders') }} where amount < 6\n"
PYTHON = """\
import pathlib, time

import dagster as dg
import pyarrow as pa

HOLD, HELD = (pathlib.Path(__file__).parent.parent / name for name in ("hold", "held"))


def iceberg(*key: str) -> dg.AssetIn:
    return dg.AssetIn(key=list(key), input_manager_key="iceberg")


@dg.asset(key_prefix=["python"], io_manager_key="iceberg", ins={"totals": iceberg("shop", "customer_totals")})
def best__customer(totals: pa.Table) -> pa.Table:
    # It is at work for as long as the test wants it to be, and says so.
    HELD.touch()
    until = time.monotonic() + 240
    while HOLD.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return totals.sort_by([("total", "descending")]).slice(0, 1)


@dg.asset(key_prefix=["python"], io_manager_key="iceberg", ins={"best": iceberg("python", "best__customer")})
def prize(best: pa.Table) -> pa.Table:
    return best
"""
_BYTES = {
    "escape": ESC, "tab": TAB, "shift+tab": BACK_TAB, "f1": "\x1bOP", "slash": "/", "question_mark": "?",
    "left_square_bracket": "[", "right_square_bracket": "]", "ctrl+j": "\n", "ctrl+s": "\x13", "ctrl+l": "\x0c",
    "f2": "\x1bOQ", "f3": "\x1bOR", "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~",
    "f9": "\x1b[20~",
}  # fmt: skip

Claim = Callable[[str, str], object]
"""Of what was on the screen before the key, and after it."""


class Keyed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def keys(self) -> tuple[str, ...]: ...


@contextmanager
def a_shop(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> Iterator[Path]:
    """A project with a check that fails and an asset that makes ``held`` and waits while there is a ``hold``.

    The editor and the browser write down what they were given; the editor then does what ``edit`` says.
    """
    root = shop(folder / "shop", **{"shop_assets.py": PYTHON, "tests/no_small_orders.sql": NO_SMALL, **files})
    for name, variable in (("vi", "EDITOR"), ("surf", "BROWSER")):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/{name}.told\n[ ! -f {folder}/edit ] || . {folder}/edit\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv(variable, str(program))
    monkeypatch.delenv("VISUAL", raising=False)
    try:
        yield root
    finally:
        kill_left(root)


def told(root: Path, program: str) -> str:
    """What ``vi`` or ``surf`` was given last; empty before the first time."""
    file = root.parent / f"{program}.told"
    return file.read_text().splitlines()[-1] if file.exists() else ""


@contextmanager
def engine_of(root: Path) -> Iterator[EngineClient]:
    """The engine itself, to ask what became of what was pressed; started where there is none yet."""
    client = connect(find_project(root))
    assert client is not None
    try:
        yield client
    finally:
        client.close(wait=False)


def shows(*words: str) -> Claim:
    return lambda before, now: all(word in now for word in words)


def gone(*words: str) -> Claim:
    return lambda before, now: not any(word in now for word in words)


def so(claim: Callable[[], object]) -> Claim:
    """Of something beside the screen."""
    return lambda before, now: claim()


def both(*claims: Claim) -> Claim:
    return lambda before, now: all(claim(before, now) for claim in claims)


def under_cursor(text: str) -> str:
    """Without the header, which may be a path."""
    return next((line for line in text.splitlines()[1:30] if "›" in line), "")


def cursor_on(word: str) -> Claim:
    return lambda before, now: word in under_cursor(now)


def moved(before: str, now: str) -> bool:
    return under_cursor(before) != under_cursor(now) != ""


def at(pane: str) -> Claim:
    first, last = PANES[pane]
    return lambda before, now: "›" in under_cursor(now)[first:last]


class Walk:
    """Presses keys and holds what they did against a claim; remembers which actions, and which of their keys."""

    def __init__(self, screen: Screen, actions: Iterable[Keyed]) -> None:
        self.screen = screen
        self.done: set[str] = set()
        self._actions = {action.name: action for action in actions}
        self._pressed: set[tuple[str, str]] = set()

    def __call__(self, name: str, keys: str, claim: Claim) -> None:
        before = self.screen.look()
        self.screen.press(keys)
        self.screen.until(lambda text: claim(before, text), f"{name}, by {keys!r}", within_s=WITHIN_S)
        self.done.add(name)

    def key(self, name: str, claim: Claim, *, nth: int = 0) -> None:
        """The action by a key of its own."""
        key = self._actions[name].keys[nth]
        self(name, _BYTES.get(key, key), claim)
        self._pressed.add((name, key))

    def type(self, keys: str, claim: Claim, what: str) -> None:
        """What belongs to the action before: an answer, words."""
        before = self.screen.look()
        self.screen.press(keys)
        self.screen.until(lambda text: claim(before, text), f"{what}, by {keys!r}", within_s=WITHIN_S)

    @property
    def not_done(self) -> set[str]:
        return set(self._actions) - self.done

    @property
    def not_pressed(self) -> set[tuple[str, str]]:
        every = {(action.name, key) for action in self._actions.values() for key in action.keys}
        return every - self._pressed

    def tab(self, foot: str) -> None:
        """The tab of the drawer that says ``foot`` in its border."""
        self("drawer", "4", lambda before, now: not under_cursor(now))
        for _ in range(8):
            with suppress(AssertionError):
                self.screen.shows(foot, within_s=3)
                return
            self("next_tab", "L", lambda before, now: now != before)
        self.screen.shows(foot)


def over(screen: Screen, engine: EngineClient, word: str, *, runs: int) -> None:
    """Until the newest of so many is over, and reads so: what was on the screen before may stay for a moment."""

    def is_over() -> bool:
        found = engine.runs()
        return len(found) == runs and found[0].status.over

    screen.until(lambda text: is_over(), f"{runs} runs are over")
    screen.until(lambda text: "nothing running" in text and word in text, f"the run reads as over: {word}")
