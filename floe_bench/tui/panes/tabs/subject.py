"""What the drawer is about: the node, the run and the snapshot that the selection stands for."""

from __future__ import annotations

from typing import NamedTuple

from floe_bench.model.asset import Asset
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, asset_of_table, nodes_of
from floe_bench.tui.chosen import current_of, selected_snapshot
from floe_bench.tui.view import RUNS, SNAPSHOTS, View


class Subject(NamedTuple):
    """``run_id`` None: as the project is now."""

    node_id: str
    run_id: str | None = None


def asset_of(state: BenchState, view: View) -> Asset | None:
    """The one asset that the selection is about."""
    assets, chosen = state.assets or {}, view.selection
    if chosen.origin == SNAPSHOTS:
        snapshot = selected_snapshot(state, view)
        made_by = assets.get(snapshot.asset) if snapshot is not None and snapshot.asset else None
        return made_by or asset_of_table(state, view.table or "")
    if chosen.asset is not None:
        return assets.get(chosen.asset)
    if chosen.origin == RUNS and chosen.run_id and chosen.node_id:
        node = nodes_of(state, chosen.run_id).get(chosen.node_id)
        return assets.get(node.asset) if node is not None and node.asset else None
    return None


def subject_of(state: BenchState, view: View) -> Subject | None:
    """The node whose code is meant; None where the selection is several, or nothing."""
    chosen, asset = view.selection, asset_of(state, view)
    if chosen.origin == SNAPSHOTS:
        snapshot = selected_snapshot(state, view)
        if snapshot is not None and snapshot.run_id and snapshot.node_id:
            return Subject(snapshot.node_id, snapshot.run_id)
    if chosen.origin == RUNS and chosen.node_id:
        return Subject(chosen.node_id, chosen.run_id)
    if asset is None or not asset.node_id:
        return None
    if chosen.origin == RUNS:
        return Subject(asset.node_id, chosen.run_id)
    if view.as_of is None:
        return Subject(asset.node_id)
    # The code as the project had it then is kept only as the run had it that made the table.
    return Subject(asset.node_id, asset.last_run_id) if asset.last_run_id is not None else None


def snapshot_shown(state: BenchState, view: View) -> Snapshot | None:
    """The selected snapshot of the shown table, or its current one where the selection names none."""
    shown = state.snapshots.get(view.table or "", ())
    return selected_snapshot(state, view) or current_of(shown)
