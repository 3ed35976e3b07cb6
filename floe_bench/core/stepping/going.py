"""One stretch of a stepped run: node after node, in a thread, until something makes it stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import field, replace

from floe_bench.core.stepping import order
from floe_bench.core.stepping.breakpoint import after, before
from floe_bench.dataclass import dataclass
from floe_bench.errors import BenchError, Cancelled
from floe_bench.model.step import Breakpoint, Effect, Input, Place, Step, StepNode, Stop, StopKind, Usual
from floe_bench.ports.stepping import Stepper, Walker


@dataclass(frozen=True, slots=True)
class World:
    """What a stretch asks of the bench around it."""

    stepper: Stepper
    breakpoints: Callable[[], tuple[Breakpoint, ...]]
    usual: Callable[[str, str], Usual]
    """Of an asset, before that run."""
    inputs: Callable[[StepNode], tuple[Input, ...]]
    """As they are now."""
    head: Callable[[str], int | None]
    """The current snapshot of a table."""
    effect: Callable[[str, int | None, int, Callable[[], bool]], Effect]
    """Of a table, between two snapshots; given up when the last turns true."""
    read_again: Callable[[], None]
    """The project, when a file of it was saved. Raises ParseFailed."""
    changed: Callable[[Step], None]


@dataclass
class Going:
    """``one``: a single node; else to the next breakpoint."""

    step: Step
    world: World
    one: bool
    again: str | None = None
    """The node to run once more, before any other."""
    pausing: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    standing: threading.Event = field(default_factory=threading.Event)
    """Set when the stretch is over."""

    def run(self) -> None:
        """Ends with the step standing, or with no node left to run."""
        asset = self.again or self.step.next
        try:
            with self.world.stepper.walk(self.step, cancelled=self.cancelled.is_set) as walker:
                while asset is not None:
                    self._node(walker, asset)
                    stop = self._stop(asset)
                    if stop is not None:
                        self._tell(replace(self.step, stop=stop))
                        return
                    asset = self.step.next
        except Cancelled:
            self._interrupted("interrupted")
        except BenchError as error:
            self._broken(error.message)
        except Exception as error:
            logging.getLogger(__name__).exception("a stepped run broke")
            self._broken(f"{type(error).__name__}: {error}")

    def _node(self, walker: Walker, asset: str) -> None:
        self.world.read_again()
        inputs = self.world.inputs(self.step.node(asset))
        self._tell(order.began(self.step, asset, inputs))
        node = self.step.node(asset)
        earlier = self.world.head(node.table)
        outcome = walker.run(node, cancelled=self.cancelled.is_set)
        step = order.ended(self.step, asset, outcome)
        head = self.world.head(node.table)
        if head is not None and head != earlier:
            effect = self.world.effect(node.table, earlier, head, self.cancelled.is_set)
            step = order.put(step, replace(step.node(asset), effect=effect))
        self._tell(step)

    def _stop(self, asset: str) -> Stop | None:
        """Why it stands after ``asset``; None to go on. A node that could not be made always stops it."""
        node, following = self.step.node(asset), self.step.next
        failed = node.place is Place.FAILED
        breakpoints = self.world.breakpoints()
        met = after(breakpoints, node, self.world.usual(asset, self.step.run_id))
        if failed and not node.checks_failed:
            return Stop(StopKind.FAILED, asset, before=False, words=f"{node.name} failed")
        if met is not None:
            return Stop(StopKind.BREAKPOINT, asset, before=False, words=f"{node.name}: {met.words}")
        if failed and (self.one or following is None):
            return Stop(StopKind.FAILED, asset, before=False, words=f"{node.name}: {node.message}")
        if following is None:
            return None
        if self.one:
            return Stop(StopKind.NEXT, asset, before=False, words=f"after {node.name}")
        if self.pausing.is_set():
            return Stop(StopKind.PAUSED, asset, before=False, words=f"paused after {node.name}")
        ahead = self.step.node(following)
        if before(breakpoints, ahead):
            return Stop(StopKind.BREAKPOINT, following, before=True, words=f"before {ahead.name}")
        return None

    def _interrupted(self, why: str) -> None:
        at = next((node.asset for node in self.step.nodes if node.place is Place.RUNNING), None)
        step = self.step if at is None else order.given_back(self.step, at, why)
        asset = at or step.next
        words = f"{why} before {step.node(asset).name} was made" if asset else why
        self._tell(replace(step, stop=Stop(StopKind.INTERRUPTED, asset, before=True, words=words)))

    def _broken(self, why: str) -> None:
        """The node's process died, or the project cannot be read: the node failed, or waits."""
        at = next((node for node in self.step.nodes if node.place is Place.RUNNING), None)
        if at is None:
            asset = self.step.next
            self._tell(replace(self.step, stop=Stop(StopKind.FAILED, asset, before=True, words=why)))
            return
        node = replace(at, place=Place.FAILED, attempts=at.attempts + 1, message=why)
        step = order.with_blocked(order.put(self.step, node))
        self._tell(replace(step, stop=Stop(StopKind.FAILED, at.asset, before=False, words=f"{at.name}: {why}")))

    def _tell(self, step: Step) -> None:
        self.step = step
        self.world.changed(step)
