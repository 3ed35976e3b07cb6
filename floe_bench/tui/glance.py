"""What the step screen looks at: one stepped run, one node of it, and what was read of that node."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.code import Code
from floe_bench.model.snapshot import Diff
from floe_bench.model.step import Outlook, Place, Step, StepNode
from floe_bench.state import BenchState

if TYPE_CHECKING:
    from floe_bench.tui.view import Trouble

ORDER, SQL, EFFECT = "order", "sql", "effect"
BOXES = (ORDER, SQL, EFFECT)
LONG_S = 1.0
"""A comparison that takes longer says how far it is."""


@dataclass(frozen=True, slots=True)
class GlanceOf:
    """A node as it is now: another attempt, or the same one in another place, is looked at again."""

    step_id: str
    asset: str
    place: Place
    attempts: int
    version: int = 0
    """Grows when the user asks to look again: a file was edited."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A check that failed, with its SQL and what fails it now."""

    name: str
    sql: str
    rows: QueryAnswer


@dataclass(frozen=True, slots=True)
class Glance:
    """``outlook`` of a node that has not run, ``code`` of one that has."""

    of: GlanceOf
    outlook: Outlook | None = None
    code: Code | None = None
    failing: tuple[Failing, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """The diff of a node that wrote, or a page more of its samples."""

    of: GlanceOf
    diff: Diff


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the diff is. ``asked_at`` is None when nothing is being read; ``diff`` has the samples of all pages."""

    of: GlanceOf
    asked_at: datetime | None = None
    diff: Diff | None = None
    pages: int = 0
    whole: bool = False
    """There are no more samples to be had."""
    trouble: Trouble | None = None
    given_up: bool = False

    @property
    def has_more(self) -> bool:
        """Samples that nobody asked for yet."""
        stands = self.diff is not None and self.asked_at is None
        return stands and not self.whole and self.trouble is None and not self.given_up


@dataclass(frozen=True, slots=True)
class StepView:
    """``asset``: under the cursor; None for what the stop is about. ``box`` has the keys of a list."""

    step_id: str
    asset: str | None = None
    box: str = ORDER
    version: int = 0
    glance: Glance | None = None
    comparison: Comparison | None = None


def step_of(state: BenchState, view: StepView | None) -> Step | None:
    return next((each for each in state.steps if view is not None and each.step_id == view.step_id), None)


def standing(state: BenchState) -> Step | None:
    """The newest stepped run that is not over."""
    return next((each for each in reversed(state.steps) if not each.state.over), None)


def node_in_view(state: BenchState, view: StepView | None) -> StepNode | None:
    """The node under the cursor, else the one that the stop is about, else the one that ran last."""
    step = step_of(state, view)
    if step is None or view is None or not step.nodes:
        return None
    about = step.stop.asset if step.stop else next((n.asset for n in step.nodes if n.place is Place.RUNNING), step.at)
    wanted = view.asset or about
    return next((node for node in step.nodes if node.asset == wanted), step.nodes[0])


def comparison_of(state: BenchState, view: StepView | None) -> Comparison | None:
    """Of the node in view as it is now; not of an attempt before."""
    known = view.comparison if view is not None else None
    return known if known is not None and known.of == wanted(state, view) else None


def begins(known: GlanceOf, want: GlanceOf) -> bool:
    """The node that waited is at work now, and nothing else changed."""
    return known.place is Place.WAITING and want == replace(known, place=Place.RUNNING)


def is_long(comparison: Comparison, now: datetime) -> bool:
    """So long that it says how far it is, and can be given up."""
    return comparison.asked_at is not None and (now - comparison.asked_at).total_seconds() >= LONG_S


def joined(known: Diff, page: Diff) -> Diff:
    """With the samples of one more page below those before."""
    return replace(known, samples=(*known.samples, *page.samples))


def ran(node: StepNode) -> bool:
    return node.attempts > 0 and node.place in (Place.DONE, Place.FAILED, Place.SKIPPED)


def wanted(state: BenchState, view: StepView | None) -> GlanceOf | None:
    node = node_in_view(state, view)
    if node is None or view is None:
        return None
    return GlanceOf(view.step_id, node.asset, node.place, node.attempts, view.version)
