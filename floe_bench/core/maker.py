"""Which asset makes a table, and whether a run is just at it."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.errors import RunActive
from floe_bench.model.asset import Asset, AssetStatus


def maker_of(assets: Iterable[Asset], table: str) -> Asset | None:
    return next((each for each in assets if each.table == table and each.status is not AssetStatus.EXTERNAL), None)


def refuse_while_made(assets: Iterable[Asset], table: str) -> None:
    """Raises RunActive."""
    for asset in assets:
        if asset.table == table and asset.status is AssetStatus.RUNNING:
            raise RunActive(f"a run is just making {asset.asset}", remedy="wait for it, or: floe-bench cancel --all")
