"""Which asset, run and snapshot belong together: the counterparts of a selection, in every pane."""

from __future__ import annotations

from collections.abc import Hashable

from floe_bench.dataclass import dataclass
from floe_bench.model.run import NodeStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.state import BenchState, asset_of_table, nodes_of
from floe_bench.tui.memo import same
from floe_bench.tui.view import RUNS, SNAPSHOTS, Selection


@dataclass(frozen=True, slots=True)
class Marks:
    """What belongs to the selection. ``nodes`` are (run id, node id)."""

    assets: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    nodes: frozenset[tuple[str, str]] = frozenset()
    snapshots: frozenset[int] = frozenset()


@same
def marks(state: BenchState, selection: Selection, table: str | None) -> Marks:
    """Counterparts of ``selection`` in the panes it was not made in; ``table`` is the one whose snapshots are shown."""
    shown = state.snapshots.get(table or "", ())
    if selection.origin == SNAPSHOTS:
        return _of_snapshot(state, next((each for each in shown if each.snapshot_id == selection.snapshot_id), None))
    if selection.origin == RUNS:
        return _of_run(state, selection, shown)
    return _of_assets(state, selection, shown)


def _of_assets(state: BenchState, selection: Selection, shown: tuple[Snapshot, ...]) -> Marks:
    wanted = frozenset(selection.assets)
    nodes = _nodes_making(state, wanted)
    return Marks(
        runs=frozenset(run_id for run_id, _ in nodes),
        nodes=nodes,
        snapshots=frozenset(each.snapshot_id for each in shown if each.asset in wanted),
    )


def _nodes_making(state: BenchState, wanted: frozenset[str]) -> frozenset[tuple[str, str]]:
    known = [asset for key in wanted if (asset := (state.assets or {}).get(key)) is not None]
    if all(asset.node_id for asset in known):
        ids = [asset.node_id for asset in known if asset.node_id]
        return frozenset((run_id, each) for run_id, of_run in state.nodes.items() for each in ids if each in of_run)
    return frozenset(
        (run_id, node.node_id)
        for run_id, of_run in state.nodes.items()
        for node in of_run.values()
        if node.asset in wanted and not node.is_check
    )


def _of_run(state: BenchState, selection: Selection, shown: tuple[Snapshot, ...]) -> Marks:
    if selection.run_id is None:
        return Marks()
    touched = frozenset(selection.assets) or assets_of_run(state, selection.run_id)
    return Marks(
        assets=touched,
        snapshots=frozenset(
            each.snapshot_id for each in shown if each.run_id == selection.run_id and each.asset in touched
        ),
    )


def _of_snapshot(state: BenchState, snapshot: Snapshot | None) -> Marks:
    if snapshot is None or snapshot.run_id is None:
        return Marks()
    nodes = nodes_of(state, snapshot.run_id).values()
    return Marks(
        assets=frozenset([snapshot.asset] if snapshot.asset else []),
        runs=frozenset([snapshot.run_id]),
        nodes=frozenset(
            (snapshot.run_id, node.node_id) for node in nodes if node.asset == snapshot.asset and not node.is_check
        ),
    )


def assets_of_run(state: BenchState, run_id: str) -> frozenset[str]:
    return frozenset(node.asset for node in nodes_of(state, run_id).values() if node.asset is not None)


def table_for(state: BenchState, selection: Selection, current: str | None) -> str | None:
    """Whose snapshots to show for ``selection``; the current table when the selection has nothing to say."""
    assets = state.assets or {}
    if selection.origin == SNAPSHOTS:
        return selection.table or current
    if selection.asset is not None:
        asset = assets.get(selection.asset)
        return asset.table if asset else current
    if selection.origin == RUNS and selection.run_id is not None:
        touched = [assets[key].table for key in assets if key in assets_of_run(state, selection.run_id)]
        return current if current in touched or not touched else touched[-1]
    return current


def written_as_of(state: BenchState, table: str) -> Hashable:
    """Changes whenever somebody may have committed to ``table``; snapshots read under another value are old."""
    listed = (state.tables or {}).get(table)
    asset = asset_of_table(state, table)
    ended = 0
    if asset is not None and asset.node_id:
        over = {run.run_id for run in state.runs or () if run.status.over}
        for run_id, of_run in state.nodes.items():
            if (node := of_run.get(asset.node_id)) is not None:
                ended += (node.status != NodeStatus.RUNNING) + (run_id in over)
    return (listed.snapshot_id if listed else None, ended)
