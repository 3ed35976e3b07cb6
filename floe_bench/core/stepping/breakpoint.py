"""Where a stepped run stops. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.errors import UsageError
from floe_bench.model.step import Breakpoint, Condition, StepNode, Usual

EVERY = "*"


def before(breakpoints: Iterable[Breakpoint], node: StepNode) -> Breakpoint | None:
    """The one that stops in front of ``node``."""
    return next((each for each in _about(breakpoints, node) if each.condition is Condition.ALWAYS), None)


def after(breakpoints: Iterable[Breakpoint], node: StepNode, usual: Usual) -> Breakpoint | None:
    """The one whose condition ``node``, which has just run, fulfils."""
    return next((each for each in _about(breakpoints, node) if _holds(each, node, usual)), None)


def _about(breakpoints: Iterable[Breakpoint], node: StepNode) -> list[Breakpoint]:
    return [each for each in breakpoints if each.asset in (node.asset, EVERY)]


def _holds(breakpoint: Breakpoint, node: StepNode, usual: Usual) -> bool:
    effect = node.effect
    match breakpoint.condition:
        case Condition.ROWS:
            # What could not be counted may be more.
            return effect is not None and (effect.rows is None or effect.rows.total > breakpoint.threshold)
        case Condition.CHECKS:
            return node.checks_failed > 0
        case Condition.SCHEMA:
            # The first snapshot of a table has no schema before it to differ from.
            return effect is not None and effect.from_snapshot is not None and effect.schema_changes > 0
        case Condition.SLOWER:
            known = usual.duration_s and node.duration_s is not None
            return bool(known) and (node.duration_s or 0.0) > breakpoint.threshold * (usual.duration_s or 0.0)
    return False


def valid(breakpoint: Breakpoint) -> Breakpoint:
    """Raises UsageError for a threshold that makes no sense."""
    if breakpoint.condition is Condition.SLOWER and breakpoint.threshold <= 0:
        raise UsageError(f"slower than {breakpoint.threshold:g} times usual is always so", remedy="--slower 2")
    if breakpoint.condition is Condition.ROWS and breakpoint.threshold < 0:
        raise UsageError(f"rows changed > {breakpoint.threshold:g} is always so", remedy="--rows 0")
    return breakpoint


def put(breakpoints: Iterable[Breakpoint], new: Breakpoint) -> tuple[Breakpoint, ...]:
    kept = [each for each in breakpoints if (each.asset, each.condition) != (new.asset, new.condition)]
    return tuple(sorted((*kept, valid(new)), key=lambda each: (each.asset, each.condition)))
