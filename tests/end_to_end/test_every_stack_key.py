"""Every key of the stack screen, in a terminal over a real project: what it says and what engine, stack and clipboard
then have."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.run import RunRequest
from floe_bench.model.stack import Service, StackState
from floe_bench.tui.screens.connection import TOOLS
from floe_bench.tui.stack_actions import STACK_ACTIONS
from tests.contracts.workbench import eventually
from tests.end_to_end.screen import app
from tests.end_to_end.walk import ENTER, ESC, Walk, a_shop, both, cursor_on, engine_of, gone, shows, so, under_cursor

EMBEDDED = Path(__file__).parents[2] / "stacks" / "embedded"
SECOND = "./second"
"""A stack of the project's own, so that there is another one to go to wherever this runs."""
ON_SECOND = f'stack = "{SECOND}"\ndagster_module = "shop_assets"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with a_shop(tmp_path, monkeypatch, **{"floe-bench.toml": ON_SECOND}) as root:
        shutil.copytree(EMBEDDED, root / "second")
        yield root


@pytest.mark.timeout(900)
def test_every_key_of_the_stack_screen_does_what_it_says(project: Path) -> None:
    with app(project) as screen:
        walk = Walk(screen, STACK_ACTIONS)
        screen.shows("raw_orders")
        with engine_of(project) as engine:
            run_id = engine.submit(RunRequest("raw_customers raw_orders"))
            assert eventually(lambda: engine.run(run_id).status.over)
            screen.until(lambda text: run_id[:4] in text and "nothing running" in text, "the run is over")
            walk.type("i", shows("Services", "SeaweedFS", f"127.0.0.1 {service(engine).ports[0]}"), "the stack")
            _boxes_and_words(walk)
            _connections(walk, engine)
            _one_service(walk, engine)
            walk.key("leave", shows("2 Materializations"))
            walk.type("i", shows("Services"), "the stack again")
            walk.key("leave", shows("2 Materializations"), nth=1)
            walk.type("i", shows("Services"), "the stack again")
        _to_another_and_back(walk, project)
    assert walk.not_pressed == set()


def service(engine: EngineClient) -> Service:
    (found,) = engine.status().services
    return found


def process(engine: EngineClient) -> psutil.Process:
    return psutil.Process(service(engine).pid)


def _boxes_and_words(walk: Walk) -> None:
    screen = walk.screen
    walk.type("j", cursor_on("SeaweedFS"), "the service")
    walk.key("next_box", both(shows("g oldest"), lambda before, now: not under_cursor(now)))
    walk.key("previous_box", both(cursor_on("SeaweedFS"), shows("tab goes into it")))
    walk.key("copy", so(lambda: screen.clipboard == "floe-bench logs --source weed --follow"))
    walk.key("help", shows("enter does it", "Start the service again"))
    walk.type(ESC, gone("enter does it"), "out of the help")
    walk.key("help", shows("enter does it"), nth=1)
    walk.type("/", shows("words, or a key"), "the search")
    walk.type("services, or the log" + ENTER, shows(f"1 of {len(STACK_ACTIONS)}"), "one key")
    walk.type(ENTER, both(gone("enter does it"), shows("g oldest")), "what the key does")
    walk.key("leave", both(shows("tab goes into it"), cursor_on("SeaweedFS")))


def _connections(walk: Walk, engine: EngineClient) -> None:
    """What is copied is what `floe-bench connect` prints."""
    for tool in TOOLS:
        walk.key("connection", shows("Copy connection", "etc/catalog"))
        walk.type(tool.key, both(gone("Copy connection"), copied(walk, engine.connect(tool.tool))), tool.title)
    walk.key("connection", shows("Copy connection"))
    walk.type(ESC, gone("Copy connection"), "none")
    walk.key("connection", shows("Copy connection"))
    first = engine.connect(TOOLS[0].tool)
    walk.type(ENTER, both(gone("Copy connection"), copied(walk, first)), TOOLS[0].title)


def copied(walk: Walk, text: str) -> Callable[[str, str], object]:
    return so(lambda: walk.screen.clipboard == text)


def _one_service(walk: Walk, engine: EngineClient) -> None:
    before, born = service(engine), process(engine)
    walk.key("restart", shows("restarting weed"))
    walk.screen.until(lambda text: "SeaweedFS is ready" in text and "● SeaweedFS" in text, "it is ready")
    after = service(engine)
    assert after.state is StackState.READY and not born.is_running()
    assert after.pid != before.pid and after.ports == before.ports
    assert len(engine.rows("shop.raw_orders").rows) == 3

    walk.key("stop", shows("Stop SeaweedFS?", "cannot be read"))
    walk.type(ESC, gone("Stop SeaweedFS?"), "no")
    assert service(engine).pid == after.pid
    running = process(engine)
    walk.key("stop", shows("Stop SeaweedFS?"))
    walk.type("y", shows("SeaweedFS is stopped", "○ SeaweedFS"), "yes")
    assert service(engine).state is StackState.STOPPED and not running.is_running()
    walk.key("stop", shows("stop: SeaweedFS is stopped"))
    walk.key("connection", shows("copy connection: there is an address once"))
    walk.key("restart", shows("restarting weed"))
    walk.screen.until(lambda text: "SeaweedFS is ready" in text and "● SeaweedFS" in text, "it is ready")
    assert service(engine).ports == before.ports and len(engine.rows("shop.raw_orders").rows) == 3


def _to_another_and_back(walk: Walk, root: Path) -> None:
    walk.key("switch", shows("Switch stack", "this is it", "iceberg-rest-minio"))
    walk.type(ESC, gone("Switch stack"), "no")
    walk.key("switch", shows("Switch stack", "this is it", "iceberg-rest-minio"))
    walk.type("g", shows("› embedded"), "the first")
    walk.type("c", shows("Carried from ./second to embedded"), "with the tables")
    walk.screen.shows("✓ shop.raw_orders")
    walk.type(ESC, gone("Carried from"), "read")
    with engine_of(root) as there:
        assert there.status().stack == "embedded"
        assert len(there.rows("shop.raw_orders").rows) == 3
        (snapshot,) = there.snapshots("shop.raw_orders")
        assert snapshot.written_by == f"carried from {SECOND}"
    walk.type("i", shows("Services"), "the stack")
    walk.key("switch", shows("Switch stack", "this is it", SECOND))
    walk.type("G", shows(f"› {SECOND}"), "the last")
    walk.type(ENTER, shows("on ./second now"), "without the tables")
    with engine_of(root) as again:
        assert again.status().stack == "second"
        assert len(again.rows("shop.raw_orders").rows) == 3
