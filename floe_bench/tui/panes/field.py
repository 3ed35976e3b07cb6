"""A line to type into."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from floe_bench.tui.panes.at_once import done_at_once


class Field(Input):
    """Each key is done before the letters that were typed behind it."""

    async def _on_key(self, event: events.Key) -> None:
        if not await done_at_once(self, event):
            await super()._on_key(event)
