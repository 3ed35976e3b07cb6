"""Which nodes of a run made it take as long as it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun


def critical_path(nodes: Iterable[NodeRun], assets: Mapping[str, Asset], now: datetime) -> frozenset[str]:
    """Node ids: the one that ended last, the parent that it waited for longest, and so on; empty for fewer than two."""
    made = {node.asset: node for node in nodes if node.asset and node.started_at and not node.is_check}
    node = max(made.values(), key=lambda each: _end_s(each, now), default=None)
    path: list[str] = []
    while node is not None and node.node_id not in path:
        path.append(node.node_id)
        asset = assets.get(node.asset or "")
        before = [made[key] for key in asset.upstream if key in made] if asset else []
        node = max(before, key=lambda each: _end_s(each, now), default=None)
    return frozenset(path) if len(path) > 1 else frozenset()


def _end_s(node: NodeRun, now: datetime) -> float:
    if node.started_at is None:
        return 0.0
    if node.duration_s is None:
        return now.timestamp()
    return node.started_at.timestamp() + node.duration_s
