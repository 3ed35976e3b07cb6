"""Every action of the bench's table, by its key, in the real app in a terminal, over a real project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.rehearsal import RehearsalState
from floe_bench.model.run import RunRequest, RunStatus
from floe_bench.tui.actions import ACTIONS
from tests.contracts.workbench import eventually
from tests.end_to_end.screen import app
from tests.end_to_end.walk import (
    BACK_TAB,
    ENTER,
    ESC,
    RIGHT,
    TAB,
    Walk,
    a_shop,
    at,
    both,
    cursor_on,
    engine_of,
    gone,
    moved,
    over,
    shows,
    so,
    told,
    under_cursor,
)

ORDERS = "staging.stg_orders"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with a_shop(tmp_path, monkeypatch) as root:
        yield root


@pytest.mark.timeout(900)
def test_every_action_does_in_a_terminal_what_its_key_says(project: Path) -> None:
    with app(project) as screen:
        screen.until(lambda text: "customer_totals" in text and "7 assets" in text, "the assets are shown")
        walk = Walk(screen, ACTIONS)
        walk("console", "w", shows("web ●"))
        walk.screen.until(lambda text: told(project, "surf").startswith("http://127.0.0.1:"), "the browser was told")
        _help_and_palette(walk)
        with engine_of(project) as engine:
            _running(walk, engine)
            _pausing(walk, engine, project)
            _moving(walk)
            _looking(walk, project)
            _looking_back(walk)
            _drawer(walk)
            _taking_back(walk, engine)
            _stepping(walk)
            _cancelling(walk, engine)
            before = main_of(engine, ORDERS)
            runs = len(engine.runs())
            walk("rehearse", "P", shows("rehearsing on branches"))
            over(screen, engine, f"{runs + 1} runs", runs=runs + 1)
            # Its check fails on the branch as it does on main, which did not move.
            assert eventually(lambda: [e.state for e in engine.rehearsing.rehearsals()] == [RehearsalState.FAILED])
            assert main_of(engine, ORDERS) == before
        screen.shows("web ●")
        walk("quit", "q", lambda before, now: not screen.child.isalive() or now != before)
        assert screen.ended() == 0
    assert walk.not_done == set()


def main_of(engine: EngineClient, table: str) -> int:
    return next(each.snapshot_id for each in engine.snapshots(table) if "main" in each.refs)


def border(text: str, title: str) -> int:
    """In which column that pane begins."""
    return text.splitlines()[1].find(f"╭─ {title}")


def _help_and_palette(walk: Walk) -> None:
    walk("help", "?", shows("Keys in Assets", "enter does it"))
    walk("dismiss", ESC, gone("Keys in Assets"))
    walk("palette", ":", shows("Search for commands"))
    walk("dismiss", ESC, gone("Search for commands"))


def _running(walk: Walk, engine: EngineClient) -> None:
    walk("pause", "p", shows("pause: no run is at work"))
    walk("run_menu", "M", shows("downstream too"))
    walk("run_menu", "a", shows("enter run"))
    walk.screen.press(ENTER)
    over(walk.screen, engine, "checks failed", runs=1)
    walk("runs", "2", at("runs"))
    walk("since", "b", shows("Since when does"))
    walk.screen.shows("looked at")
    walk.screen.shows("esc back")
    walk("dismiss", ESC, gone("Since when does"))
    walk("error", "E", shows("order_id", "amount"))
    walk("retry", "R", shows("failed again: "))
    walk.screen.press(ENTER)
    walk.screen.shows("↻")
    over(walk.screen, engine, "↻", runs=2)
    walk("assets", "1", at("assets"))
    walk("edges", "g", lambda before, now: "▾" in under_cursor(now))
    walk("up_down", "j", moved)
    walk("materialize", "m", shows("is queued"))
    over(walk.screen, engine, "3 runs", runs=3)
    assert [run.status for run in engine.runs(3)] == [RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.FAILED]
    assert engine.runs(2)[1].repeats == engine.runs(3)[2].run_id


def _pausing(walk: Walk, engine: EngineClient, root: Path) -> None:
    """The asset at work is let go on once the run was told to pause."""
    made = engine.submit(RunRequest("customer_totals"))
    assert eventually(lambda: engine.run(made).status is RunStatus.SUCCESS)
    hold, held = root.parent / "hold", root.parent / "held"
    assert not held.exists()
    hold.touch()
    walk("filter", "/", shows("words, status:"))
    walk("filter", "kind:python\r", shows("2 of 7 assets"))
    walk("edges", "g", lambda before, now: "▾" in under_cursor(now))
    walk.screen.press("m")
    walk.screen.shows("enter run")
    walk.screen.press(ENTER)
    walk.screen.until(lambda text: "1 active" in text and engine.runs(1)[0].run_id != made, "a run goes")
    run_id = engine.runs(1)[0].run_id
    walk.screen.until(lambda text: held.exists(), "best__customer is at work")
    walk.screen.shows(f"▶ {run_id[:4]}  running")
    walk("pause", "p", shows("pausing: the run ends before its next asset"))
    assert eventually((root / ".floe-bench" / "runs" / run_id / "pause").exists)
    hold.unlink()
    walk.screen.shows("stopped before prize")
    rest = engine.stepping.steps()[0]
    assert (rest.after_run_id, [node.name for node in rest.nodes]) == (run_id, ["prize"])
    assert eventually(lambda: engine.run(run_id).status is RunStatus.CANCELLED)
    walk.screen.press("x")
    walk.screen.shows("Abort this run?")
    walk.screen.press("y")
    walk.screen.shows("⊘ aborted")
    walk("dismiss", ESC, shows("2 Materializations"))
    walk("dismiss", ESC, shows("7 assets · by group"))


def _moving(walk: Walk) -> None:
    walk("assets", "1", at("assets"))
    walk("edges", "g", lambda before, now: "▾" in under_cursor(now))
    walk("up_down", "j", both(cursor_on("raw_customers"), shows("Snapshots  shop.raw_customers", "append")))
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


def _looking(walk: Walk, root: Path) -> None:
    walk("filter", "/", shows("words, status:"))
    walk("filter", "totals", shows("1 of 7 assets"))
    walk("dismiss", ESC, both(shows("7 assets · by group"), gone("words, status:")))
    for by in ("by namespace", "in one list", "by group"):
        walk("grouping", "v", shows(by))
    walk("filter", "/", shows("words, status:"))
    walk("filter", "stg\r", shows("1 of 7 assets"))
    walk(
        "copy", "y", both(shows("copied staging/stg_orders"), so(lambda: walk.screen.clipboard == "staging/stg_orders"))
    )
    walk("diff", "d", shows("made by stg_orders in run", "no rows changed"))
    walk("open_source", "o", shows("edited stg_orders.sql"))
    assert told(root, "vi").endswith("models/staging/stg_orders.sql")
    walk("lineage", "l", shows("Lineage  staging/stg_orders"))
    walk("dismiss", ESC, gone("Lineage  staging/stg_orders"))
    walk("refresh", "r", shows("looking again"))
    walk("zoom", "z", shows("2 Runs"))
    walk("zoom", "z", gone("2 Runs"))
    walk.screen.until(lambda text: border(text, "2 ") > 0, "the panes stand side by side")
    first = border(walk.screen.look(), "2 ")
    walk("wider", ">", lambda before, now: border(now, "2 ") > first)
    walk("first_sizes", "=", lambda before, now: border(now, "2 ") == first)
    walk("narrower", "<", lambda before, now: 0 < border(now, "2 ") < first)
    walk("first_sizes", "=", lambda before, now: border(now, "2 ") == first)
    walk("drag", "\x1b[<0;47;12M\x1b[<32;60;12M\x1b[<0;60;12m", lambda before, now: 57 < border(now, "2 ") < 63)
    walk("first_sizes", "=", lambda before, now: border(now, "2 ") == first)
    walk("sql", "Q", shows("every table as of now", "reads only"))
    walk.type(ESC, shows("2 Materializations"), "back")
    walk("stack", "i", shows("Services", "SeaweedFS"))
    walk("dismiss", ESC, shows("2 Materializations"))
    walk("tables", "t", shows("Timeline"))
    walk("dismiss", ESC, shows("2 Materializations"))
    walk("theme", "T", shows("theme floe-light"))
    kept = root / ".floe-bench" / "ui.json"
    assert eventually(lambda: kept.exists() and '"floe-light"' in kept.read_text())
    walk("save_screen", "S", shows("saved", ".svg"))
    (picture,) = (root / ".floe-bench" / "screens").iterdir()
    assert "stg_orders" in picture.read_text()


def _looking_back(walk: Walk) -> None:
    """Of the moments before now the newest is gone to, left, and gone to by hand."""
    walk("earlier", "[", shows("AS OF"))
    walk("materialize", "m", shows("the past cannot be changed"))
    walk("earlier", "[", lambda before, now: moment_in(now) not in ("", moment_in(before)))
    walk("later", "]", lambda before, now: moment_in(now) not in ("", moment_in(before)))
    walk("moment", "@", shows("The whole bench as of", "now   as everything is"))
    walk("dismiss", ESC, gone("The whole bench as of"))
    walk("now", "0", gone("AS OF"))


def moment_in(text: str) -> str:
    return text.partition("AS OF ")[2][:23]


def _drawer(walk: Walk) -> None:
    walk.tab("e errors")
    walk("errors_only", "e", shows("warnings and errors"))
    walk("errors_only", "e", gone("warnings and errors"))
    walk("node_only", "n", shows("only  of "))
    walk("node_only", "n", gone("only  of "))
    walk("search_log", "/", shows("words to look for"))
    walk("search_log", "zzzz\r", shows("No line is like that"))
    walk("dismiss", ESC, gone("No line is like that"))
    walk.tab("s compiled, source, change")
    walk("code_face", "s", shows("{{ ref("))
    walk("next_tab", "L", shows("checks passed"))
    walk("open_check", ENTER, shows("configured to fail", "order_id INTEGER"))
    walk("next_tab", "L", shows("customer_id"))
    walk.screen.press("g")
    walk("columns", RIGHT, lambda before, now: True)
    walk("copy_cell", "y", so(lambda: "customer_id" in walk.screen.look() and walk.screen.clipboard in ("1", "2")))


def _taking_back(walk: Walk, engine: EngineClient) -> None:
    made = main_of(engine, ORDERS)
    walk("assets", "1", at("assets"))
    for name, key, many in (("undo", "u", "1 table"), ("undo_downstream", "U", "3 tables")):
        walk(name, key, shows(f"Undo: {many}"))
        walk(name, ENTER, both(gone("Undo: ", "enter undo"), shows("taken back; ^r")))
        assert main_of(engine, ORDERS) != made
        walk("redo", "\x12", shows(f"Redo: {many}"))
        walk("redo", ENTER, both(gone("Redo: ", "enter redo"), shows("brought forward")))
        assert main_of(engine, ORDERS) == made


def _stepping(walk: Walk) -> None:
    walk("step", "s", shows("stopped before stg_orders", "0 of 1"))
    walk("step", ESC, shows("2 Materializations"))


def _cancelling(walk: Walk, engine: EngineClient) -> None:
    runs = len(engine.runs())
    walk("run_menu", "M", shows("downstream too"))
    walk("run_menu", "a", shows("enter run"))
    walk("run_menu", "v", shows("a YAML mapping"))
    walk("run_menu", "rows: 100000000\r", shows("rows: 100000000"))
    walk.screen.press(ENTER)
    walk.screen.shows("1 active")
    walk("cancel", "c", shows("cancel it"))
    walk("cancel", "y", shows("cancell"))
    over(walk.screen, engine, "cancelled", runs=runs + 1)
