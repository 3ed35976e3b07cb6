"""How each asset was at a moment: what is kept decides it, and where nothing kept does, that is the answer.

What the project's files said then is not kept. An asset counts as fresh where its code was the same when it was made
and when it was made next, or now; else nobody knows when it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.past import main_line
from floe_bench.model.run import NodeRun, NodeStatus, Run
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState

_REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Then:
    """A table at a moment. ``snapshots`` are all that it has now; ``known``: they say what was current then."""

    snapshots: tuple[Snapshot, ...]
    current: Snapshot | None
    known: bool


@dataclass(frozen=True, slots=True)
class _Tried:
    """How it went last, its checks, and the run since that did not get to it."""

    made: tuple[str, NodeRun] | None
    checks: Mapping[str, NodeRun]
    skipped_in: str | None


@dataclass(frozen=True, slots=True)
class _Evidence:
    at: datetime
    assets: Mapping[str, Asset]
    lake: Mapping[str, Then]
    tried: Mapping[str, _Tried]
    runs: frozenset[str]
    horizon: datetime | None
    """When the oldest run began that is known."""


_UNTRIED = _Tried(None, {}, None)


def assets_then(
    state: BenchState,
    at: datetime,
    *,
    runs: Sequence[Run],
    nodes: Mapping[str, Mapping[str, NodeRun]],
    lake: Mapping[str, Then],
) -> dict[str, Asset]:
    """The assets of now, each as it was. ``runs``, ``nodes`` and ``lake`` are those of then."""
    published = {then.current.run_id for then in lake.values() if then.current is not None}
    told = [run for run in runs if run.rehearsal is None or run.run_id in published]
    began = [run.queued_at or run.started_at for run in state.runs or ()]
    evidence = _Evidence(
        at=at,
        assets=state.assets or {},
        lake=lake,
        tried=_tried(told, nodes),
        runs=frozenset(run.run_id for run in runs),
        horizon=min((each for each in began if each is not None), default=None),
    )
    return {key: _judged(asset, evidence) for key, asset in (state.assets or {}).items()}


def same_rows(then: Then) -> frozenset[int]:
    """The current snapshot, and earlier ones with the very same rows: it only replaced their files.

    Source: Iceberg spec, "Snapshots", operation.
    """
    known = {each.snapshot_id: each for each in then.snapshots}
    found, each = set[int](), then.current
    while each is not None and each.snapshot_id not in found:
        found |= {each.snapshot_id}
        if each.operation != _REPLACE or each.parent_id is None:
            break
        found |= set(each.same_as)
        if each.parent_id not in known:
            found |= {each.parent_id}
        each = known.get(each.parent_id)
    return frozenset(found)


def _tried(runs: Iterable[Run], nodes: Mapping[str, Mapping[str, NodeRun]]) -> dict[str, _Tried]:
    """``runs`` are newest first."""
    found: dict[str, _Tried] = {}
    for run in runs:
        for node in nodes.get(run.run_id, {}).values():
            if node.asset is None or (run.status.over and node.status is NodeStatus.RUNNING):
                continue
            known = found.get(node.asset, _UNTRIED)
            skipped = node.status is NodeStatus.SKIPPED
            if node.is_check:
                if not skipped:
                    known = replace(known, checks={node.node_id: node, **known.checks})
            elif known.made is None and not skipped:
                known = replace(known, made=(run.run_id, node))
            elif known.made is None and known.skipped_in is None:
                known = replace(known, skipped_in=run.run_id)
            found[node.asset] = known
    return found


def _judged(asset: Asset, evidence: _Evidence) -> Asset:
    then, tried = evidence.lake.get(asset.table), evidence.tried.get(asset.asset, _UNTRIED)
    record, current = _record(asset, then, evidence.at), then.current if then is not None else None
    back_at = _taken_back_at(record, current, evidence.at)
    if back_at is not None:
        tried = _since(tried, back_at)
    counts = [check.status for check in tried.checks.values()]
    if back_at is not None:
        reasons: tuple[str, ...] = (_place(current),)
    else:
        reasons = tuple(_reasons(asset, record, tried, evidence))
    status, why = _status(asset, record, reasons, tried=tried, evidence=evidence)
    return replace(
        asset,
        status=status,
        why_stale=why,
        last_run_id=record.run_id if record is not None else tried.made[0] if tried.made is not None else None,
        snapshot_id=current.snapshot_id if current is not None else None,
        rows=_rows(asset, current),
        materialized_at=record.committed_at if record is not None else _made_at(tried),
        inputs=record.inputs if record is not None and back_at is None else {},
        checks_passed=counts.count(NodeStatus.SUCCESS),
        checks_failed=counts.count(NodeStatus.FAILED),
        checks_warned=counts.count(NodeStatus.WARNED),
        checks_total=len(counts),
        code_changed=False,
    )


def _status(
    asset: Asset, record: Snapshot | None, reasons: tuple[str, ...], *, tried: _Tried, evidence: _Evidence
) -> tuple[AssetStatus, tuple[str, ...]]:
    """With the reasons why it was stale, or why that is not known."""
    made = tried.made[1].status if tried.made is not None else None
    if made is NodeStatus.RUNNING:
        return AssetStatus.RUNNING, ()
    if asset.kind == "source":
        return AssetStatus.EXTERNAL, ()
    if made is NodeStatus.FAILED or any(check.status is NodeStatus.FAILED for check in tried.checks.values()):
        return AssetStatus.FAILED, ()
    if record is not None and reasons:
        return AssetStatus.STALE, reasons
    if unknown := tuple(_unknown(asset, record=record, tried=tried, evidence=evidence)):
        return AssetStatus.UNKNOWN, unknown
    return (AssetStatus.NEVER if record is None else AssetStatus.FRESH), ()


def _record(asset: Asset, then: Then | None, at: datetime) -> Snapshot | None:
    """What our newest materialization until then committed to the table itself, also if it was taken back."""
    if then is None:
        return None
    line = {each.snapshot_id for each in main_line(then.snapshots)}
    ours = (
        each
        for each in then.snapshots
        if each.run_id is not None
        and each.asset == asset.asset
        and each.committed_at <= at
        and (any(became <= at for became in each.current_at) or (not each.current_at and each.snapshot_id in line))
    )
    return max(ours, key=lambda each: each.committed_at, default=None)


def _taken_back_at(record: Snapshot | None, current: Snapshot | None, at: datetime) -> datetime | None:
    """When the table went back behind what we made last; None where it did not."""
    if record is None or current is None or current.snapshot_id == record.snapshot_id:
        return None
    if not current.empty and current.committed_at > record.committed_at:
        return None  # somebody wrote since
    return max((became for became in current.current_at if became <= at), default=current.committed_at)


def _since(tried: _Tried, back_at: datetime) -> _Tried:
    """What was said before was about rows that are gone."""
    made = tried.made if tried.made is not None and _began_after(tried.made[1], back_at) else None
    return _Tried(made, {key: check for key, check in tried.checks.items() if _began_after(check, back_at)}, None)


def _began_after(node: NodeRun, at: datetime) -> bool:
    return node.started_at is not None and node.started_at >= at


def _place(current: Snapshot | None) -> str:
    if current is None or current.empty:
        return "taken back to before its first write: it was empty"
    return f"taken back to snapshot {current.snapshot_id}"


def _rows(asset: Asset, current: Snapshot | None) -> int | None:
    if current is None:
        return None
    return asset.rows if current.snapshot_id == asset.snapshot_id else current.live_records


def _made_at(tried: _Tried) -> datetime | None:
    """Of what commits nothing."""
    node = tried.made[1] if tried.made is not None else None
    if node is None or node.status is not NodeStatus.SUCCESS or node.started_at is None:
        return None
    return node.started_at + timedelta(seconds=node.duration_s or 0)


def _reasons(asset: Asset, record: Snapshot | None, tried: _Tried, evidence: _Evidence) -> Iterator[str]:
    """Why it did not follow from its inputs."""
    if record is None:
        return
    for parent, then in _parents(asset, evidence):
        if then is None or not then.known or then.current is None:
            continue
        read, short, now = record.inputs.get(parent.table), parent.table.rpartition(".")[2], then.current
        if read is not None and read not in same_rows(then):
            yield f"{short} had snapshot {now.snapshot_id}, it last read {read}"
        elif read is None and now.committed_at > record.committed_at:
            yield f"{short} was written after it, as snapshot {now.snapshot_id}"
    if tried.skipped_in is not None:
        yield f"run {tried.skipped_in[:4]} did not get to it"
        return
    for parent, _ in _parents(asset, evidence):
        made = evidence.tried.get(parent.asset, _UNTRIED).made
        if made is None or made[1].status is not NodeStatus.FAILED or made[1].started_at is None:
            continue
        if made[1].started_at > record.committed_at:
            yield f"{made[1].name} failed in run {made[0][:4]}"


def _parents(asset: Asset, evidence: _Evidence) -> Iterator[tuple[Asset, Then | None]]:
    for key in asset.upstream:
        parent = evidence.assets.get(key)
        if parent is not None:
            yield parent, evidence.lake.get(parent.table)


def _unknown(asset: Asset, *, record: Snapshot | None, tried: _Tried, evidence: _Evidence) -> Iterator[str]:
    """What would have to be known to say more."""
    then = evidence.lake.get(asset.table)
    if then is None and _has_table(asset):
        yield "the history of its table is not known"
        return
    if then is not None and not then.known:
        yield "the snapshots of then have expired"
        return
    if record is None:
        yield from _unknown_unmade(tried, evidence)
        return
    if tried.made is None and record.run_id not in evidence.runs:
        yield f"run {(record.run_id or '')[:4]}, which made it, and those after it are not listed any more"
    for parent, of in _parents(asset, evidence):
        if not of.known if of is not None else _has_table(parent):
            yield f"what {parent.table.rpartition('.')[2]} had then is not known"
    if then is not None and not _same_code(record, then, asset):
        yield "its code changed later, and nothing says when"


def _has_table(asset: Asset) -> bool:
    """Now. A source may be a file, and a Python asset may make none."""
    return asset.snapshot_id is not None or asset.materialized_at is not None


def _unknown_unmade(tried: _Tried, evidence: _Evidence) -> Iterator[str]:
    if tried.made is not None:
        yield f"run {tried.made[0][:4]} made it, and no snapshot of that is kept"
    elif evidence.horizon is not None and evidence.at < evidence.horizon:
        yield "the runs of then are not listed any more"


def _same_code(record: Snapshot, then: Then, now: Asset) -> bool:
    """When it was made next, or as the project has it, its code was what it had been made with."""
    later = [each for each in then.snapshots if _made_again(each, record)]
    if not later:
        return not now.code_changed
    following = min(later, key=lambda each: each.committed_at)
    if now.kind == "seed":
        return following.unchanged
    return record.code_hash is not None and record.code_hash == following.code_hash


def _made_again(snapshot: Snapshot, record: Snapshot) -> bool:
    return (
        snapshot.run_id is not None and snapshot.asset == record.asset and snapshot.committed_at > record.committed_at
    )
