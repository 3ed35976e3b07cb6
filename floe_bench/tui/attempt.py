"""Runs that do one thing again and again: a run, its retries, and the tries of one node over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from floe_bench.model.run import NodeRun, NodeStatus, Run
from floe_bench.state import BenchState, nodes_of

Attempts = Mapping[str, tuple[Run, ...]]
"""Every run that was done again or does another again, with all attempts at the same thing, oldest first."""


class Try(NamedTuple):
    """One node at work in one run."""

    run: Run
    node: NodeRun


def attempts_of(runs: Sequence[Run]) -> Attempts:
    """``runs`` are newest first. A retry of a retry belongs with the first; an attempt that is not known is missing."""
    known = {run.run_id: run for run in runs}
    together: dict[str, list[Run]] = {}
    for run in reversed(runs):
        together.setdefault(_first(run, known), []).append(run)
    return {run.run_id: tuple(several) for several in together.values() if len(several) > 1 for run in several}


def tries_of(state: BenchState, attempts: Sequence[Run], node_id: str) -> tuple[Try, ...]:
    """Of one node, over all attempts that got to it, oldest first."""
    found = ((run, nodes_of(state, run.run_id).get(node_id)) for run in attempts)
    return tuple(Try(run, node) for run, node in found if node is not None and node.status is not NodeStatus.SKIPPED)


def _first(run: Run, known: Mapping[str, Run]) -> str:
    seen = {run.run_id}
    while run.repeats is not None and run.repeats not in seen:
        seen.add(run.repeats)
        if run.repeats not in known:
            return run.repeats
        run = known[run.repeats]
    return run.run_id
