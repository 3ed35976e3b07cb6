"""Everything that is known of the selected asset and snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from floe_bench.state import BenchState
from floe_bench.tui.chosen import last_try
from floe_bench.tui.panes.line_list import GUTTER, Item
from floe_bench.tui.panes.tabs.subject import asset_of, snapshot_shown
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face
from floe_bench.tui.render.meta import asset_facts, beside, message_facts, snapshot_facts
from floe_bench.tui.view import View

_ROOMY = 110


class MetaTab(Tab):
    tab: ClassVar[str] = "meta"
    title: ClassVar[str] = "Meta"

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        known, asset = facts(self), asset_of(state, view)
        snapshot = snapshot_shown(state, view) if asset is None or asset.table == view.table else None
        if asset is None and snapshot is None:
            return still(face.empty("No asset is selected.", ("1", "select one"), ("3", "or a snapshot")))
        room = width // 2 if width >= _ROOMY and snapshot is not None else width
        left = asset_facts(asset, room - GUTTER, known.then(), known.zone) if asset is not None else []
        right = snapshot_facts(snapshot, known.then(), known.zone) if snapshot is not None else []
        said = message_facts(last_try(state, view, asset.node_id), width - GUTTER) if asset is not None else []
        return still([*(beside(left, right, width) if left else right), *said], "fact")
