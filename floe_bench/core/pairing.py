"""Which run and asset made which snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from floe_bench.model.asset import Asset
from floe_bench.model.snapshot import Snapshot


def paired(
    snapshots: Iterable[Snapshot],
    *,
    table: str,
    assets: Sequence[Asset],
    links: Mapping[int, tuple[str, str]],
    typed: Collection[int] = frozenset(),
) -> tuple[Snapshot, ...]:
    """The same snapshots, each with what made it where that is known.

    A snapshot's own summary comes first; ``links`` (snapshot id -> run id, asset key) know of those whose writer could
    not mark them, and ``typed`` are those of the SQL screen. A run id alone, as dagster-iceberg leaves it, means the
    asset of that table.
    """
    owner = next((asset.asset for asset in assets if asset.table == table), None)
    return tuple(_paired(snapshot, links, owner, typed) for snapshot in snapshots)


def _paired(
    snapshot: Snapshot, links: Mapping[int, tuple[str, str]], owner: str | None, typed: Collection[int]
) -> Snapshot:
    if snapshot.snapshot_id in typed:
        return replace(snapshot, typed=True)
    if snapshot.run_id is not None:
        return snapshot if snapshot.asset else replace(snapshot, asset=owner)
    if snapshot.asset is None and snapshot.snapshot_id in links:
        run_id, asset = links[snapshot.snapshot_id]
        return replace(snapshot, run_id=run_id, asset=asset)
    return snapshot
