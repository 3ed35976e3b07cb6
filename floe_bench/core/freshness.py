"""Deciding what each asset's status is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import NamedTuple

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.materialization import Materialization
from floe_bench.model.run import NodeRun, NodeStatus, Run
from floe_bench.model.table import Table
from floe_bench.model.undo import TakenBack


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a status is decided from. ``runs`` are newest first; ``nodes`` per run id."""

    materializations: Mapping[str, Materialization]
    tables: Mapping[str, Table]
    runs: Sequence[Run]
    nodes: Mapping[str, Mapping[str, NodeRun]]
    taken_back: Mapping[str, TakenBack] = field(default_factory=dict)
    """The undo in force of each table that has one."""


class Outcome(NamedTuple):
    run_id: str
    node: NodeRun


@dataclass(frozen=True, slots=True)
class Newest:
    """Per asset: how it went last, its checks, and the runs since that meant to make it and did not get to it."""

    made: Mapping[str, Outcome]
    checks: Mapping[str, Mapping[str, NodeRun]]
    skipped: Mapping[str, str]


def with_status(assets: Sequence[Asset], evidence: Evidence) -> tuple[Asset, ...]:
    """The same assets in the same order, each with status, last materialization, checks and reasons."""
    newest = _newest(evidence)
    by_key = {asset.asset: asset for asset in assets}
    return tuple(_judged(asset, by_key, evidence, newest) for asset in assets)


def _newest(evidence: Evidence) -> Newest:
    made: dict[str, Outcome] = {}
    checks: dict[str, dict[str, NodeRun]] = {}
    skipped: dict[str, str] = {}
    for run in evidence.runs:
        for node in evidence.nodes.get(run.run_id, {}).values():
            if node.asset is None or (run.status.over and node.status is NodeStatus.RUNNING):
                continue
            # A check that was skipped says nothing; the one before still does.
            if node.is_check and node.status is not NodeStatus.SKIPPED:
                checks.setdefault(node.asset, {}).setdefault(node.node_id, node)
            elif not node.is_check and node.status is not NodeStatus.SKIPPED:
                made.setdefault(node.asset, Outcome(run.run_id, node))
            elif not node.is_check and node.asset not in made:
                skipped.setdefault(node.asset, run.run_id)
    return Newest(made, checks, skipped)


def _judged(asset: Asset, by_key: Mapping[str, Asset], evidence: Evidence, newest: Newest) -> Asset:
    record, table = evidence.materializations.get(asset.asset), evidence.tables.get(asset.table)
    outcome = newest.made.get(asset.asset)
    checks = newest.checks.get(asset.asset, {})
    back = _in_force(record, table, evidence.taken_back.get(asset.table))
    if back is not None:
        outcome = outcome if outcome is not None and _since(back, outcome.node) else None
        checks = {node_id: check for node_id, check in checks.items() if _since(back, check)}
    counts = [check.status for check in checks.values()]
    known = replace(
        asset,
        last_run_id=record.run_id if record else None,
        inputs=record.inputs if record and not back else {},
        snapshot_id=table.snapshot_id if table else None,
        rows=table.rows if table and table.rows is not None else record.rows if record else None,
        materialized_at=record.at if record else None,
        checks_passed=counts.count(NodeStatus.SUCCESS),
        checks_failed=counts.count(NodeStatus.FAILED),
        checks_warned=counts.count(NodeStatus.WARNED),
        checks_total=max(asset.checks_total, len(counts)),
    )
    reasons = (_place(back),) if back else tuple(_reasons(known, by_key, record, evidence, newest))
    # A table that somebody dropped; an asset that never commits (a Python asset that returns nothing) has none to miss.
    gone = table is None and record is not None and record.snapshot_id is not None
    node = outcome.node if outcome else None
    status = _status(known, node, gone, reasons)
    changed = record is not None and any(_of_code(known, record))
    return replace(known, status=status, why_stale=() if gone else reasons, ingredients={}, code_changed=changed)


def _in_force(record: Materialization | None, table: Table | None, undo: TakenBack | None) -> TakenBack | None:
    """The undo that made the table what it is; None when somebody wrote to it since."""
    if table is None or undo is None or not table.reads_as(undo.move.after.snapshot_id):
        return None
    return None if record is not None and record.snapshot_id == table.snapshot_id else undo


