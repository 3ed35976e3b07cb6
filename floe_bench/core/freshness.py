"""Deciding what each asset's status is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.materialization import Materialization
from floe_bench.model.run import NodeRun, NodeStatus, Run
from floe_bench.model.table import Table


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a status is decided from. ``runs`` are newest first; ``nodes`` per run id."""

    materializations: Mapping[str, Materialization]
    tables: Mapping[str, Table]
    runs: Sequence[Run]
    nodes: Mapping[str, Mapping[str, NodeRun]]


def with_status(assets: Sequence[Asset], evidence: Evidence) -> tuple[Asset, ...]:
    """The same assets in the same order, each with status, last materialization, checks and reasons."""
    made, checks = _latest(evidence)
    by_key = {asset.asset: asset for asset in assets}
    return tuple(
        _judged(asset, by_key, evidence, made.get(asset.asset), checks.get(asset.asset, {})) for asset in assets
    )


def _latest(evidence: Evidence) -> tuple[dict[str, NodeRun], dict[str, dict[str, NodeRun]]]:
    """The newest outcome of each asset, and of each check per asset."""
    made: dict[str, NodeRun] = {}
    checks: dict[str, dict[str, NodeRun]] = {}
    for run in evidence.runs:
        for node in evidence.nodes.get(run.run_id, {}).values():
            if node.asset is None or (run.status.over and node.status is NodeStatus.RUNNING):
                continue
            if node.is_check:
                checks.setdefault(node.asset, {}).setdefault(node.node_id, node)
            elif node.status is not NodeStatus.SKIPPED:
                made.setdefault(node.asset, node)
    return made, checks


def _judged(
    asset: Asset,
    by_key: Mapping[str, Asset],
    evidence: Evidence,
    node: NodeRun | None,
    checks: Mapping[str, NodeRun],
) -> Asset:
    record, table = evidence.materializations.get(asset.asset), evidence.tables.get(asset.table)
    counts = [check.status for check in checks.values()]
    known = replace(
        asset,
        last_run_id=record.run_id if record else None,
        inputs=record.inputs if record else {},
        snapshot_id=table.snapshot_id if table else None,
        rows=table.rows if table and table.rows is not None else record.rows if record else None,
        materialized_at=record.at if record else None,
        checks_passed=counts.count(NodeStatus.SUCCESS),
        checks_failed=counts.count(NodeStatus.FAILED),
        checks_warned=counts.count(NodeStatus.WARNED),
        checks_total=max(asset.checks_total, len(counts)),
    )
    reasons = tuple(_reasons(known, by_key, record, evidence.tables))
    # A table that somebody dropped; an asset that never commits (a Python asset that returns nothing) has none to miss.
    gone = table is None and record is not None and record.snapshot_id is not None
    return replace(known, status=_status(known, node, gone, reasons), why_stale=() if gone else reasons)


def _status(asset: Asset, node: NodeRun | None, gone: bool, reasons: tuple[str, ...]) -> AssetStatus:
    if node is not None and node.status is NodeStatus.RUNNING:
        return AssetStatus.RUNNING
    if asset.kind == "source":
        return AssetStatus.EXTERNAL
    if (node is not None and node.status is NodeStatus.FAILED) or asset.checks_failed:
        return AssetStatus.FAILED
    if asset.materialized_at is None or gone:
        return AssetStatus.NEVER
    return AssetStatus.STALE if reasons else AssetStatus.FRESH


def _reasons(
    asset: Asset, by_key: Mapping[str, Asset], record: Materialization | None, tables: Mapping[str, Table]
) -> Iterator[str]:
    if record is None:
        return
    if record.checksum and asset.checksum and record.checksum != asset.checksum:
        yield "its code changed" if asset.kind != "seed" else "its file changed"
    for key in asset.upstream:
        parent = by_key.get(key)
        table = tables.get(parent.table) if parent else None
        if parent is None or table is None or table.snapshot_id is None:
            continue
        read = record.inputs.get(parent.table)
        name = parent.table.rpartition(".")[2]
        if read is not None and read != table.snapshot_id:
            yield f"{name} has snapshot {table.snapshot_id}, it last read {read}"
        elif read is None and table.updated_at is not None and table.updated_at > record.at:
            yield f"{name} was written after it, as snapshot {table.snapshot_id}"
