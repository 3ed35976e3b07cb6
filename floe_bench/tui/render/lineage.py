"""The graph around an asset as lines: one asset each, with rails on their left from what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.tui.lineage import Lineage
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.asset import name_of
from floe_bench.tui.render.text import GAP, Line, Span, Tone, cell, clean, cut

_LANE = 2
_WORDY, _ROWY = 60, 44
_GRAPH_PART = 0.45


@dataclass(frozen=True, slots=True)
class Row:
    """One asset of the graph. ``rails`` are drawn before ``node``'s own sign, ``after`` behind it."""

    asset: Asset
    rails: str
    after: str
    distance: int


def graph_rows(lineage: Lineage) -> Sequence[Row]:
    """A lane per asset that is read further down; it ends at its last reader."""
    last_reader = _last_readers(lineage)
    lanes: list[str | None] = []
    rows: list[Row] = []
    above = -1
    for asset in lineage.assets:
        reads = [index for index, key in enumerate(lanes) if key in lineage.parents[asset.asset]]
        ending = {index for index in reads if last_reader[lanes[index] or ""] == asset.asset}
        own = above = _own_lane(lanes, reads, ending, above)
        rows.append(Row(asset, *_drawn(lanes, reads, ending, own), lineage.distance[asset.asset]))
        for index in ending:
            lanes[index] = None
        if asset.asset in last_reader:
            lanes += [None] * (own + 1 - len(lanes))
            lanes[own] = asset.asset
        while lanes and lanes[-1] is None:
            lanes.pop()
    return rows


def _last_readers(lineage: Lineage) -> Mapping[str, str]:
    place = {asset.asset: index for index, asset in enumerate(lineage.assets)}
    found: dict[str, str] = {}
    for asset in lineage.assets:
        for parent in lineage.parents[asset.asset]:
            if place[parent] < place[asset.asset]:
                found[parent] = asset.asset
    return found


def _own_lane(lanes: Sequence[str | None], reads: Sequence[int], ending: set[int], above: int) -> int:
    """Below its only parent when nobody else reads that; else the first free lane to the right of all it reads.

    What reads nothing keeps out of the lane of the asset just ``above``: it would look like its child.
    """
    if len(reads) == 1 and ending:
        return reads[0]
    first = max(reads) + 1 if reads else 0
    taken = {index for index, key in enumerate(lanes) if key is not None} | ({above} if not reads else set())
    return next(index for index in range(first, first + len(taken) + 1) if index not in taken)


def _drawn(lanes: Sequence[str | None], reads: Sequence[int], ending: set[int], own: int) -> tuple[str, str]:
    left = "".join(_rail(lanes, index, reads, ending) for index in range(own))
    right = "".join("│ " if lanes[index] is not None else "  " for index in range(own + 1, len(lanes)))
    return left, right


def _rail(lanes: Sequence[str | None], index: int, reads: Sequence[int], ending: set[int]) -> str:
    """Two cells: the lane itself, and what leads from it to the right."""
    key = lanes[index] if index < len(lanes) else None
    first = reads[0] if reads else None
    if index in reads:
        if index == first:
            return "└─" if index in ending else "├─"
        return "┴─" if index in ending else "┼─"
    inside = first is not None and index > first
    if key is not None:
        return "│─" if inside else "│ "
    return "──" if inside else "  "


def lineage_line(row: Row, width: int, graph: int, now: datetime, *, focus: str, running: bool = False) -> Line:
    """``graph`` is the widest of all rows, so that names begin in one column."""
    asset = row.asset
    mark = glyph.ASSET[AssetStatus.RUNNING if running else asset.status]
    here = asset.asset == focus
    room = min(graph, max(int(width * _GRAPH_PART), 8))
    rails = cut(row.rails, room - 1)
    after = cut(row.after, max(room - len(rails) - 1, 0))
    tone = Tone.LIT if here else Tone.SOFT if asset.status is AssetStatus.EXTERNAL else Tone.TEXT
    left = (
        Span(rails, Tone.FAINT),
        mark.span,
        Span(f" {after}".ljust(room - len(rails)), Tone.FAINT),
        Span(clean(name_of(asset)), tone, bold=here),
        Span("  here" if here else "", Tone.LIT),
    )
    right = [GAP]
    if width >= _WORDY:
        right.append(cell(asset.kind, 12, Tone.FAINT))
        right.append(cell(mark.word, 8, mark.tone if mark.tone is not Tone.OK else Tone.SOFT))
    if width >= _ROWY:
        right.append(cell(unit.count(asset.rows), 8, Tone.SOFT, end=True))
    right.append(cell(unit.age(asset.materialized_at, now), 5, Tone.SOFT, end=True))
    return Line(left, tuple(right))


def graph_width(rows: Sequence[Row]) -> int:
    return max((len(row.rails) + len(row.after) + 2 for row in rows), default=2)


def lineage_foot(lineage: Lineage) -> str:
    up = sum(far < 0 for far in lineage.distance.values()) + lineage.hidden_upstream
    down = sum(far > 0 for far in lineage.distance.values()) + lineage.hidden_downstream
    hidden = lineage.hidden_upstream + lineage.hidden_downstream
    said = f"{unit.count(up)} upstream · {unit.count(down)} downstream"
    return f"{said} · {unit.count(hidden)} not shown" if hidden else said