def _since(undo: TakenBack, node: NodeRun) -> bool:
    """What was said before was about rows that are gone."""
    return node.started_at is not None and node.started_at >= undo.at


def _place(undo: TakenBack) -> str:
    to = undo.move.after.reads
    return f"taken back to snapshot {to}" if to is not None else "taken back to before its first write: it is empty"


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
    asset: Asset, by_key: Mapping[str, Asset], record: Materialization | None, evidence: Evidence, newest: Newest
) -> Iterator[str]:
    if record is None:
        return
    yield from _of_code(asset, record)
    for key in asset.upstream:
        parent = by_key.get(key)
        table = evidence.tables.get(parent.table) if parent else None
        if parent is None or table is None:
            continue
        read = record.inputs.get(parent.table)
        if table.snapshot_id is None:
            if read is not None:
                yield f"{_short(parent)} is empty: it was taken back; it last read {read}"
        elif read is not None and not table.reads_as(read):
            yield f"{_short(parent)} has snapshot {table.snapshot_id}, it last read {read}"
        elif read is None and table.updated_at is not None and table.updated_at > record.at:
            yield f"{_short(parent)} was written after it, as snapshot {table.snapshot_id}"
    yield from _of_failures(asset, by_key, record, evidence, newest)


_CONFIG = "config "


def _of_code(asset: Asset, record: Materialization) -> Iterator[str]:
    if record.checksum and asset.checksum and record.checksum != asset.checksum:
        yield "its code changed" if asset.kind != "seed" else "its file changed"
    # A run of before configuration was kept says nothing of it.
    kept = any(name.startswith(_CONFIG) for name in record.ingredients)
    names = dict.fromkeys((*asset.ingredients, *(name for name in record.ingredients if name.startswith(_CONFIG))))
    for name in names:
        absent = "" if kept and name.startswith(_CONFIG) else None
        now, before = asset.ingredients.get(name, ""), record.ingredients.get(name, absent)
        if before is None or before == now:
            continue
        kind, _, word = name.partition(" ")
        if kind == "config" and "#" in (now[:1], before[:1]):
            yield f"config {word} changed"
        elif kind in ("variable", "config"):
            yield f"{kind} {word} is {_value(now)}, it was made with {_value(before)}"
        else:
            yield f"{kind} {word}{'()' if kind == 'macro' else ''} changed"


def _value(text: str) -> str:
    """A long one is kept as its hash only."""
    return "something else" if text.startswith("#") else text or "not set"


def _of_failures(
    asset: Asset, by_key: Mapping[str, Asset], record: Materialization, evidence: Evidence, newest: Newest
) -> Iterator[str]:
    """Upstreams that failed since, and the run that did not get to it because of one."""
    if run_id := newest.skipped.get(asset.asset):
        failed = _failed_above(asset, by_key, evidence.nodes.get(run_id, {}))
        yield f"run {run_id[:4]} did not get to it" + (f": {failed}" if failed else "")
        return
    for key in asset.upstream:
        outcome = newest.made.get(key)
        if outcome is None or outcome.node.status is not NodeStatus.FAILED or outcome.node.started_at is None:
            continue
        if outcome.node.started_at > record.at:
            yield f"{outcome.node.name} failed in run {outcome.run_id[:4]}"


def _failed_above(asset: Asset, by_key: Mapping[str, Asset], nodes: Mapping[str, NodeRun]) -> str:
    """What failed nearest above ``asset`` in one run."""
    failed: dict[str, NodeRun] = {}
    for node in nodes.values():
        if node.asset and node.status is NodeStatus.FAILED and (not node.is_check or node.asset not in failed):
            failed[node.asset] = node
    waiting, seen = [*asset.upstream], set[str]()
    while waiting:
        key = waiting.pop(0)
        if key in seen:
            continue
        seen.add(key)
        if key in failed:
            node = failed[key]
            return f"check {node.name} failed" if node.is_check else f"{node.name} failed"
        waiting += by_key[key].upstream if key in by_key else ()
    return ""


def _short(asset: Asset) -> str:
    return asset.table.rpartition(".")[2]
