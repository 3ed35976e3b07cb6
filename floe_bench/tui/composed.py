"""Painting what changed and no more."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


class SparingCompositor(Compositor):
    """Textual's own asks every widget for all its lines when one of them changed, and throws most of them away."""

    _wanted: tuple[Region, ...] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        self._wanted = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._wanted = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._wanted:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if shown and any(shown.overlaps(each) for each in self._wanted):
                yield region, clip, widget.render_lines(shown.translate(-region.offset))


class Composed(Screen[None]):
    """One of the app's screens."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def paint(self, widget: Widget) -> None:
        """What of ``widget`` changed, at once: a key is answered, and Textual's next frame is one or two periods away.

        Left to that frame where something is to be laid out.
        """
        if self.is_current and not (self.app._batch_count or self._layout_required or self._scroll_required):
            waiting = self._dirty_widgets - {widget}
            self._compositor.update_widgets({widget})
            self._compositor_refresh()
            self._dirty_widgets |= waiting
