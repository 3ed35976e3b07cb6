"""What the bench would have shown at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from floe_bench.model.past import reaches, snapshot_then
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table
from floe_bench.state import BenchState
from floe_bench.tui.past.status import Then, assets_then, same_rows


def board_then(state: BenchState, at: datetime) -> BenchState:
    """``state`` as it was ``at`` that time: what came later is in nothing but ``later``.

    Stack, problems and the project's own files are those of now. Refs other than main are left out, and so are views:
    nothing says where they pointed, and which there were.
    """
    runs = tuple(_run_then(run, state.nodes.get(run.run_id, {}), at) for run in state.runs or () if _begun(run, at))
    nodes = {
        run.run_id: {node.node_id: node for each in found.values() if (node := _node_then(each, run, at)) is not None}
        for run in runs
        if (found := state.nodes.get(run.run_id))
    }
    lake = {table: _table_then(found, at) for table, found in state.snapshots.items()}
    listed = (_listed(table, lake.get(name)) for name, table in (state.tables or {}).items())
    tables = {table.table: table for table in listed if table is not None}
    return replace(
        state,
        assets=None if state.assets is None else assets_then(state, at, runs=runs, nodes=nodes, lake=lake),
        runs=None if state.runs is None else runs,
        nodes=nodes,
        tables=None if state.tables is None else tables,
        views={},
        snapshots={table: _visible(then, at) for table, then in lake.items()},
        later={table: late for table, then in lake.items() if (late := _later(then.snapshots, at))},
        steps=(),
    )


def shown_over(live: BenchState, then: BenchState) -> BenchState:
    """What is so now, with what was so ``then`` in place of what moves with time."""
    return replace(
        live,
        assets=then.assets,
        runs=then.runs,
        nodes=then.nodes,
        tables=then.tables,
        views=then.views,
        snapshots=then.snapshots,
        later=then.later,
        steps=(),
    )


def _begun(run: Run, at: datetime) -> bool:
    began = run.queued_at or run.started_at
    return began is not None and began <= at


def _run_then(run: Run, nodes: Mapping[str, NodeRun], at: datetime) -> Run:
    if run.ended_at is not None and run.ended_at <= at:
        return run
    if run.started_at is None or run.started_at > at:
        status = RunStatus.QUEUED
    elif run.step_id is not None and not any(_goes(node, at) for node in nodes.values()):
        status = RunStatus.STOPPED
    else:
        status = RunStatus.RUNNING
    started_at = run.started_at if status is not RunStatus.QUEUED else None
    return replace(run, status=status, started_at=started_at, ended_at=None, error="", ending=None)


def _goes(node: NodeRun, at: datetime) -> bool:
    return node.started_at is not None and node.started_at <= at and not _over(node, at)


def _over(node: NodeRun, at: datetime) -> bool:
    if node.started_at is None or node.duration_s is None:
        return False
    return node.started_at + timedelta(seconds=node.duration_s) <= at


def _node_then(node: NodeRun, run: Run, at: datetime) -> NodeRun | None:
    """None before it began. ``run`` is as it was then."""
    if run.status.over or _over(node, at):
        return node
    if node.started_at is None or node.started_at > at:
        return None
    return replace(node, status=NodeStatus.RUNNING, duration_s=None, rows=None, snapshot_id=None, message="")


def _table_then(snapshots: tuple[Snapshot, ...], at: datetime) -> Then:
    return Then(snapshots, snapshot_then(snapshots, at), known=reaches(snapshots, at))


def _listed(table: Table, then: Then | None) -> Table | None:
    """None for a table that had nothing, and where nobody knows what."""
    snapshot = then.current if then is not None else None
    if then is None or snapshot is None:
        return None
    if snapshot.snapshot_id == table.snapshot_id:
        return table
    return replace(
        table,
        snapshot_id=snapshot.snapshot_id,
        rows=snapshot.live_records,
        files=snapshot.total_files or 0,
        bytes=snapshot.total_bytes or 0,
        updated_at=snapshot.committed_at,
        same_as=tuple(same_rows(then) - {snapshot.snapshot_id}),
    )


def _visible(then: Then, at: datetime) -> tuple[Snapshot, ...]:
    return tuple(_named(each, then.current) for each in _until(then.snapshots, at))


def _until(snapshots: Sequence[Snapshot], at: datetime) -> Sequence[Snapshot]:
    return [each for each in snapshots if each.committed_at <= at]


def _later(snapshots: Sequence[Snapshot], at: datetime) -> tuple[Snapshot, ...]:
    """Without refs: those of now were not there then."""
    return tuple(replace(each, refs=()) if each.refs else each for each in snapshots if each.committed_at > at)


def _named(snapshot: Snapshot, current: Snapshot | None) -> Snapshot:
    refs = ("main",) if current is not None and snapshot.snapshot_id == current.snapshot_id else ()
    return snapshot if snapshot.refs == refs else replace(snapshot, refs=refs)
