"""``o``: the file of what is selected, at the line that is meant."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
import shop
from scripted_client import ScriptedClient
from stage import Stage, stage
from test_bench_desk import TICKETS, nothing, playing_in, root

from floe_bench.events import NodeChanged, ProblemFound, RunChanged
from floe_bench.model.code import Code
from floe_bench.model.run import NodeStatus, Run, RunStatus

__all__ = ["root"]
FAILED = "fa11ed00-5555-4eee-8888-000000000005"
STG, TEST = "model.shop.stg_support_tickets", "test.shop.unique_ticket"
MODEL = "with t as (\n    select * from {{ ref('raw') }}\n)\nselect nope from t\n"
COMPILED = 'with t as (\n    select * from "w"."raw"\n)\nselect nope from t'
MESSAGE = 'Runtime Error in model x\n  Binder Error: Referenced column "nope" not found\n  LINE 5: select nope from t\n'
FILE = "models/stg_support_tickets.sql"


@pytest.fixture
def seen(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the editor was called with. It is named as one that takes ``+LINE``."""
    editor, seen = root / "bin" / "vi", root / "seen.txt"
    editor.parent.mkdir()
    editor.write_text(f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write('\\n'.join(sys.argv[1:]))\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    (root / "models").mkdir()
    (root / FILE).write_text(MODEL)
    (root / "models" / "schema.yml").write_text("models: []\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    return seen


def failing(root: Path) -> ScriptedClient:
    client = playing_in(root)
    node = shop.node("stg_support_tickets", 0.9, 0.1, key=TICKETS, status=NodeStatus.FAILED, message=MESSAGE)
    check = shop.check("unique_ticket", 0.5, key=TICKETS, status=NodeStatus.FAILED, rows=2, message="Got 2 results")
    run = Run(FAILED, RunStatus.FAILED, "app", queued_at=shop.ago(1), started_at=shop.ago(1))
    client.replay = [*client.replay, RunChanged(run), NodeChanged(FAILED, node), NodeChanged(FAILED, check)]
    client.codes = {
        STG: Code(STG, "model", MODEL, FILE, FAILED, COMPILED, "/x.sql"),
        TEST: Code(TEST, "test", "", "models/schema.yml", FAILED, "select 1", line=24),
    }
    return client


async def opened(bench: Stage, monkeypatch: pytest.MonkeyPatch, seen: Path) -> list[str]:
    monkeypatch.setattr(bench.app, "suspend", nothing)
    await bench.press("o")
    await bench.until(seen.exists)
    return seen.read_text().splitlines()


async def test_what_failed_is_opened_at_its_line_of_the_file(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        assert await opened(bench, monkeypatch, seen) == ["+4", str(root / FILE)]
        await bench.until(lambda: "edited stg_support_tickets.sql:4" in bench.line("Footer"))


async def test_where_the_file_was_changed_since_there_is_no_line(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / FILE).write_text("select better from {{ ref('raw') }}\n")
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        assert await opened(bench, monkeypatch, seen) == [str(root / FILE)]


async def test_a_test_is_opened_where_its_property_file_declares_it(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.press("2", "g", "j", "j", "j")
        await bench.until(lambda: bench.app.view.selection.node_id == TEST)
        assert await opened(bench, monkeypatch, seen) == ["+24", str(root / "models" / "schema.yml")]


async def test_an_open_check_of_the_drawer_is_meant_before_what_is_selected(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        await bench.press("4", "L", "L", "enter")
        await bench.until(lambda: bench.app.view.drawing.check == (FAILED, TEST))
        assert await opened(bench, monkeypatch, seen) == ["+24", str(root / "models" / "schema.yml")]


async def test_the_file_that_keeps_the_project_from_being_read_is_opened_first(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(failing(root)) as bench:
        await bench.settled()
        bench.client.tell(ProblemFound("dbt project", "unexpected '}'", where="models/schema.yml:7"))
        await bench.until(lambda: bench.app.bench_state.problems)
        assert await opened(bench, monkeypatch, seen) == ["+7", str(root / "models" / "schema.yml")]


async def test_an_editor_that_is_not_known_gets_the_file_and_the_user_the_line(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = root / "bin" / "scribble"
    (root / "bin" / "vi").rename(other)
    monkeypatch.setenv("EDITOR", str(other))
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        assert await opened(bench, monkeypatch, seen) == [str(root / FILE)]
        await bench.until(lambda: ".sql:4; how" in bench.line("Footer"))


async def test_without_the_engine_the_file_is_opened_all_the_same(
    root: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(failing(root)) as bench:
        await bench.settled()
        await bench.select(TICKETS)
        bench.client.go_away()
        await bench.until(lambda: bench.app.view.lost is not None)
        assert await opened(bench, monkeypatch, seen) == [str(root / FILE)]
