"""From what is selected to what is sent: dbt's selection syntax, and the id that is copied."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.tui.view import SNAPSHOTS, Selection


def selection_of(assets: Iterable[Asset]) -> str:
    """The union of ``assets`` as dbt writes it; sources are left out, nobody here makes them."""
    return " ".join(selector_of(asset) for asset in assets if asset.status is not AssetStatus.EXTERNAL)


def selector_of(asset: Asset) -> str:
    """One asset as the selection syntax names it."""
    if asset.kind == "python":
        return f"asset:{asset.asset}"
    if asset.node_id and asset.node_id.count(".") >= 2:
        return asset.node_id.split(".", 2)[2]
    return asset.asset.rsplit("/", 1)[-1]


def copied(selection: Selection) -> str:
    """The id of what is selected, in full."""
    if selection.origin == SNAPSHOTS and selection.snapshot_id is not None:
        return str(selection.snapshot_id)
    if selection.node_id is not None:
        return selection.node_id
    if selection.run_id is not None:
        return selection.run_id
    return "\n".join(selection.assets)
