"""A stepped run while it goes: what is counted after a node, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from floe_bench.core.stepping.going import Going, World
from floe_bench.errors import Cancelled
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Effect, Place, Step, StepNode, StepState, StopKind, Usual
from floe_bench.ports.stepping import Outcome, Stepper, Walker

FIRST, SECOND = (StepNode(f"m/{name}", f"model.{name}", name, "table", f"m.{name}") for name in ("first", "second"))


class Heads:
    """Tables that get one more snapshot each time their node runs."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}

    def run(self, node: StepNode, *, cancelled: Callable[[], bool]) -> Outcome:
        if cancelled():
            raise Cancelled("before it was made")
        self.now[node.table] = self.now.get(node.table, 0) + 1
        return Outcome()

    @contextmanager
    def walk(self, step: Step, *, cancelled: Callable[[], bool]) -> Iterator[Walker]:
        yield cast(Walker, self)


def going(effect: Callable[..., Effect]) -> Going:
    heads = Heads()
    told: list[Step] = []
    world = World(
        stepper=cast(Stepper, heads),
        breakpoints=tuple,
        usual=lambda asset, run_id: Usual(),
        inputs=lambda node: (),
        head=heads.now.get,
        effect=effect,
        read_again=lambda: None,
        changed=told.append,
    )
    step = Step("s1", "r1", StepState.RUNNING, RunRequest(), (FIRST, SECOND))
    return Going(step, world, one=False)


def test_counting_that_is_given_up_leaves_the_node_made_and_the_next_one_not_begun() -> None:
    found: list[Going] = []

    def aborted(table: str, before: int | None, after: int, cancelled: Callable[[], bool]) -> Effect:
        found[0].cancelled.set()
        assert cancelled()
        return Effect(before, after, None)

    found.append(going(aborted))
    found[0].run()
    first, second = found[0].step.nodes
    assert (first.place, first.effect) == (Place.DONE, Effect(None, 1, None))
    assert second.place is Place.WAITING
    assert found[0].step.stop is not None and found[0].step.stop.kind is StopKind.INTERRUPTED


def test_each_node_is_counted_from_the_snapshot_before_it_to_the_one_after() -> None:
    asked: list[Any] = []

    def counted(table: str, before: int | None, after: int, cancelled: Callable[[], bool]) -> Effect:
        asked.append((table, before, after))
        return Effect(before, after)

    goes = going(counted)
    goes.run()
    assert asked == [("m.first", None, 1), ("m.second", None, 1)]
    assert [node.place for node in goes.step.nodes] == [Place.DONE, Place.DONE]
