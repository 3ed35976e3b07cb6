"""The borders that can be dragged: between two panes, and between the panes and the drawer."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from textual.geometry import Region

from floe_bench.tui.desk import LEAST_DRAWER, LEAST_PART, MOST_DRAWER, allowed
from floe_bench.tui.view import SHARES_DEFAULT, Shares

DRAWER_SEAM = 3
"""The others are named by the pane on their left: 0 and 1."""
_LEAST_WIDTH = 14
_DRAWER_AT_FIRST = SHARES_DEFAULT[DRAWER_SEAM]


class Layout(NamedTuple):
    """Where things are on the screen; ``panes`` from left to right, empty where one fills the screen."""

    bench: Region
    panes: tuple[Region, ...]
    drawer: Region


def seam_at(layout: Layout, x: int, y: int) -> int | None:
    """Both borders that meet there and what is between them count."""
    if not layout.panes:
        return None
    top, bottom = layout.panes[0].y, layout.panes[0].bottom
    if bottom - 1 <= y <= layout.drawer.y:
        return DRAWER_SEAM
    for number, (left, right) in enumerate(zip(layout.panes, layout.panes[1:], strict=False)):
        if top <= y < bottom and left.right - 1 <= x <= right.x:
            return number
    return None


def dragged(layout: Layout, seam: int, shares: Shares, x: int, y: int) -> Shares:
    """``shares`` with the seam under the pointer, as far as it may go there."""
    widths = [pane.width for pane in layout.panes]
    if seam == DRAWER_SEAM:
        wanted = round(100 * (layout.bench.bottom - y) / max(layout.bench.height, 1))
        wanted = min(max(wanted, LEAST_DRAWER), MOST_DRAWER)
        # As it was at first it has a largest height of its own, which would make it jump.
        drawer = wanted + 1 if wanted == _DRAWER_AT_FIRST else wanted
        return allowed((*shares[:DRAWER_SEAM], drawer), otherwise=shares)
    both, least = widths[seam] + widths[seam + 1], max(ceil(sum(widths) * LEAST_PART), _LEAST_WIDTH)
    widths[seam] = min(max(x - layout.panes[seam].x, least), both - least)
    widths[seam + 1] = both - widths[seam]
    return allowed((*widths, shares[DRAWER_SEAM]), otherwise=shares)
