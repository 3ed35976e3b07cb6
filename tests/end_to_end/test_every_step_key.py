"""Every key of the step screen, in a terminal over a real project: what it says and what the engine then has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Breakpoint, Condition, Place, Step, StepNode, StepState, StopKind
from floe_bench.tui.step_actions import STEP_ACTIONS
from tests.contracts.workbench import eventually
from tests.end_to_end.screen import app
from tests.end_to_end.walk import (
    ENTER,
    ESC,
    Walk,
    a_shop,
    at,
    both,
    cursor_on,
    engine_of,
    gone,
    shows,
    so,
    told,
    under_cursor,
)

ORDERS = "staging.stg_orders"
ALL_BUT_SLOW = "+customer_totals asset:python/best__customer asset:python/prize"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with a_shop(tmp_path, monkeypatch) as root:
        yield root


@pytest.mark.timeout(900)
def test_every_key_of_the_step_screen_does_what_it_says(project: Path) -> None:
    with engine_of(project) as engine:
        run_id = engine.submit(RunRequest(ALL_BUT_SLOW))
        assert eventually(lambda: engine.run(run_id).status.over)
        with app(project) as screen:
            walk = Walk(screen, STEP_ACTIONS)
            screen.until(lambda text: "customer_totals" in text and run_id[:4] in text, "the run is shown")
            walk.type("2", at("runs"), "the runs")
            begun = both(shows("stopped before raw_customers", "0 of 6"), cursor_on("raw_customers"))
            walk.type("s", begun, "a stepped run over the same")
            _order_and_breakpoints(walk, engine)
            _running(walk, engine)
            _failing_and_mending(walk, engine, project)
            _pausing(walk, engine, project)
            _leaving(walk, engine)
    assert walk.not_pressed == set()


def step(engine: EngineClient) -> Step:
    return engine.stepping.steps()[0]


def node(engine: EngineClient, name: str) -> StepNode:
    return next(each for each in step(engine).nodes if each.name == name)


def stops(engine: EngineClient, kind: StopKind, asset: str, *, attempts: int | None = None) -> bool:
    found = step(engine)
    so_far = attempts is None or found.node(asset).attempts == attempts
    return found.stop is not None and (found.stop.kind, found.stop.asset) == (kind, asset) and so_far


def main_of(engine: EngineClient, table: str) -> int:
    return next(each.snapshot_id for each in engine.snapshots(table) if "main" in each.refs)


def _order_and_breakpoints(walk: Walk, engine: EngineClient) -> None:
    walk.key("next_box", lambda before, now: "›" in before and not under_cursor(now))
    walk.key("previous_box", cursor_on("raw_customers"))
    walk.type("j", cursor_on("raw_orders"), "the second")
    walk.key("choose_breakpoint", shows("Stop at raw_orders", "after it, if a check failed"))
    walk.type("jjj" + ENTER, shows("breakpoint on raw_orders: if check failed"), "a condition")
    assert engine.stepping.breakpoints() == (Breakpoint("shop/raw_orders", Condition.CHECKS),)
    walk.key("help", shows("enter does it", "Run the next node with its tests"))
    walk.type(ESC, gone("enter does it"), "out of the help")
    walk.key("help", shows("enter does it"), nth=1)
    walk.type("/", shows("words, or a key"), "the search")
    walk.type("kept with" + ENTER, shows(f"1 of {len(STEP_ACTIONS)}"), "one key")
    walk.type(ENTER, both(gone("enter does it"), shows("no breakpoint on raw_orders")), "what the key does")
    assert engine.stepping.breakpoints() == ()
    walk.type("j", cursor_on("stg_orders"), "the third")
    walk.key("turn_breakpoint", both(shows("breakpoint on stg_orders: before it"), cursor_on("●")))
    assert engine.stepping.breakpoints() == (Breakpoint("staging/stg_orders"),)


def _running(walk: Walk, engine: EngineClient) -> None:
    walk.key("pause", shows("pause: it stands already"))
    walk.key("skip", shows("left out", "1 of 6"))
    assert eventually(lambda: node(engine, "raw_customers").place is Place.SKIPPED)
    walk.key("proceed", shows("stopped before stg_orders", "breakpoint: ", "2 of 6"))
    assert eventually(lambda: node(engine, "raw_orders").place is Place.DONE)
    assert eventually(lambda: stops(engine, StopKind.BREAKPOINT, "staging/stg_orders"))


def _failing_and_mending(walk: Walk, engine: EngineClient, root: Path) -> None:
    first = main_of(engine, ORDERS)
    walk.key("next", shows("stopped after stg_orders", "failed: 1 of its checks failed", "fails now: 1 row"))
    assert eventually(lambda: node(engine, "stg_orders").place is Place.FAILED)
    (root.parent / "edit").write_text('echo "where amount > 5" >> "$1"\n')
    # What is read again for it is said in the place of that, soon.
    said = ("edited stg_orders.sql", "saved models/staging/stg_orders.sql", "changed stg_orders")
    walk.key("open_source", lambda before, now: any(words in now for words in said))
    (root.parent / "edit").unlink()
    assert eventually(lambda: told(root, "vi").endswith("models/staging/stg_orders.sql"))
    walk.key("retry", both(gone("fails now"), shows("stopped after stg_orders", "2nd attempt", "2 rows", "−1")))
    again = node(engine, "stg_orders")
    assert (again.place, again.attempts, again.rows) == (Place.DONE, 2, 2)

    for name, words, nth in (
        ("undo", "the last materialization", "3rd attempt"),
        ("undo_downstream", "everything made from it", "4th attempt"),
    ):
        walk.key(name, shows("Undo: 1 table", words, "2 → 3"))
        walk.type(ENTER, both(gone("Undo: 1 table", "esc back"), shows("taken back; ^r")), "taken back")
        assert main_of(engine, ORDERS) == first
        walk.key("retry", shows("stopped after stg_orders", nth))
        assert stops(engine, StopKind.NEXT, "staging/stg_orders", attempts=int(nth[0]))
        assert main_of(engine, ORDERS) != first

    walk.type("j", both(cursor_on("customer_totals"), shows("customer_totals · SQL", "sum(o.amount)")), "the next")
    model = root / "models/customer_totals.sql"
    model.write_text(model.read_text().replace("sum(o.amount)", "max(o.amount)"))
    walk.key("look_again", shows("max(o.amount)"))


def _pausing(walk: Walk, engine: EngineClient, root: Path) -> None:
    hold = root.parent / "hold"
    hold.touch()
    walk.key("proceed", both(shows("▶ running"), so(lambda: node(engine, "best__customer").place is Place.RUNNING)))
    walk.key("next", shows("next: a node is at work; p stops after it"))
    walk.key("pause", shows("stopping after the node at work"))
    hold.unlink()
    walk.screen.shows("stopped after best__customer")
    assert eventually(lambda: stops(engine, StopKind.PAUSED, "python/best__customer"))
    assert eventually(
        lambda: node(engine, "customer_totals").place is Place.DONE and node(engine, "prize").place is Place.WAITING
    )
    assert eventually(lambda: engine.rows("shop.customer_totals").rows == ((1, "Ada", 10), (2, "Bo", 7)))


def _leaving(walk: Walk, engine: EngineClient) -> None:
    for name, nth in (("back", 0), ("leave", 0), ("leave", 1)):
        walk.key(name, shows("2 Materializations"), nth=nth)
        walk.type("s", shows("stopped after best__customer", "5 of 6"), "the stepped run that stands")
    walk.key("abort", shows("Abort this run?"))
    walk.type(ESC, gone("Abort this run?"), "no")
    assert eventually(lambda: step(engine).state is StepState.STOPPED)
    walk.key("abort", shows("Abort this run?"))
    walk.type("y", shows("⊘ aborted"), "yes")
    assert eventually(lambda: step(engine).state is StepState.ABORTED)
    walk.key("next", shows("next: the run is over"))
