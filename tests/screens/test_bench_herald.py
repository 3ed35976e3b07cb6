"""A long run that ended is said to somebody who looks elsewhere, and only where that was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shop
from scripted_client import ScriptedClient
from stage import Stage, playing, stage

from floe_bench.events import ProjectOpened, RunChanged, RunsListed
from floe_bench.model.run import Run, RunStatus
from floe_bench.tui.herald import sentence

RUNNING = replace(shop.run_7f3a(over=False), nodes=())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".floe-bench").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


def own(root: Path, text: str) -> None:
    file = root / "home" / "floe-bench" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)


def playing_in(root: Path) -> ScriptedClient:
    client = playing(over=False)
    opened = ProjectOpened("customer-360", str(root), "main")
    client.replay = [opened if isinstance(event, ProjectOpened) else event for event in client.replay]
    return client


def hear(bench: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the terminal beside the screen."""
    said: list[str] = []
    monkeypatch.setattr(bench.app.herald, "_write", said.append)
    return said


def after(took_s: float, status: RunStatus = RunStatus.SUCCESS) -> Run:
    assert RUNNING.started_at is not None
    return replace(RUNNING, status=status, ended_at=RUNNING.started_at + timedelta(seconds=took_s))


async def test_without_settings_nothing_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        said = hear(bench, monkeypatch)
        bench.client.tell(RunChanged(after(4000)))
        await bench.until(lambda: bench.app.bench_state.runs[0].status is RunStatus.SUCCESS)
        assert said == []


async def test_a_run_above_the_users_threshold_rings_and_reaches_the_desktop_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(root, 'notify = "bell,osc9"\nnotify_after_s = 60\n')
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        said = hear(bench, monkeypatch)
        bench.client.tell(RunChanged(after(134, RunStatus.FAILED)), RunChanged(after(134, RunStatus.FAILED)))
        await bench.until(lambda: said)
        words = "customer-360: run 7f3a (stg_support_tickets+) failed after 2m"
        assert said == ["\a", f"\x1b]9;{words}\a"]


async def test_a_short_run_and_one_that_was_over_before_are_no_news(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "floe-bench.toml").write_text('notify = ["osc777"]\nnotify_after_s = 60\n')
    async with stage(playing_in(root)) as bench:
        await bench.settled()
        said = hear(bench, monkeypatch)
        old = replace(after(4000), run_id="0ld")
        bench.client.tell(RunChanged(after(59)), RunsListed((old, after(59))))
        await bench.until(lambda: bench.app.bench_state.runs[0].run_id == "0ld")
        assert said == []


def test_what_others_wrote_is_not_obeyed_by_the_terminal() -> None:
    nasty = replace(after(90), selection="a\x1b]0;owned\x07b\x9c\u202ec\n" + "x" * 500)
    said = sentence(nasty, shop.NOW, "p\x07")
    assert said.isprintable() and len(said) <= 120
