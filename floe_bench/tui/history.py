"""What runs tell about now: which assets run, and how long a node usually takes."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.state import BenchState, active_runs, nodes_of


def running_nodes(state: BenchState) -> Mapping[str, NodeRun]:
    """The node that makes each asset right now, by asset key."""
    return {
        node.asset: node
        for run in active_runs(state)
        for node in nodes_of(state, run.run_id).values()
        if node.status is NodeStatus.RUNNING and node.asset is not None and not node.is_check
    }


def usual_s(state: BenchState, node_id: str) -> float | None:
    """Median of the latest five times that it went well; None when it never did."""
    took = [
        node.duration_s
        for run in (state.runs or ())[:50]
        if (node := nodes_of(state, run.run_id).get(node_id)) is not None
        and node.status in (NodeStatus.SUCCESS, NodeStatus.WARNED)
        and node.duration_s is not None
    ]
    return median(took[:5]) if took else None


def checks_of_asset(state: BenchState, asset: str) -> tuple[str, tuple[NodeRun, ...]]:
    """The latest run that checked ``asset``, and its checks; an empty run id when none did."""
    for run in state.runs or ():
        nodes = nodes_of(state, run.run_id)
        if nodes and (checks := _checks_in(run.run_id, nodes).get(asset)):
            return run.run_id, checks
    return "", ()


_CHECKED: dict[str, tuple[Mapping[str, NodeRun], Mapping[str, tuple[NodeRun, ...]]]] = {}
"""What ``_checks_in`` found, with what it found it in; of the runs of one screen."""
_MOST_RUNS = 1_000


def _checks_in(run_id: str, nodes: Mapping[str, NodeRun]) -> Mapping[str, tuple[NodeRun, ...]]:
    """By asset. Asked at every key, of every run: each is looked through once for as long as it stays the same."""
    known = _CHECKED.get(run_id)
    if known is None or known[0] is not nodes:
        found: dict[str, tuple[NodeRun, ...]] = {}
        for node in nodes.values():
            if node.is_check and node.asset is not None:
                found[node.asset] = (*found.get(node.asset, ()), node)
        if len(_CHECKED) > _MOST_RUNS:
            _CHECKED.clear()
        known = _CHECKED[run_id] = (nodes, found)
    return known[1]


def checks_of_run(state: BenchState, run_id: str) -> tuple[NodeRun, ...]:
    return tuple(node for node in nodes_of(state, run_id).values() if node.is_check)
