"""The direct relatives of the selected asset: what it reads and at which snapshot it did, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.state import BenchState
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.subject import asset_of
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.render import face, glyph, unit
from floe_bench.tui.render.asset import name_of
from floe_bench.tui.render.meta import child_line, children_of, parent_line
from floe_bench.tui.render.text import GAP, Line, Span, Tone, clean
from floe_bench.tui.view import View


class LineageTab(Tab):
    tab: ClassVar[str] = "lineage"
    title: ClassVar[str] = "Lineage"

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        asset, assets = asset_of(state, view), state.assets or {}
        if asset is None:
            return still(face.empty("No asset is selected.", ("1", "select one")))
        lines: list[Line] = []
        for key in asset.upstream:
            parent = assets.get(key)
            table = (state.tables or {}).get(parent.table) if parent is not None else None
            read = asset.inputs.get(parent.table) if parent is not None else None
            lines.append(parent_line(parent, key, read, table.snapshot_id if table else None, width))
        mark = glyph.ASSET[asset.status]
        lines.append(
            Line(
                (Span("  "), mark.span, GAP, Span(clean(name_of(asset)), bold=True), Span(f"  {mark.word}", mark.tone))
            )
        )
        lines += [Line((Span("      ← ", Tone.WARN), Span(clean(why), Tone.SOFT))) for why in asset.why_stale]
        children = children_of(assets.values(), asset.asset)
        lines += [child_line(child, width) for child in children]
        said = f"reads {unit.count(len(asset.upstream))}, read by {unit.count(len(children))}"
        return still((*lines, Line(()), Line((Span(f"  {said}", Tone.FAINT),))), "kin")
