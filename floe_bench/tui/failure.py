"""What failed: the node that the selection's error is about, and what the database said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from floe_bench.model.code import Code
from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.state import BenchState, nodes_of
from floe_bench.tui.history import checks_of_asset, checks_of_run
from floe_bench.tui.view import RUNS, SNAPSHOTS, View

Failure = tuple[str, NodeRun]
"""The id of the run, and the node in it."""


def failure_of(state: BenchState, view: View) -> Failure | None:
    """Of the selected node, run or asset; of an asset its newest outcome counts. None when nothing failed there."""
    chosen = view.selection
    if chosen.origin == RUNS and chosen.run_id:
        nodes = nodes_of(state, chosen.run_id)
        about = [node for node in nodes.values() if chosen.node_id in (None, node.node_id)]
        if chosen.assets and not chosen.node_id:
            about = [node for node in about if node.asset in chosen.assets]
        failed = _failed(about)
        return (chosen.run_id, failed) if failed is not None else None
    key = chosen.asset
    if chosen.origin == SNAPSHOTS or key is None:
        return None
    return failure_of_asset(state, key)


def failure_of_asset(state: BenchState, key: str) -> Failure | None:
    for run in state.runs or ():
        nodes = [node for node in nodes_of(state, run.run_id).values() if node.asset == key]
        if any(node.status is not NodeStatus.SKIPPED for node in nodes):
            failed = _failed(nodes)
            return (run.run_id, failed) if failed is not None else None
    return None


def failing_check(state: BenchState, view: View) -> NodeRun | None:
    """The open one of the drawer, else the first that fails of what is selected. None when nothing fails there."""
    chosen = view.selection
    if chosen.origin == RUNS and chosen.run_id:
        run_id, checks = chosen.run_id, checks_of_run(state, chosen.run_id)
        checks = tuple(each for each in checks if not chosen.asset or each.asset == chosen.asset)
        checks = tuple(each for each in checks if each.node_id == chosen.node_id) or checks
    elif chosen.asset:
        run_id, checks = checks_of_asset(state, chosen.asset)
    else:
        return None
    failing = [each for each in checks if each.status in (NodeStatus.FAILED, NodeStatus.WARNED)]
    opened = next((each for each in failing if view.drawing.check == (run_id, each.node_id)), None)
    return opened or min(failing, key=lambda each: each.status is not NodeStatus.FAILED, default=None)


def failure_in(state: BenchState, code: Code) -> NodeRun | None:
    """The node that ran this code, if it failed."""
    node = nodes_of(state, code.run_id).get(code.node_id) if code.run_id else None
    return node if node is not None and node.status is NodeStatus.FAILED and not node.is_check else None


def told(message: str) -> str:
    """What the database said, in one line, without dbt's head line and the place, which is shown instead."""
    lines = message.strip().splitlines()
    if lines and re.match(r"(Runtime|Database|Compilation) Error in ", lines[0]):
        lines = lines[1:]
    kept = []
    for line in lines:
        if line.strip().startswith(("LINE ", "^", "compiled code at ")):
            break
        kept.append(line.strip())
    return " ".join(filter(None, kept)) or message.strip().partition("\n")[0]


def _failed(nodes: Iterable[NodeRun]) -> NodeRun | None:
    """What makes something before what checks it."""
    failed = [node for node in nodes if node.status is NodeStatus.FAILED]
    return min(failed, key=lambda node: node.is_check, default=None)
