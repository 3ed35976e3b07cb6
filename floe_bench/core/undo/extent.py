"""How far an undo reaches: which snapshots of which tables it takes off the main line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from floe_bench.dataclass import dataclass
from floe_bench.errors import NoSuchSnapshot, NothingToUndo
from floe_bench.model.asset import Asset
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import Snapshot

Line = Callable[[Asset], tuple[Snapshot, ...]]
"""The main line of an asset's table, newest first; each snapshot with what made it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``passed`` leave the main line, newest first and never none; ``to`` is what is current then."""

    asset: Asset
    passed: tuple[Snapshot, ...]

    @property
    def to(self) -> int | None:
        return self.passed[-1].parent_id


def main_line(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """From ``main`` back to the first that is still kept; empty for a table without ``main``."""
    known = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
    each = next((snapshot for snapshot in snapshots if "main" in snapshot.refs), None)
    found: list[Snapshot] = []
    while each is not None:
        found.append(each)
        each = known.get(each.parent_id) if each.parent_id is not None else None
    return tuple(found)


def last_materialization(asset: Asset, line: Line) -> dict[str, Cut]:
    """The newest run that wrote to the asset's table, and whatever was written on top of it."""
    snapshots = line(asset)
    newest = next((snapshot for snapshot in snapshots if snapshot.run_id is not None), None)
    if newest is None:
        raise NothingToUndo(
            f"no snapshot in {asset.table} is a materialization by a run", remedy=_back(asset, snapshots)
        )
    return {asset.asset: _cut(asset, snapshots, lambda snapshot: snapshot.run_id == newest.run_id)}


def of_run(run_id: str, assets: Sequence[Asset], line: Line) -> dict[str, Cut]:
    """Everything that the run wrote and that is still on a main line."""
    found = {}
    for asset in assets:
        snapshots = line(asset)
        if any(snapshot.run_id == run_id for snapshot in snapshots):
            found[asset.asset] = _cut(asset, snapshots, lambda snapshot: snapshot.run_id == run_id)
    if not found:
        raise NothingToUndo(f"no current snapshot was made by run {run_id}", remedy="floe-bench runs")
    return found


def back_to(asset: Asset, snapshot_id: int, line: Line) -> Cut:
    """Everything on the main line after that snapshot. Raises NoSuchSnapshot, NothingToUndo."""
    snapshots = line(asset)
    place = next((at for at, each in enumerate(snapshots) if each.snapshot_id == snapshot_id), None)
    if place is None:
        raise NoSuchSnapshot(f"snapshot {snapshot_id} is not on the main line of {asset.table}", remedy=_look(asset))
    if place == 0:
        raise NothingToUndo(f"snapshot {snapshot_id} of {asset.table} is the current one", remedy=_look(asset))
    return Cut(asset, snapshots[:place])


def with_downstream(cuts: Mapping[str, Cut], assets: Sequence[Asset], line: Line) -> dict[str, Cut]:
    """Also what was made from what is taken back, and from that. ``assets`` are parents before children."""
    found = dict(cuts)
    for asset in assets:
        parents = [found[key] for key in asset.upstream if key in found]
        if not parents:
            continue
        snapshots = line(asset)
        known = found.get(asset.asset)
        derived = _derived(parents)
        if any(derived(snapshot) for snapshot in snapshots):
            cut = _cut(asset, snapshots, derived)
            # An asset may be asked for and follow from another one: the further of both counts.
            if known is None or len(cut.passed) > len(known.passed):
                found[asset.asset] = cut
    return {asset.asset: found[asset.asset] for asset in assets if asset.asset in found}


def _derived(parents: Sequence[Cut]) -> Callable[[Snapshot], bool]:
    """Was made from a snapshot that is taken back. Where a writer recorded no inputs, the time decides."""
    gone = {(cut.asset.table, snapshot.snapshot_id) for cut in parents for snapshot in cut.passed}
    since = min(cut.passed[-1].committed_at for cut in parents)

    def derived(snapshot: Snapshot) -> bool:
        if snapshot.run_id is None:
            return False
        if snapshot.inputs:
            return any(read in gone for read in snapshot.inputs.items())
        return snapshot.committed_at >= since

    return derived


def _cut(asset: Asset, line: Sequence[Snapshot], gone: Callable[[Snapshot], bool]) -> Cut:
    """Raises NoSuchSnapshot."""
    oldest = max(place for place, snapshot in enumerate(line) if gone(snapshot))
    cut = Cut(asset, tuple(line[: oldest + 1]))
    if cut.to is not None and oldest + 1 == len(line):
        raise NoSuchSnapshot(
            f"{asset.table} keeps the snapshot {cut.to} no more, which it would go back to", remedy=_look(asset)
        )
    return cut


def _back(asset: Asset, line: Sequence[Snapshot]) -> str:
    """What somebody wrote himself goes back by a rollback."""
    if line and line[0].typed and line[0].parent_id is not None:
        return f"to take back what the SQL screen wrote: {to_type('rollback', asset.table, '--to', line[0].parent_id)}"
    return _look(asset)


def _look(asset: Asset) -> str:
    return to_type("snapshots", asset.table)
